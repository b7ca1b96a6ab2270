//! `GET /api/orders`: orders, newest first, in pages.

use crate::{
    api::{
        ApiState,
        parameters::{self, Parameters, invalid},
        problem::ApiError,
        reply::{self, RouteResult},
        search::Search,
    },
    engine::Desk,
    order::{OrderId, View},
    store::{ListQuery, StoreError},
};
use hyper::StatusCode;
use orderd_sdk::{
    filter::Filter,
    wire::{OrderDto, OrderPage, OrderStatus},
};

const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 500;
/// Orders looked at for one page of a filter. A rare one gives short pages then, not long waits.
const LOOKS: usize = 5_000;

/// Answers with one page.
pub(in crate::api) async fn list(state: &ApiState, query: &Parameters) -> RouteResult {
    if query.text("epoch").is_some() {
        return Err(invalid("epoch goes with since"));
    }
    let limit = page_limit(query, DEFAULT_LIMIT)?;
    let (before, statuses) = (query.value("cursor", "the nextCursor of an earlier page")?, statuses(query)?);
    let (orders, next) = match filter(query)? {
        Some(filter) => {
            let search = Search::new(filter, statuses, before, state.stats.now());
            filtered(&*state.desk, search, limit).await?
        }
        None => {
            let query = ListQuery { before, statuses, limit, changed_since: None };
            let page = state.desk.list(query).await?;
            (page.orders.iter().map(|order| View::latest(order)).collect(), page.next)
        }
    };
    let next_cursor = next.map(|id| id.to_string());
    Ok(reply::json(StatusCode::OK, &OrderPage { success: true, orders, next_cursor }))
}

/// At most so many orders that match, and the last order that was looked at when there may be more.
async fn filtered(
    desk: &dyn Desk,
    mut search: Search,
    limit: usize,
) -> Result<(Vec<OrderDto>, Option<OrderId>), StoreError> {
    let mut orders = Vec::new();
    while search.goes_on(LOOKS) {
        for found in search.step(desk).await? {
            orders.push(found.shown);
            if orders.len() == limit {
                return Ok((orders, Some(found.order.id)));
            }
        }
    }
    Ok((orders, search.place()))
}

/// How many orders a page may have.
pub(super) fn page_limit(query: &Parameters, default: usize) -> Result<usize, ApiError> {
    let limit = query.value("limit", "a number from 1 to 500")?.unwrap_or(default);
    match (1..=MAX_LIMIT).contains(&limit) {
        true => Ok(limit),
        false => Err(invalid(format!("limit must be a number from 1 to {MAX_LIMIT}"))),
    }
}

/// Which orders are meant, where a filter says so.
pub(super) fn filter(query: &Parameters) -> Result<Option<Filter>, ApiError> {
    query.text("filter").map(parameters::filter).transpose()
}

/// Which orders are wanted; all, when none is named.
pub(super) fn statuses(query: &Parameters) -> Result<Vec<OrderStatus>, ApiError> {
    query.list("status", "a list of order statuses, with commas")
}
