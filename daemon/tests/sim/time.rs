//! Virtual time: it goes on from one life of the engine to the next, and nothing real moves it.

use orderd::telemetry::Clock;
use orderd_sdk::timestamp::Timestamp;
use std::sync::{Mutex, PoisonError};
use tokio::time::{Duration, Instant};

/// When every simulation begins, in milliseconds since the Unix epoch.
const BEGIN: u64 = 1_790_000_000_000;

/// Milliseconds since the simulation began.
#[derive(Debug, Default)]
pub(crate) struct Time(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// When the present life began, or the last one ended.
    before: u64,
    /// The same moment for the runtime of the present life.
    origin: Option<Instant>,
}

impl Time {
    pub(crate) fn now(&self) -> u64 {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let elapsed = inner.origin.map_or(Duration::ZERO, |origin| origin.elapsed());
        inner.before + u64::try_from(elapsed.as_millis()).expect("simulations are short")
    }

    /// A runtime begins to drive the time. Called on it.
    pub(crate) fn begin(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).origin = Some(Instant::now());
    }

    /// The runtime ends; so many milliseconds pass without any.
    pub(crate) fn end(&self, pause: u64) {
        let before = self.now() + pause;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Inner { before, origin: None };
    }

    /// Waits until so many milliseconds after the begin.
    pub(crate) async fn reach(&self, at: u64) {
        pause(at.saturating_sub(self.now())).await;
    }
}

/// So many milliseconds as the time of day.
pub(crate) fn time_of_day(millis: u64) -> Timestamp {
    Timestamp(BEGIN + millis)
}

/// So many milliseconds as contracts count time.
pub(crate) fn unix_seconds(millis: u64) -> u64 {
    time_of_day(millis).unix_seconds()
}

pub(crate) async fn pause(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

/// A clock that is wrong by a little, like any other.
#[derive(Clone)]
pub(crate) struct SkewedClock {
    pub(crate) time: std::sync::Arc<Time>,
    /// Milliseconds that it is late.
    pub(crate) late: u64,
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        Timestamp(time_of_day(self.time.now()).0 - self.late)
    }
}
