//! How much is measured.

use crate::{growth::Growth, server::World};
use serde::Serialize;
use std::time::Duration;

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
    /// Clients that hand in orders at once, in turn.
    pub(crate) askers: [usize; 2],
    /// How long they do, in each round.
    pub(crate) span_ms: u64,
    /// Orders that are followed to their end, in each round.
    pub(crate) orders: usize,
    /// How far stores and orders in flight grow.
    pub(crate) growth: Growth,
    /// The configuration of the daemon that executes them.
    pub(crate) config: String,
}

impl Plan {
    /// What `docs/benchmarks.md` reports.
    pub(crate) fn full() -> Self {
        Self {
            rounds: 5,
            paced: 12,
            bursts: 4,
            burst: 32,
            small: 1_000,
            large: 5_000,
            idle: 10_000,
            askers: [64, 256],
            span_ms: 700,
            orders: 8_000,
            growth: Growth::full(),
            config: World::Instant.config(),
        }
    }

    /// In a minute, whether anything is badly off.
    pub(crate) fn quick() -> Self {
        Self {
            rounds: 1,
            paced: 10,
            bursts: 2,
            small: 500,
            large: 1_000,
            idle: 2_000,
            span_ms: 300,
            orders: 2_000,
            growth: Growth::quick(),
            ..Self::full()
        }
    }

    /// How long clients ask, in each round.
    pub(crate) fn span(&self) -> Duration {
        Duration::from_millis(self.span_ms)
    }
}
