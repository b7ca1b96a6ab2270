//! How well a venue does, from 0 to 1,000,000. Pure, and exact to the last digit: integers, and time that is handed in.

use std::time::Duration;
use tokio::time::Instant;

/// A venue without fault. It is also where every score goes that hears nothing new: only what is known and recent counts
/// against a venue, so that one that is new or idle is not passed over.
const FULL: u32 = 1_000_000;

/// How much one call moves it: an eighth of the way to the call's own mark.
const WEIGHT: i64 = 8;

/// In which time half of what is held against a venue is forgiven.
const HALF_LIFE: Duration = Duration::from_secs(120);

/// A call that takes its whole time is worth half of one that takes up to an eighth of it.
const SLOWEST: u64 = 500_000;

/// The score of a venue.
#[derive(Debug)]
pub(super) struct Score {
    /// What is held against the venue, at that moment.
    fault: u32,
    at: Instant,
}

impl Score {
    pub(super) fn new(now: Instant) -> Self {
        Self { fault: 0, at: now }
    }

    /// The score now.
    pub(super) fn ppm(&self, now: Instant) -> u32 {
        FULL - forgiven(self.fault, now.saturating_duration_since(self.at))
    }

    /// A call has this mark.
    pub(super) fn note(&mut self, mark: u32, now: Instant) {
        let (score, mark) = (i64::from(self.ppm(now)), i64::from(mark.min(FULL)));
        // Never less than one, so that the mark is reached in the end.
        let step = match (mark - score) / WEIGHT {
            0 => (mark - score).signum(),
            step => step,
        };
        let score = u32::try_from(score + step).unwrap_or_default();
        *self = Self { fault: FULL - score.min(FULL), at: now };
    }
}

/// The mark of a call that was answered after so long, of so much time that it had.
pub(super) fn mark(took: Duration, budget: Duration) -> u32 {
    let (took, budget) = (took.as_micros(), budget.as_micros());
    let free = budget / 8;
    let late = took.saturating_sub(free).min(budget - free);
    let lost = (u128::from(SLOWEST) * late).checked_div(budget - free).unwrap_or_default();
    FULL - u32::try_from(lost).unwrap_or(FULL)
}

/// What is left of a fault after so long: half after each half-life, on a straight line in between.
fn forgiven(fault: u32, age: Duration) -> u32 {
    let (age, half_life) = (age.as_micros(), HALF_LIFE.as_micros());
    let halvings = u32::try_from(age / half_life).unwrap_or(u32::MAX);
    let left = u64::from(fault.checked_shr(halvings).unwrap_or_default());
    let within = u64::try_from(age % half_life).unwrap_or_default();
    let half_life = u64::try_from(half_life).unwrap_or(u64::MAX);
    u32::try_from(left - left * within / (2 * half_life)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_mark_tells_how_much_of_its_time_a_call_took() {
        let budget = Duration::from_millis(1_600);
        for (took, expected) in
            [(0, 1_000_000), (200, 1_000_000), (900, 750_000), (1_600, 500_000), (9_000, 500_000)]
        {
            assert_eq!(mark(Duration::from_millis(took), budget), expected, "{took} ms");
        }
        assert_eq!(mark(Duration::ZERO, Duration::ZERO), FULL);
    }

    #[test]
    fn failures_pull_it_down_answers_push_it_up_and_time_forgives() {
        let begin = Instant::now();
        let at = |millis| begin + Duration::from_millis(millis);
        let mut score = Score::new(at(0));
        assert_eq!(score.ppm(at(0)), FULL);
        score.note(0, at(0));
        assert_eq!(score.ppm(at(0)), 875_000);
        (0..200).for_each(|_| score.note(0, at(0)));
        assert_eq!(score.ppm(at(0)), 0, "it reaches the bottom");
        assert_eq!((score.ppm(at(60_000)), score.ppm(at(120_000))), (250_000, 500_000));
        assert_eq!((score.ppm(at(240_000)), score.ppm(at(86_400_000))), (750_000, FULL));
        (0..200).for_each(|_| score.note(FULL, at(0)));
        assert_eq!(score.ppm(at(0)), FULL, "and the top");
    }

    proptest! {
        #[test]
        fn it_stays_within_its_bounds_and_between_itself_and_the_mark(
            steps in prop::collection::vec((0_u32..=FULL, 0_u64..300_000), 1..60),
        ) {
            let begin = Instant::now();
            let (mut score, mut millis) = (Score::new(begin), 0);
            for (mark, pause) in steps {
                let before = score.ppm(begin + Duration::from_millis(millis));
                millis += pause;
                let now = begin + Duration::from_millis(millis);
                let forgiven = score.ppm(now);
                prop_assert!(before <= forgiven && forgiven <= FULL);
                score.note(mark, now);
                let after = score.ppm(now);
                prop_assert!((forgiven.min(mark)..=forgiven.max(mark)).contains(&after));
                prop_assert!(after != forgiven || mark == forgiven, "every mark moves it");
            }
        }

        #[test]
        fn more_is_held_against_a_venue_the_larger_and_the_fresher_it_is(
            fault in 0_u32..=FULL, less in 0_u32..=FULL, age in 0_u64..2_000_000, older in 0_u64..2_000_000,
        ) {
            let (age, older) = (Duration::from_millis(age), Duration::from_millis(age + older));
            prop_assert!(forgiven(fault, older) <= forgiven(fault, age));
            prop_assert!(forgiven(fault.min(less), age) <= forgiven(fault, age));
        }
    }
}
