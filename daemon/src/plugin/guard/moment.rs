//! A point in time, by both clocks.

use orderd_sdk::timestamp::Timestamp;
use tokio::time::Instant;

/// Now, as it is handed to the state machines: they read no clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// For durations: it never goes back.
    pub(super) at: Instant,
    /// For people.
    pub(super) time: Timestamp,
}

#[cfg(test)]
impl Moment {
    /// So many milliseconds after a beginning.
    pub(super) fn of(begin: Instant, millis: u64) -> Self {
        let time = Timestamp(1_790_000_000_000 + millis);
        Self { at: begin + std::time::Duration::from_millis(millis), time }
    }
}
