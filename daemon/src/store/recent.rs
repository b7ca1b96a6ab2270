//! Which orders were written last, as a log shows when it is read.

use super::{
    log::Entry,
    records::{self, LIVE, OVER},
};
use crate::order::OrderId;
use std::collections::{HashSet, VecDeque};

/// Records of orders that are remembered. Most bring one event, some none: those without, and those that were only moved
/// on in the log.
const RECORDS: usize = 32_768;

/// The orders of the last records.
#[derive(Debug, Default)]
pub(super) struct Recent(VecDeque<OrderId>);

impl Recent {
    /// The next entry of the log.
    pub(super) fn note(&mut self, entry: &Entry<'_>) {
        let (Some(&(LIVE | OVER)), Some(_)) = (entry.key.first(), entry.value) else {
            return;
        };
        // A key that makes no sense is found when its record is read.
        let Ok(id) = records::order_of_key(entry.key) else {
            return;
        };
        if self.0.len() == RECORDS {
            self.0.pop_front();
        }
        self.0.push_back(id);
    }

    /// Each order once, the one that was written last first.
    pub(super) fn newest_first(self) -> impl Iterator<Item = OrderId> {
        let mut seen = HashSet::new();
        self.0.into_iter().rev().filter(move |id| seen.insert(*id))
    }
}
