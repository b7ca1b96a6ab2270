//! Sent orders by when to look at them next.

use super::job::Job;
use crate::order::OrderId;
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::Instant;

/// An order that was sent and is being followed.
pub(super) struct Watched {
    pub(super) job: Job,
    /// When to ask the chain about it.
    pub(super) look_at: Instant,
    /// From when on its bytes go out again, should the chain have nothing of them.
    pub(super) resend_at: Instant,
    /// At how many looks in a row, up to the last, the chain had nothing of it.
    pub(super) misses: u32,
    /// How often its bytes went out again.
    pub(super) resends: u32,
}

/// Every order of a tracker that is not in hand at the moment.
#[derive(Default)]
pub(super) struct Agenda {
    watched: BTreeMap<OrderId, Watched>,
    dates: BTreeSet<(Instant, OrderId)>,
}

impl Agenda {
    /// Puts an order down for its time.
    pub(super) fn put(&mut self, watched: Watched) {
        let id = watched.job.order.id;
        self.dates.insert((watched.look_at, id));
        let before = self.watched.insert(id, watched);
        debug_assert!(before.is_none(), "an order is in one pair of hands at a time");
    }

    /// When the next order is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.dates.first().map(|(at, _)| *at)
    }

    /// Takes the orders that are due by now off the agenda, the longest due first, so many at the most.
    pub(super) fn take_due(&mut self, now: Instant, most: usize) -> Vec<Watched> {
        let mut due = Vec::new();
        while due.len() < most && self.next_due().is_some_and(|at| at <= now) {
            let (_, id) = self.dates.pop_first().expect("there is a next one");
            due.extend(self.watched.remove(&id));
        }
        due
    }
}
