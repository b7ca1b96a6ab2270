//! What the hub remembers from before the start: most clients come back for the newest events, and share what is in memory.

use crate::{
    order::{Order, OrderId},
    store::Store,
    stream::Published,
};
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

/// Events that are read into memory at the start, at the most.
const REMEMBERED: u64 = 1_024;

/// The newest events of the store, oldest first, without a hole up to the last one.
pub(super) async fn last_events(store: &dyn Store) -> Vec<Published> {
    let after = store.cursor().saturating_sub(REMEMBERED);
    let mut orders: HashMap<OrderId, Option<Arc<Order>>> = HashMap::new();
    let mut events = Vec::new();
    for (id, cursor) in store.history(after, usize::MAX).into_iter().flatten().zip(after + 1..) {
        let order = match orders.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            // What cannot be read is told to whoever asks for it.
            Entry::Vacant(unknown) => unknown.insert(store.load(id).await.unwrap_or_default()),
        };
        events.push(order.as_ref().and_then(|order| Published::at(order, cursor)));
    }
    after_the_last_hole(events)
}

/// A hole in memory would be one in what clients are told; before it, they are told from storage.
fn after_the_last_hole<T>(events: Vec<Option<T>>) -> Vec<T> {
    let first = events.iter().rposition(Option::is_none).map_or(0, |hole| hole + 1);
    events.into_iter().skip(first).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_has_no_hole() {
        assert_eq!(after_the_last_hole(vec![Some(1), Some(2)]), [1, 2]);
        assert_eq!(after_the_last_hole(vec![Some(1), None, Some(3), None, Some(5), Some(6)]), [5, 6]);
        assert_eq!(after_the_last_hole(vec![Some(1), None]), [0_i32; 0]);
        assert_eq!(after_the_last_hole(Vec::<Option<u64>>::new()), [0_u64; 0]);
    }
}
