//! Which order each of the last events belongs to: what a stream needs to go on after a cursor.

use crate::order::OrderId;
use std::{collections::VecDeque, iter};

/// How many events are remembered unless the settings say otherwise: 4 MiB.
pub(super) const DEFAULT_EVENTS: usize = 262_144;

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

    /// The next so many events belong to this order.
    pub(super) fn push(&mut self, order: OrderId, events: usize) {
        self.last += events as u64;
        let kept = events.min(self.bound);
        let excess = (self.orders.len() + kept).saturating_sub(self.bound);
        self.orders.drain(..excess);
        self.orders.extend(iter::repeat_n(order, kept));
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
