//! The frame of one call: how long it may take.

use std::time::Duration;
use tokio::time::Instant;

/// Accompanies every call to a plugin.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    deadline: Instant,
}

impl Context {
    /// A call that has to be answered within this time from now.
    #[must_use]
    pub fn within(budget: Duration) -> Self {
        Self { deadline: Instant::now() + budget }
    }

    /// When the caller gives up.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// How long the caller still waits.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}
