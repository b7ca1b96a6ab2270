//! Which orders have a row.

use orderd_sdk::{client::Packed, filter::Filter, timestamp::Timestamp};
use std::fmt::Debug;

/// Tells which orders have a row. What operators write is a [`Filter`]; the empty one means every order.
pub trait Pick: Debug + Send {
    /// Whether an order has one at this moment.
    fn matches(&self, order: &Packed, now: Timestamp) -> bool;

    /// The next moment after this one at which the passing of time alone may change that. It may be too early, and
    /// never too late.
    fn turns_at(&self, order: &Packed, now: Timestamp) -> Option<Timestamp>;
}

impl Pick for Filter {
    fn matches(&self, order: &Packed, now: Timestamp) -> bool {
        self.matches(order, now)
    }

    fn turns_at(&self, order: &Packed, now: Timestamp) -> Option<Timestamp> {
        self.turns_at(order, now)
    }
}
