//! How far stores and orders in flight grow.

use serde::Serialize;

/// Sizes of the scenarios `stored`, `open`, `flight` and `pressure`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Growth {
    /// So often each of them is measured.
    pub(crate) rounds: usize,
    /// Orders that are over in each store, the fewest first.
    pub(crate) stored: Vec<u64>,
    /// Orders that are executed on each store, in each round.
    pub(crate) work: usize,
    /// What becomes of the stores.
    pub(crate) stores: Stores,
    /// Orders that are open at one time.
    pub(crate) open: usize,
    /// Orders in flight at one time.
    pub(crate) flights: Vec<usize>,
    /// How long clients hand in more orders than may be open, before it is measured and again while it is.
    pub(crate) press_ms: u64,
}

/// Whether stores that were made are there afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stores {
    Removed,
    Kept,
}

impl Growth {
    pub(crate) fn full() -> Self {
        Self {
            rounds: 3,
            stored: vec![10_000, 100_000, 1_000_000],
            work: 1_500,
            stores: Stores::Removed,
            open: 10_000,
            flights: vec![10, 100, 1_000, 10_000],
            press_ms: 3_000,
        }
    }

    pub(crate) fn quick() -> Self {
        Self {
            rounds: 1,
            stored: vec![5_000, 50_000],
            work: 1_000,
            press_ms: 2_000,
            flights: vec![10, 100, 1_000],
            ..Self::full()
        }
    }
}
