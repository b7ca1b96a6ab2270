//! What accounts have sold before the start, read from the orders themselves.

use super::caps::Caps;
use crate::{
    config::SpendCap,
    order::Lane,
    store::{ListQuery, Store, StoreError},
};
use std::collections::BTreeMap;

/// Orders that are read at once.
const PAGE: usize = 1_000;

/// The caps of every lane that has any, with all that counts against them. An order that was accepted long ago may have
/// been signed a moment ago, so every order is looked at; without caps, none is.
pub(super) async fn read(
    store: &dyn Store,
    caps: &BTreeMap<Lane, Vec<SpendCap>>,
) -> Result<BTreeMap<Lane, Caps>, StoreError> {
    let mut lanes: BTreeMap<Lane, Caps> =
        caps.iter().map(|(lane, caps)| (lane.clone(), Caps::new(caps))).collect();
    let mut query = ListQuery { limit: PAGE, ..ListQuery::default() };
    while !lanes.is_empty() {
        let page = store.list(query.clone()).await?;
        for order in page.orders {
            if let Some(caps) = lanes.get_mut(&order.lane()) {
                caps.restore(&order);
            }
        }
        match page.next {
            Some(next) => query.before = Some(next),
            None => break,
        }
    }
    Ok(lanes)
}
