//! How much is measured.

use serde::Serialize;

/// Sizes of all scenarios.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Plan {
    /// Ours and the reference are measured in turn so often; the medians are reported.
    pub(crate) rounds: usize,
    /// Events that are published one by one, in each round.
    pub(crate) paced: usize,
    /// Bursts in each round, and events of each.
    pub(crate) bursts: usize,
    pub(crate) burst: usize,
    /// Clients that follow at once.
    pub(crate) small: usize,
    pub(crate) large: usize,
    /// Clients whose memory is measured.
    pub(crate) idle: usize,
}

impl Plan {
    /// What `docs/benchmarks.md` reports.
    pub(crate) fn full() -> Self {
        Self { rounds: 5, paced: 12, bursts: 4, burst: 32, small: 1_000, large: 5_000, idle: 10_000 }
    }

    /// In a minute, whether anything is badly off.
    pub(crate) fn quick() -> Self {
        Self { rounds: 1, paced: 10, bursts: 2, burst: 32, small: 500, large: 1_000, idle: 2_000 }
    }
}
