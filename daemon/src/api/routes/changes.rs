//! `GET /api/orders?since=`: the orders that have changed after a cursor, in the order in which they did.

use super::list::{filter, page_limit, statuses};
use crate::{
    api::{
        ApiState,
        parameters::{Parameters, invalid},
        problem::{ApiError, Gone},
        reply::{self, RouteResult},
    },
    order::{OrderId, View},
    store::StoreError,
};
use hyper::StatusCode;
use orderd_sdk::wire::OrderChanges;
use std::collections::HashMap;

const DEFAULT_LIMIT: usize = 100;
/// Events looked at for one page, however few orders they belong to.
const MAX_EVENTS: usize = 10_000;

/// Answers with the orders of the next events, each as it stands now, and where to go on.
pub(in crate::api) async fn changes(state: &ApiState, query: &Parameters) -> RouteResult {
    if query.text("cursor").is_some() {
        return Err(invalid("since and cursor do not go together: one lists changes, the other all orders"));
    }
    let since = query.value("since", "the cursor of an event")?.unwrap_or_default();
    let (limit, statuses) = (page_limit(query, DEFAULT_LIMIT)?, statuses(query)?);
    let (filter, now) = (filter(query)?.unwrap_or_default(), state.stats.now());
    let owners = owners_after(state, since, query.text("epoch"))?;
    let page = Page::of(&owners, limit);
    let mut orders = Vec::with_capacity(page.orders.len());
    for id in page.orders {
        let Some(order) = state.desk.load(id).await? else {
            // It may have been removed a moment ago, with what is remembered of that time.
            owners_after(state, since, query.text("epoch"))?;
            return Err(missing(id).into());
        };
        if statuses.is_empty() || statuses.contains(&order.state.status()) {
            orders.extend(Some(View::latest(&order)).filter(|order| filter.matches(order, now)));
        }
    }
    let changes = OrderChanges {
        success: true,
        epoch: state.desk.position().0.to_string(),
        cursor: since + page.events as u64,
        more: page.events < owners.len(),
        orders,
    };
    Ok(reply::json(StatusCode::OK, &changes))
}

/// To which orders the events after this cursor belong: one more than is looked at, to tell whether there are more.
fn owners_after(state: &ApiState, since: u64, epoch: Option<&str>) -> Result<Vec<OrderId>, ApiError> {
    let (current, top) = state.desk.position();
    let gone = |why| ApiError::CursorGone { why, epoch: current, top };
    if epoch.is_some_and(|epoch| epoch != current.to_string()) {
        return Err(gone(Gone::Epoch));
    }
    if since > top {
        return Err(gone(Gone::Ahead));
    }
    state.desk.history(since, MAX_EVENTS + 1).ok_or_else(|| gone(Gone::TooOld))
}

fn missing(id: OrderId) -> StoreError {
    StoreError::Corrupt { what: format!("order {id}"), reason: "it has events, but is not there".to_owned() }
}

/// What one answer covers.
#[derive(Debug, PartialEq, Eq)]
struct Page {
    /// So many events.
    events: usize,
    /// Their orders, each where its last one of these events is.
    orders: Vec<OrderId>,
}

impl Page {
    /// As many of these events as belong to at most so many orders.
    fn of(owners: &[OrderId], limit: usize) -> Self {
        let mut last = HashMap::new();
        let mut events = 0;
        for owner in owners.iter().take(MAX_EVENTS) {
            if last.len() == limit && !last.contains_key(owner) {
                break;
            }
            last.insert(*owner, events);
            events += 1;
        }
        let mut orders: Vec<_> = last.into_iter().collect();
        orders.sort_unstable_by_key(|(_, at)| *at);
        Self { events, orders: orders.into_iter().map(|(order, _)| order).collect() }
    }
}
