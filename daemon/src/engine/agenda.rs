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
    /// Since when its newest transaction waits for a block.
    pub(super) waits_since: Instant,
    /// Since when nothing of its account is in front of it.
    pub(super) first_since: Option<Instant>,
    /// From when on another transaction may take its place.
    pub(super) replace_at: Instant,
    /// How often, in a row, none could be signed.
    pub(super) refusals: u32,
}

impl Watched {
    /// An order that nothing is known of yet.
    pub(super) fn new(job: Job, look_at: Instant, resend_at: Instant) -> Self {
        Self {
            job,
            look_at,
            resend_at,
            misses: 0,
            resends: 0,
            waits_since: look_at,
            first_since: None,
            replace_at: look_at,
            refusals: 0,
        }
    }

    /// How many transactions there are to look up.
    fn weight(&self) -> usize {
        self.job.order.open_slot().map_or(1, |slot| slot.transactions.len())
    }
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

    /// Takes an order off the agenda, whenever it is due.
    pub(super) fn take(&mut self, id: OrderId) -> Option<Watched> {
        let watched = self.watched.remove(&id)?;
        self.dates.remove(&(watched.look_at, id));
        Some(watched)
    }

    /// Takes the orders that are due by now off the agenda, the longest due first, with so many transactions at the
    /// most, but one order at least.
    pub(super) fn take_due(&mut self, now: Instant, most: usize) -> Vec<Watched> {
        let (mut due, mut weight) = (Vec::new(), 0);
        while let Some((_, id)) = self.dates.first().copied().filter(|(at, _)| *at <= now) {
            weight += self.watched[&id].weight();
            if weight > most && !due.is_empty() {
                break;
            }
            due.extend(self.take(id));
        }
        due
    }
}
