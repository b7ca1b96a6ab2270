//! When to try again: exponential backoff with full jitter, a pure function of the failures so far and of chance.

use std::time::Duration;

/// Bounds of the waits between attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The longest first wait. Each further one may be twice as long as the one before.
    pub first: Duration,
    /// No wait is longer than this.
    pub most: Duration,
}

impl Backoff {
    /// How long the wait after so many failures can be at the most.
    #[must_use]
    pub fn ceiling(self, failures: u32) -> Duration {
        let doubled = 1_u32.checked_shl(failures).unwrap_or(u32::MAX);
        self.first.saturating_mul(doubled).min(self.most)
    }

    /// The wait after so many failures: each length up to the ceiling is as likely as any other, so that clients
    /// that were cut off together do not come back together. `chance` is anywhere in the range of its type.
    #[must_use]
    pub fn delay(self, failures: u32, chance: u64) -> Duration {
        let ceiling = u64::try_from(self.ceiling(failures).as_nanos()).unwrap_or(u64::MAX);
        let nanos = (u128::from(ceiling) * u128::from(chance)) >> u64::BITS;
        Duration::from_nanos(u64::try_from(nanos).expect("a part of what fits"))
    }
}

/// A number that nobody can foretell.
pub(super) fn chance() -> u64 {
    // Without a source of chance every wait is the longest.
    getrandom::u64().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff { first: Duration::from_millis(250), most: Duration::from_secs(30) };

    #[test]
    fn waits_double_until_they_are_long_enough() {
        let ceilings: Vec<_> = (0..9).map(|failures| BACKOFF.ceiling(failures).as_millis()).collect();
        assert_eq!(ceilings, [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
        assert_eq!(BACKOFF.ceiling(u32::MAX), BACKOFF.most);
    }

    #[test]
    fn chance_picks_any_length_up_to_the_ceiling() {
        assert_eq!(BACKOFF.delay(1, 0), Duration::ZERO);
        assert_eq!(BACKOFF.delay(1, 1 << 63), Duration::from_millis(250));
        let longest = BACKOFF.delay(1, u64::MAX);
        assert!(longest <= BACKOFF.ceiling(1) && longest > Duration::from_millis(499), "{longest:?}");
        let endless = Backoff { first: Duration::MAX, most: Duration::MAX };
        assert!(endless.delay(u32::MAX, u64::MAX) > Duration::from_secs(3600));
    }
}
