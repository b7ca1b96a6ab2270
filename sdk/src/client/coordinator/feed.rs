//! A cache that is filled by hand: for tests and benchmarks of what reads one.

use super::{Cache, CoordinatorOptions, cache::CacheWriter, ledger::Ledger};
use crate::wire::OrderDto;
use std::sync::Arc;

/// Fills a [`Cache`] as a coordinator does, but with what it is told by its owner.
pub struct Feed {
    ledger: Ledger,
    writer: CacheWriter,
}

impl Feed {
    /// An empty cache with these bounds, and what fills it.
    #[must_use]
    pub fn new(options: &CoordinatorOptions) -> (Self, Cache) {
        let (writer, cache) = Cache::new(options.max_changed, options.max_submissions);
        (Self { ledger: Ledger::new(options.max_orders, Arc::default()), writer }, cache)
    }

    /// The next batch has this order as it stands now.
    pub fn put(&mut self, order: OrderDto) {
        let cursor = order.seq;
        self.ledger.put(order, cursor);
    }

    /// With the next batch this order is gone.
    pub fn remove(&mut self, id: &str) {
        self.ledger.forget(id);
    }

    /// What was put and removed reaches the cache at once, and its readers are told once.
    pub fn flush(&mut self) {
        self.writer.apply(self.ledger.take_batch());
    }
}
