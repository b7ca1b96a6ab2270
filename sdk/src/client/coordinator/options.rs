//! What a coordinator follows, and its bounds.

use super::Backoff;
use crate::wire::{Delivery, OrderFilter, SnapshotOf};
use std::time::Duration;

/// What a coordinator follows, and its bounds. Everything that can grow has one here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoordinatorOptions {
    /// The orders to keep in the cache; all of them when empty.
    pub filter: OrderFilter,
    /// What becomes of events that come faster than they are read.
    pub delivery: Delivery,
    /// Milliseconds, 0 to 250, that the daemon may hold events back in order to send several at once.
    pub batch_ms: u64,
    /// Whether the cache begins with the orders that are not over, or empty.
    pub snapshot: SnapshotOf,
    /// Changes within this time reach the cache together, and its readers are told once. With zero each burst from
    /// the socket is applied at once.
    pub batch_window: Duration,
    /// Orders in the cache. When there are more, the oldest that are over go first.
    pub max_orders: usize,
    /// Changes that a reader of the cache may be behind and still be told one by one.
    pub max_changed: usize,
    /// The waits between attempts to connect.
    pub backoff: Backoff,
    /// While the socket is down, changes are asked for this often.
    pub poll: Duration,
    /// Orders that are looked up at the same time after a gap.
    pub max_fetches: usize,
    /// Readers of one order's events.
    pub max_followers: usize,
    /// Readers of the log.
    pub max_log_readers: usize,
    /// Orders that are being handed in, and those that were not accepted and have not been dismissed.
    pub max_submissions: usize,
    /// How often an order is handed in before its outcome is left open.
    pub submit_tries: u32,
}

impl Default for CoordinatorOptions {
    /// For a console: every order, one change of the picture per frame.
    fn default() -> Self {
        Self {
            filter: OrderFilter::default(),
            delivery: Delivery::All,
            batch_ms: 0,
            snapshot: SnapshotOf::Live,
            batch_window: Duration::from_millis(33),
            max_orders: 100_000,
            max_changed: 10_000,
            backoff: Backoff { first: Duration::from_millis(250), most: Duration::from_secs(30) },
            poll: Duration::from_secs(2),
            max_fetches: 8,
            max_followers: 256,
            max_log_readers: 4,
            max_submissions: 256,
            submit_tries: 5,
        }
    }
}
