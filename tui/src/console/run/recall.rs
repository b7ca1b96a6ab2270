//! Brings orders that are over into the cache, page by page, as far back as is of use on a screen.

use crate::console::effect::Reach;
use orderd_sdk::{
    client::{Coordinator, OrdersQuery, RecallError},
    filter::Filter,
};

/// Orders that are brought in at the most: whoever looks for more looks for something narrower.
const MOST: usize = 2_000;
const PAGE: u32 = 500;
/// Calls at the most: pages may be short.
const MOST_CALLS: usize = 40;
/// Gaps that are waited out.
const MOST_GAPS: usize = 3;

/// Brings in the newest orders that the filter means.
pub(super) async fn recall(coordinator: &Coordinator, filter: Filter) -> Result<Reach, RecallError> {
    let mut query = OrdersQuery { filter: Some(filter), limit: Some(PAGE), ..OrdersQuery::default() };
    let (mut orders, mut gaps) = (0, 0);
    for _ in 0..MOST_CALLS {
        match coordinator.recall(query.clone()).await {
            Ok(page) => {
                orders += page.orders;
                query.cursor = page.next_cursor;
            }
            Err(RecallError::Gap) if gaps < MOST_GAPS => {
                // What was read before may be of another store: from the beginning.
                gaps += 1;
                (orders, query.cursor) = (0, None);
                continue;
            }
            Err(error) => return Err(error),
        }
        match query.cursor {
            None => return Ok(Reach::All),
            Some(_) if orders >= MOST => break,
            Some(_) => {}
        }
    }
    Ok(Reach::Newest(orders))
}
