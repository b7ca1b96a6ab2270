//! Which orders have a row.

use orderd_sdk::{client::Packed, timestamp::Timestamp};
use std::fmt::Debug;

/// Tells which orders have a row.
pub trait Pick: Debug + Send {
    /// Whether an order has one at this moment.
    fn matches(&self, order: &Packed, now: Timestamp) -> bool;

    /// The next moment after this one at which the passing of time alone may change that. It may be too early, and
    /// never too late.
    fn turns_at(&self, order: &Packed, now: Timestamp) -> Option<Timestamp>;
}

/// Every order.
#[derive(Clone, Copy, Debug)]
pub struct Everything;

impl Pick for Everything {
    fn matches(&self, _: &Packed, _: Timestamp) -> bool {
        true
    }

    fn turns_at(&self, _: &Packed, _: Timestamp) -> Option<Timestamp> {
        None
    }
}
