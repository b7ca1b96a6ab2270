//! What a guard goes by.

use std::time::Duration;

/// How the plugins of a daemon are guarded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardSettings {
    /// Calls of one plugin that may be in flight.
    pub max_in_flight: usize,
    /// When a venue is left alone for a while.
    pub breaker: BreakerSettings,
    /// When a plugin's venues are left alone for good.
    pub quarantine: QuarantineSettings,
}

/// When a venue is left alone for a while, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// So many failures in a row open it.
    pub failures: u32,
    /// So many failures of a hundred calls open it,
    pub failure_percent: u32,
    /// when there were so many calls
    pub min_calls: u32,
    /// within this time.
    pub window: Duration,
    /// How long it stays open the first time. It doubles whenever the venue fails again soon.
    pub open: Duration,
    /// The longest it stays open; a venue that was well for so long begins afresh.
    pub open_max: Duration,
    /// Calls that a half-open breaker lets through at one time, and how many of them have to do well.
    pub probes: u32,
}

/// When a plugin's venues are left alone until somebody says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineSettings {
    /// So many panics and crashes of the plugin; never, when it is 0.
    pub panics: usize,
    /// Within this time.
    pub window: Duration,
}

impl Default for GuardSettings {
    fn default() -> Self {
        Self {
            max_in_flight: 1_024,
            breaker: BreakerSettings::default(),
            quarantine: QuarantineSettings { panics: 10, window: Duration::from_secs(60) },
        }
    }
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            failures: 7,
            failure_percent: 50,
            min_calls: 20,
            window: Duration::from_secs(10),
            open: Duration::from_secs(1),
            open_max: Duration::from_secs(60),
            probes: 1,
        }
    }
}
