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

    /// Whether there can be such a moment for any order: if not, none is asked for.
    fn depends_on_time(&self) -> bool {
        true
    }

    /// What of each order it reads.
    fn reads(&self) -> Reads {
        Reads::Head
    }
}

/// What of an order is read: a hint that costs time when it is wrong, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// What every order has in one place.
    Head,
    /// Also its own texts, which lie elsewhere.
    OwnTexts,
}

impl Pick for Filter {
    fn matches(&self, order: &Packed, now: Timestamp) -> bool {
        self.matches(order, now)
    }

    fn turns_at(&self, order: &Packed, now: Timestamp) -> Option<Timestamp> {
        self.turns_at(order, now)
    }

    fn depends_on_time(&self) -> bool {
        self.depends_on_time()
    }

    fn reads(&self) -> Reads {
        match self.searches() {
            true => Reads::OwnTexts,
            false => Reads::Head,
        }
    }
}
