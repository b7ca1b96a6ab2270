//! Which orders were written last, as a log shows when it is read.

use super::records::{self, LIVE, OVER};
use crate::order::OrderId;
use std::collections::{HashSet, VecDeque};

/// Records of orders that are remembered. Most bring one event, some none: those without, and those that were only moved
/// on in the log.
const RECORDS: usize = 32_768;

/// The orders of the last records.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent(VecDeque<OrderId>);

impl Recent {
    /// The next entry of the log that has a value is of this key.
    pub(super) fn note(&mut self, key: &[u8]) {
        let Some(&(LIVE | OVER)) = key.first() else {
            return;
        };
        // A key that makes no sense is found when its record is read.
        let Ok(id) = records::order_of_key(key) else {
            return;
        };
        if self.0.len() == RECORDS {
            self.0.pop_front();
        }
        self.0.push_back(id);
    }

    /// These follow.
    pub(super) fn append(&mut self, mut later: Self) {
        self.0.append(&mut later.0);
        let excess = self.0.len().saturating_sub(RECORDS);
        self.0.drain(..excess);
    }

    /// The same as before, of what was [written down](Self::written_down).
    pub(super) fn of(orders: Vec<[u8; 16]>) -> Self {
        Self(orders.into_iter().map(OrderId::from_bytes).collect())
    }

    /// Each order once, the one that was written last last.
    pub(super) fn written_down(&self) -> Vec<[u8; 16]> {
        let mut seen = HashSet::new();
        let mut orders: Vec<_> =
            self.0.iter().rev().filter(|id| seen.insert(**id)).map(|id| id.to_bytes()).collect();
        orders.reverse();
        orders
    }

    /// Each order once, the one that was written last first.
    pub(super) fn newest_first(self) -> impl Iterator<Item = OrderId> {
        let mut seen = HashSet::new();
        self.0.into_iter().rev().filter(move |id| seen.insert(*id))
    }
}
