//! What accounts have sold before the start, read from the orders themselves.

use super::caps::Caps;
use crate::{
    config::SpendCap,
    order::Lane,
    store::{ListQuery, Store, StoreError},
};
use orderd_sdk::timestamp::Timestamp;
use std::collections::BTreeMap;

/// Orders that are read at once.
const PAGE: usize = 1_000;

/// The caps of every lane that has any, with all that counts against them now. An order that was accepted long ago may
/// have been signed a moment ago, but its last event is not older than that: by it the store tells which orders have to be
/// read. Without caps, none has.
pub(super) async fn read(
    store: &dyn Store,
    caps: &BTreeMap<Lane, Vec<SpendCap>>,
    now: Timestamp,
) -> Result<BTreeMap<Lane, Caps>, StoreError> {
    let mut lanes: BTreeMap<Lane, Caps> =
        caps.iter().map(|(lane, caps)| (lane.clone(), Caps::new(caps))).collect();
    let Some(since) = lanes.values().filter_map(|caps| caps.since(now)).min() else {
        return Ok(lanes);
    };
    let mut query = ListQuery { limit: PAGE, changed_since: Some(since), ..ListQuery::default() };
    loop {
        let page = store.list(query.clone()).await?;
        for order in page.orders {
            if let Some(caps) = lanes.get_mut(&order.lane()) {
                caps.restore(&order);
            }
        }
        match page.next {
            Some(next) => query.before = Some(next),
            None => return Ok(lanes),
        }
    }
}
