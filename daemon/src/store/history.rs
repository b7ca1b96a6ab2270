//! Which order each of the last events belongs to: what a stream needs to go on after a cursor.
//!
//! It is kept in memory only. At a start it is made anew of the orders that were written last; where these leave a
//! hole, it begins after the hole.

use crate::order::{Order, OrderId};
use std::{collections::VecDeque, iter, sync::Arc};

/// How many events are remembered unless the settings say otherwise: 4 MiB.
pub(super) const DEFAULT_EVENTS: usize = 262_144;

/// How many events are remembered after a start at the most: each may cost one order that has to be read.
pub(super) const RESTORED_EVENTS: usize = 16_384;

/// The orders of the last events, without a hole up to the last event of all.
#[derive(Debug)]
pub(super) struct History {
    /// One for each event, in the order of cursors.
    orders: VecDeque<OrderId>,
    /// The cursor of the last event.
    last: u64,
    /// How many events are remembered.
    bound: usize,
}

impl History {
    /// Remembers nothing up to this cursor, and from there on so many events.
    pub(super) fn after(last: u64, bound: usize) -> Self {
        // All of its memory at once: growing would copy it under the board's lock. The system gives pages as they fill.
        Self { orders: VecDeque::with_capacity(bound), last, bound }
    }

    /// Remembers of the events up to this cursor what these orders tell, and from there on so many. Orders are taken
    /// until they tell enough.
    pub(super) fn of(last: u64, bound: usize, orders: impl IntoIterator<Item = Arc<Order>>) -> Self {
        let mut owners = Owners::before(last, bound.min(RESTORED_EVENTS));
        let mut orders = orders.into_iter();
        while owners.missing > 0
            && let Some(order) = orders.next()
        {
            owners.take(&order);
        }
        let mut history = Self::after(last, bound);
        history.orders.extend(owners.known_run());
        history
    }

    /// The next so many events belong to this order.
    pub(super) fn push(&mut self, order: OrderId, events: usize) {
        self.last += events as u64;
        let kept = events.min(self.bound);
        let excess = (self.orders.len() + kept).saturating_sub(self.bound);
        self.orders.drain(..excess);
        self.orders.extend(iter::repeat_n(order, kept));
    }

    /// Of the events up to this cursor one is not there any more, so none of them is told.
    pub(super) fn forget(&mut self, up_to: u64) {
        let after = usize::try_from(self.last.saturating_sub(up_to)).unwrap_or(usize::MAX);
        let excess = self.orders.len().saturating_sub(after);
        self.orders.drain(..excess);
    }

    /// The cursor of the last event.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// To which orders the events after this cursor belong, in order, at most so many; none when that is too long ago.
    pub(super) fn read(&self, after: u64, limit: usize) -> Option<Vec<OrderId>> {
        let Some(behind) = self.last.checked_sub(after) else {
            return Some(Vec::new());
        };
        let behind = usize::try_from(behind).ok()?;
        let start = self.orders.len().checked_sub(behind)?;
        Some(self.orders.range(start..).take(limit).copied().collect())
    }
}

/// The orders of the last events as they are found out.
struct Owners {
    /// Of the events after this cursor.
    after: u64,
    orders: Vec<Option<OrderId>>,
    missing: usize,
}

impl Owners {
    /// Of so many events up to this cursor none is known.
    fn before(last: u64, most: usize) -> Self {
        let missing = usize::try_from(last).map_or(most, |last| last.min(most));
        Self { after: last - missing as u64, orders: vec![None; missing], missing }
    }

    fn take(&mut self, order: &Order) {
        for event in &order.events {
            let index = event.cursor.get().checked_sub(self.after + 1);
            let index = index.and_then(|index| usize::try_from(index).ok());
            let Some(owner) = index.and_then(|index| self.orders.get_mut(index)) else {
                continue;
            };
            if owner.replace(order.id).is_none() {
                self.missing -= 1;
            }
        }
    }

    /// Those after the last hole.
    fn known_run(self) -> impl Iterator<Item = OrderId> {
        let start = self.orders.iter().rposition(Option::is_none).map_or(0, |hole| hole + 1);
        self.orders.into_iter().skip(start).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::{accepted, after, id, routing};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// An order for each number, with the events that belong to it.
    fn orders_of(owners: &[u64]) -> Vec<Arc<Order>> {
        let numbers: BTreeSet<u64> = owners.iter().copied().collect();
        let order = |number| {
            let cursors = (1..).zip(owners).filter(|(_, owner)| **owner == number).map(|(cursor, _)| cursor);
            let mut order = accepted(number);
            while order.events.len() < cursors.clone().count() {
                order = after(&order, routing());
            }
            order.events.iter().zip(cursors).for_each(|(event, cursor)| event.cursor.set(cursor));
            Arc::new(order)
        };
        numbers.into_iter().map(order).collect()
    }

    /// What a history with this bound says, when all events are known.
    fn expected(owners: &[u64], bound: usize, after: usize, limit: usize) -> Option<Vec<OrderId>> {
        let later = owners.get(after..).unwrap_or_default();
        (later.len() <= bound).then(|| later.iter().take(limit).map(|number| id(*number)).collect())
    }

    proptest! {
        #[test]
        fn it_says_of_the_last_events_what_was_told_of_them(
            pushes in prop::collection::vec((0..5_u64, 0..7_usize), 0..20), bound in 1..20_usize, start in 0..9_u64,
        ) {
            let mut history = History::after(start, bound);
            let mut owners = vec![0; start as usize];
            for (number, events) in pushes {
                history.push(id(number), events);
                owners.extend(iter::repeat_n(number, events));
                prop_assert_eq!(history.last(), owners.len() as u64);
                let known = bound.min(owners.len() - start as usize);
                for after in 0..=owners.len() + 2 {
                    for limit in [0, 1, 4, 100] {
                        let said = history.read(after as u64, limit);
                        prop_assert_eq!(said, expected(&owners, known, after, limit));
                    }
                }
            }
        }

        #[test]
        fn nothing_is_told_up_to_what_was_forgotten(
            owners in prop::collection::vec(0..6_u64, 0..30), bound in 1..40_usize, up_to in 0..40_usize,
        ) {
            let mut history = History::after(0, bound);
            owners.iter().for_each(|owner| history.push(id(*owner), 1));
            history.forget(up_to as u64);
            let known = owners.len().saturating_sub(up_to).min(bound);
            for after in 0..=owners.len() + 2 {
                prop_assert_eq!(history.read(after as u64, 100), expected(&owners, known, after, 100));
            }
            prop_assert_eq!(history.last(), owners.len() as u64);
        }

        #[test]
        fn what_orders_tell_is_restored_up_to_the_first_hole(
            owners in prop::collection::vec(0..6_u64, 0..30), unknown in prop::option::of(0..6_u64), bound in 1..40_usize,
        ) {
            let mut known = orders_of(&owners);
            known.retain(|order| Some(order.id) != unknown.map(id));
            let history = History::of(owners.len() as u64, bound, known);
            let run = owners.iter().rev().take_while(|owner| Some(**owner) != unknown).count().min(bound);
            for after in 0..=owners.len() {
                let expected = expected(&owners, run, after, 100);
                prop_assert_eq!(history.read(after as u64, 100), expected);
            }
        }
    }

    #[test]
    fn no_more_orders_are_taken_than_tell_enough() {
        let orders = orders_of(&[1, 2, 3, 3, 4, 4]);
        let mut taken = 0;
        let newest_first = orders.into_iter().rev().inspect(|_| taken += 1);
        let history = History::of(6, 4, newest_first);
        assert_eq!(history.read(2, 9), Some([3, 3, 4, 4].map(id).to_vec()));
        assert_eq!(taken, 2);
    }

    #[test]
    fn no_more_is_restored_than_may_be_read() {
        let owners: Vec<u64> = (0..RESTORED_EVENTS as u64 + 2).collect();
        let history = History::of(owners.len() as u64, owners.len(), orders_of_singles(&owners));
        assert_eq!(history.read(1, 1), None);
        assert_eq!(history.read(2, 1), Some(vec![id(2)]));
    }

    fn orders_of_singles(owners: &[u64]) -> impl Iterator<Item = Arc<Order>> {
        owners.iter().rev().map(|number| {
            let order = accepted(*number);
            order.events[0].cursor.set(number + 1);
            Arc::new(order)
        })
    }
}
