//! Orders as they were last seen: enough to tell what a change has changed, and what is not over but needs eyes.

use orderd_sdk::{client::Packed, timestamp::Timestamp, wire::OrderStatus};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

/// Orders at the most. The cache holds fewer, and says which it lets go of.
const MOST: usize = 114_000;

/// What is remembered of an order, in few bytes: there may be many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glimpse {
    /// When its last event happened.
    pub at: Timestamp,
    /// The number of that event.
    pub seq: u32,
    /// Attempts begun.
    pub attempts: u16,
    /// Where it stood.
    pub status: OrderStatus,
}

impl Glimpse {
    /// What is remembered of this.
    #[must_use]
    pub fn of(order: &Packed) -> Self {
        Self {
            at: order.updated_at,
            seq: u32::try_from(order.seq()).unwrap_or(u32::MAX),
            attempts: u16::try_from(order.attempts).unwrap_or(u16::MAX),
            status: order.status,
        }
    }
}

/// All orders that were seen and are still there.
#[derive(Debug, Default)]
pub struct Seen {
    orders: HashMap<Arc<str>, Glimpse>,
    failed: u64,
    unknown: BTreeMap<Arc<str>, Timestamp>,
}

impl Seen {
    /// Orders that have failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// Orders whose outcome is unknown, and since when as far as it was seen, the longest first.
    #[must_use]
    pub fn unknown(&self) -> Vec<(Arc<str>, Timestamp)> {
        let mut unknown: Vec<_> = self.unknown.iter().map(|(id, since)| (Arc::clone(id), *since)).collect();
        unknown.sort_by_key(|(_, since)| *since);
        unknown
    }

    /// An order stands so now. Gives how it stood before.
    pub(super) fn put(&mut self, now: Glimpse, id: &Arc<str>) -> Option<Glimpse> {
        if self.orders.len() >= MOST && !self.orders.contains_key(id) {
            self.make_room();
        }
        let before = self.orders.insert(Arc::clone(id), now);
        self.uncount(before);
        self.failed += u64::from(now.status == OrderStatus::Failed);
        match now.status {
            OrderStatus::Unknown => {
                self.unknown.entry(Arc::clone(id)).or_insert(now.at);
            }
            _ => {
                self.unknown.remove(id);
            }
        }
        before
    }

    /// An order is gone.
    pub(super) fn forget(&mut self, id: &Arc<str>) {
        let before = self.orders.remove(id);
        self.uncount(before);
        self.unknown.remove(id);
    }

    /// No other orders are there any more.
    pub(super) fn keep(&mut self, there: &HashSet<&str>) {
        self.retain(|id, _| there.contains(id));
    }

    fn uncount(&mut self, before: Option<Glimpse>) {
        self.failed -= u64::from(before.is_some_and(|before| before.status == OrderStatus::Failed));
    }

    /// Forgets orders that are over: little is still to be told of them.
    fn make_room(&mut self) {
        self.retain(|_, glimpse| !glimpse.status.is_terminal());
        if self.orders.len() >= MOST {
            *self = Self::default();
        }
    }

    fn retain(&mut self, stays: impl Fn(&str, &Glimpse) -> bool) {
        self.orders.retain(|id, glimpse| stays(id, glimpse));
        self.unknown.retain(|id, _| self.orders.contains_key(id));
        let failed = self.orders.values().filter(|glimpse| glimpse.status == OrderStatus::Failed);
        self.failed = failed.count() as u64;
    }
}
