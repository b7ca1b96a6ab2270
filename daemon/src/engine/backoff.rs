//! How long to wait before trying again.

use crate::telemetry::Entropy;
use std::{sync::Arc, time::Duration};

/// Exponential backoff between two bounds.
#[derive(Clone)]
pub(super) struct Backoff {
    pub(super) initial: Duration,
    pub(super) max: Duration,
    pub(super) chance: Arc<dyn Entropy>,
}

impl Backoff {
    /// The delay in milliseconds after so many failures (from 1): doubled each time up to the largest, of which
    /// the upper half is random, so that what failed together does not return together.
    pub(super) fn delay_ms(&self, failures: u32) -> u64 {
        self.delay_with(failures, self.chance.bits())
    }

    fn delay_with(&self, failures: u32, random: u64) -> u64 {
        let doublings = failures.saturating_sub(1).min(32);
        let ceiling = self.initial.saturating_mul(1 << doublings.min(31)).min(self.max);
        let ceiling = u64::try_from(ceiling.as_millis()).unwrap_or(u64::MAX).max(1);
        let half = ceiling / 2;
        half + random % (ceiling - half + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::SystemEntropy;

    fn backoff(initial: Duration, max: Duration) -> Backoff {
        Backoff { initial, max, chance: Arc::new(SystemEntropy) }
    }

    #[test]
    fn delay_doubles_up_to_its_bound_and_stays_within_half_of_it() {
        let backoff = backoff(Duration::from_millis(100), Duration::from_secs(2));
        for (failures, ceiling) in
            [(0, 100), (1, 100), (2, 200), (3, 400), (5, 1600), (6, 2000), (u32::MAX, 2000)]
        {
            for random in [0, 1, u64::MAX / 3, u64::MAX] {
                let delay = backoff.delay_with(failures, random);
                assert!((ceiling / 2..=ceiling).contains(&delay), "{failures}: {delay}");
            }
        }
    }

    #[test]
    fn even_no_delay_at_all_is_one_millisecond_at_most() {
        let backoff = backoff(Duration::ZERO, Duration::ZERO);
        assert!(backoff.delay_with(9, u64::MAX) <= 1);
    }
}
