//! The tables `[engine.breaker]`, `[engine.quarantine]` and `[engine.health]`: how venues and plugins are guarded.

use super::source::Section;
use std::{ops::RangeInclusive, time::Duration};

/// Calls of one plugin that may be in flight; with four of them there is one to keep for its chains, and one for sends.
pub(super) const IN_FLIGHT: RangeInclusive<usize> = 4..=16_384;
/// When the configuration says nothing of it, and the workers do not need more.
const DEFAULT_IN_FLIGHT: usize = 1_024;

/// How venues and plugins are guarded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardSettings {
    /// When a venue is left alone for a while.
    pub breaker: BreakerSettings,
    /// So many panics and crashes of a plugin have its venues left alone for good; never, when it is 0.
    pub quarantine_panics: usize,
    /// Within this time.
    pub quarantine_window: Duration,
    /// How often a venue is asked how it is when nobody asks it for anything else; never, when there is no such time.
    pub check_every: Option<Duration>,
    /// How long it may take to answer that.
    pub check_timeout: Duration,
}

/// When a venue is left alone for a while, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// So many failures in a row.
    pub failures: u32,
    /// Or so many failures of a hundred calls,
    pub failure_percent: u32,
    /// when there were so many calls
    pub min_calls: u32,
    /// within this time.
    pub window: Duration,
    /// How long at first.
    pub open: Duration,
    /// How long at the most.
    pub open_max: Duration,
    /// Calls that find out whether it is well again.
    pub probes: u32,
}

/// So many that every worker may ask all of a plugin's venues at once and an eighth is left, which is kept from venues:
/// orders must not fail because there are more workers than places.
pub(super) fn default_in_flight(workers: usize, venues: usize) -> usize {
    let wanted = workers.saturating_mul(venues).saturating_mul(8).div_ceil(7);
    wanted.clamp(DEFAULT_IN_FLIGHT, *IN_FLIGHT.end())
}

pub(super) fn read_guard(engine: &mut Section<'_>) -> GuardSettings {
    let (quarantine_panics, quarantine_window) = engine.section("quarantine", |section| {
        (section.integer("panics", 0..=1_000, 10), section.millis("window_ms", 1_000..=86_400_000, 60_000))
    });
    let (every, check_timeout) = engine.section("health", |section| {
        let every = section.millis("interval_ms", 0..=86_400_000, 15_000);
        (every, section.millis("timeout_ms", 10..=60_000, 5_000))
    });
    GuardSettings {
        breaker: engine.section("breaker", read_breaker),
        quarantine_panics,
        quarantine_window,
        check_every: (!every.is_zero()).then_some(every),
        check_timeout,
    }
}

fn read_breaker(section: &mut Section<'_>) -> BreakerSettings {
    let settings = BreakerSettings {
        failures: section.integer("failures", 1..=10_000, 7),
        failure_percent: section.integer("failure_percent", 1..=100, 50),
        min_calls: section.integer("min_calls", 1..=100_000, 20),
        window: section.millis("window_ms", 100..=3_600_000, 10_000),
        open: section.millis("open_ms", 1..=3_600_000, 1_000),
        open_max: section.millis("open_max_ms", 1..=3_600_000, 60_000),
        probes: section.integer("probes", 1..=100, 1),
    };
    if settings.open > settings.open_max {
        let (open, most) = (settings.open.as_millis(), settings.open_max.as_millis());
        section.report("open_ms", format!("must not be more than open_max_ms, which is {most}, got {open}"));
    }
    settings
}
