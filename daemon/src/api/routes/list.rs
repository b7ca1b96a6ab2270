//! `GET /api/orders`: orders, newest first, in pages.

use crate::{
    api::{
        ApiState,
        parameters::{Parameters, invalid},
        reply::{self, RouteResult},
    },
    order::View,
    store::ListQuery,
};
use hyper::StatusCode;
use orderd_sdk::wire::OrderPage;

const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 500;

/// Answers with one page.
pub(in crate::api) async fn list(state: &ApiState, query: &Parameters) -> RouteResult {
    let limit = query.value("limit", "a number from 1 to 500")?.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(invalid(format!("limit must be a number from 1 to {MAX_LIMIT}")));
    }
    let query = ListQuery {
        before: query.value("cursor", "the nextCursor of an earlier page")?,
        statuses: query.list("status", "a list of order statuses, with commas")?,
        limit,
    };
    let page = state.desk.list(query).await?;
    let page = OrderPage {
        success: true,
        orders: page.orders.iter().map(|order| View::latest(order)).collect(),
        next_cursor: page.next.map(|id| id.to_string()),
    };
    Ok(reply::json(StatusCode::OK, &page))
}
