//! How many orders may be open at once.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts open orders against a limit.
#[derive(Debug)]
pub(super) struct Admission {
    open: AtomicUsize,
    limit: usize,
}

impl Admission {
    /// Orders that were open before this start count too, even beyond the limit.
    pub(super) fn new(open: usize, limit: usize) -> Self {
        Self { open: AtomicUsize::new(open), limit }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Takes a place, if there is one.
    pub(super) fn enter(&self) -> bool {
        let room = |open| (open < self.limit).then_some(open + 1);
        self.open.fetch_update(Ordering::AcqRel, Ordering::Acquire, room).is_ok()
    }

    /// Gives a place back.
    pub(super) fn leave(&self) {
        let before = self.open.fetch_sub(1, Ordering::AcqRel);
        debug_assert!(before > 0, "every place that is left was entered");
    }
}
