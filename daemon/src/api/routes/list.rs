//! `GET /api/orders`: orders, newest first, in pages.

use crate::{
    api::{
        ApiState,
        parameters::{Parameters, invalid},
        problem::ApiError,
        reply::{self, RouteResult},
    },
    order::View,
    store::ListQuery,
};
use hyper::StatusCode;
use orderd_sdk::wire::{OrderPage, OrderStatus};

const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 500;

/// Answers with one page.
pub(in crate::api) async fn list(state: &ApiState, query: &Parameters) -> RouteResult {
    if query.text("epoch").is_some() {
        return Err(invalid("epoch goes with since"));
    }
    let limit = page_limit(query, DEFAULT_LIMIT)?;
    let query = ListQuery {
        before: query.value("cursor", "the nextCursor of an earlier page")?,
        statuses: statuses(query)?,
        limit,
        changed_since: None,
    };
    let page = state.desk.list(query).await?;
    let page = OrderPage {
        success: true,
        orders: page.orders.iter().map(|order| View::latest(order)).collect(),
        next_cursor: page.next.map(|id| id.to_string()),
    };
    Ok(reply::json(StatusCode::OK, &page))
}

/// How many orders a page may have.
pub(super) fn page_limit(query: &Parameters, default: usize) -> Result<usize, ApiError> {
    let limit = query.value("limit", "a number from 1 to 500")?.unwrap_or(default);
    match (1..=MAX_LIMIT).contains(&limit) {
        true => Ok(limit),
        false => Err(invalid(format!("limit must be a number from 1 to {MAX_LIMIT}"))),
    }
}

/// Which orders are wanted; all, when none is named.
pub(super) fn statuses(query: &Parameters) -> Result<Vec<OrderStatus>, ApiError> {
    query.list("status", "a list of order statuses, with commas")
}
