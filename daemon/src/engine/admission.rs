//! How many orders may be open at once, and how many are coming in at this moment.

use std::sync::atomic::{AtomicUsize, Ordering};

/// So many orders that wait for the disk at once are a burst.
const BURST: usize = 32;

/// Counts open orders against a limit.
#[derive(Debug)]
pub(super) struct Admission {
    open: AtomicUsize,
    limit: usize,
    arriving: AtomicUsize,
}

/// An order on its way to stable storage. It has arrived, or not, when this is dropped.
#[derive(Debug)]
pub(super) struct Arrival<'a>(&'a AtomicUsize);

impl Admission {
    /// Orders that were open before this start count too, even beyond the limit.
    pub(super) fn new(open: usize, limit: usize) -> Self {
        Self { open: AtomicUsize::new(open), limit, arriving: AtomicUsize::new(0) }
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

    /// An order that has a place is stored from now on.
    pub(super) fn arrive(&self) -> Arrival<'_> {
        self.arriving.fetch_add(1, Ordering::AcqRel);
        Arrival(&self.arriving)
    }

    /// Whether many orders are coming in at this moment.
    pub(super) fn is_bursting(&self) -> bool {
        self.arriving.load(Ordering::Acquire) >= BURST
    }
}

impl Drop for Arrival<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_orders_that_wait_for_the_disk_are_a_burst_until_they_have_arrived() {
        let admission = Admission::new(0, 100);
        let mut arrivals: Vec<_> = (1..BURST).map(|_| admission.arrive()).collect();
        assert!(!admission.is_bursting());
        arrivals.push(admission.arrive());
        assert!(admission.is_bursting());
        arrivals.pop();
        assert!(!admission.is_bursting());
    }
}
