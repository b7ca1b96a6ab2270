//! Changes that nobody waits for: each is held for the next of its order, so that one record does for both.

use super::writer::Pending;
use crate::order::OrderId;
use rustc_hash::FxHashMap;
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// How long a change is held while there is nothing else to write.
pub(super) const HOLD: Duration = Duration::from_millis(5);
/// How long a change is held at the most. Under load an order waits longer for its next step, as for its turn in its lane;
/// nobody who watches it notices.
pub(super) const LONGEST_HOLD: Duration = Duration::from_millis(50);

/// What is held, by order.
#[derive(Default)]
pub(super) struct Deferred {
    orders: FxHashMap<OrderId, Entry>,
    /// When each entry was made, oldest first; some are gone by now.
    entries: VecDeque<(Instant, OrderId)>,
}

/// What is held of one order, oldest first.
struct Entry {
    since: Instant,
    changes: Vec<Pending>,
}

impl Deferred {
    /// Holds a change, from now on unless one of its order is held already.
    pub(super) fn put(&mut self, pending: Pending, now: Instant) {
        let id = pending.change.order.id;
        let entry = self.orders.entry(id).or_insert_with(|| {
            self.entries.push_back((now, id));
            Entry { since: now, changes: Vec::with_capacity(1) }
        });
        entry.changes.push(pending);
    }

    /// What is held of this order: it is to be written now.
    pub(super) fn take(&mut self, id: OrderId) -> Vec<Pending> {
        self.orders.remove(&id).map(|entry| entry.changes).unwrap_or_default()
    }

    /// Takes what has been held for so long, and what is more than so many orders.
    pub(super) fn take_due(&mut self, now: Instant, hold: Duration, most: usize) -> Vec<Pending> {
        let mut due = Vec::new();
        while let Some((since, id)) = self.entries.front().copied() {
            let is_due = now.saturating_duration_since(since) >= hold || self.orders.len() > most;
            match self.is_held(since, id) {
                true if !is_due => break,
                true => due.append(&mut self.take(id)),
                false => {}
            }
            self.entries.pop_front();
        }
        due
    }

    /// When something has to be written, should there be nothing else until then.
    pub(super) fn next_due(&mut self) -> Option<Instant> {
        while let Some((since, id)) = self.entries.front().copied() {
            if self.is_held(since, id) {
                return Some(since + HOLD);
            }
            self.entries.pop_front();
        }
        None
    }

    /// Whether this entry is still there.
    fn is_held(&self, since: Instant, id: OrderId) -> bool {
        self.orders.get(&id).is_some_and(|entry| entry.since == since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        Receipt,
        samples::{accepted, id, step},
    };

    fn pending(number: u64) -> Pending {
        Pending { change: step(&accepted(number), 1), receipt: Receipt::pending().0 }
    }

    fn ids(changes: &[Pending]) -> Vec<OrderId> {
        changes.iter().map(|pending| pending.change.order.id).collect()
    }

    #[test]
    fn what_is_held_is_due_after_a_while_and_its_order_brings_it_forward() {
        let (mut deferred, begin) = (Deferred::default(), Instant::now());
        assert_eq!(deferred.next_due(), None);
        deferred.put(pending(1), begin);
        deferred.put(pending(2), begin + HOLD / 2);
        deferred.put(pending(1), begin + HOLD / 2);
        assert_eq!(deferred.next_due(), Some(begin + HOLD));
        assert!(deferred.take_due(begin + HOLD / 2, HOLD, 9).is_empty());
        assert!(deferred.take_due(begin + HOLD, LONGEST_HOLD, 9).is_empty());
        assert_eq!(ids(&deferred.take_due(begin + HOLD, HOLD, 9)), [id(1), id(1)]);
        assert_eq!(ids(&deferred.take(id(2))), [id(2)]);
        assert_eq!((deferred.next_due(), deferred.take(id(2)).len()), (None, 0));
    }

    #[test]
    fn what_was_taken_and_is_held_again_has_its_full_time() {
        let (mut deferred, begin) = (Deferred::default(), Instant::now());
        deferred.put(pending(1), begin);
        deferred.take(id(1));
        deferred.put(pending(1), begin + HOLD / 2);
        assert!(deferred.take_due(begin + HOLD, HOLD, 9).is_empty());
        assert_eq!(deferred.next_due(), Some(begin + HOLD / 2 + HOLD));
    }

    #[test]
    fn more_than_there_may_be_are_not_held() {
        let (mut deferred, begin) = (Deferred::default(), Instant::now());
        (1..=3).for_each(|number| deferred.put(pending(number), begin));
        assert_eq!(ids(&deferred.take_due(begin, HOLD, 2)), [id(1)]);
    }
}
