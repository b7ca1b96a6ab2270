//! When time alone changes what matches: orders by the moment at which the filter may judge them otherwise.

use orderd_sdk::timestamp::Timestamp;
use std::{cmp::Reverse, collections::BinaryHeap, sync::Arc};

/// Orders and the moments at which they are to be judged again. An order that has changed meanwhile is there more than once;
/// judging it too often is of no harm.
#[derive(Debug, Default)]
pub(super) struct Schedule(BinaryHeap<Reverse<(Timestamp, Arc<str>)>>);

impl Schedule {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn add(&mut self, due: Timestamp, id: Arc<str>) {
        self.0.push(Reverse((due, id)));
    }

    pub(super) fn next(&self) -> Option<Timestamp> {
        self.0.peek().map(|Reverse((due, _))| *due)
    }

    /// Takes those whose moment has come.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Vec<Arc<str>> {
        let mut ids = Vec::new();
        while self.next().is_some_and(|due| due <= now) {
            ids.extend(self.0.pop().map(|Reverse((_, id))| id));
        }
        ids
    }

    /// Whether most of it is about orders as they once were: then making it anew takes less.
    pub(super) fn is_stale(&self, orders: usize) -> bool {
        self.0.len() > 2 * orders + 1024
    }
}
