//! How many calls went well and how many did not, of late. Pure: time is handed in.

use std::time::Duration;
use tokio::time::Instant;

/// Steps of a window: what is forgotten is forgotten a step at a time.
const STEPS: u32 = 10;

/// Counts over a time that slides. It always takes the same little memory.
#[derive(Debug)]
pub(super) struct Window {
    begin: Instant,
    step: Duration,
    steps: Box<[Step]>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Step {
    /// Counts the steps since the beginning.
    number: u64,
    good: u32,
    bad: u32,
}

impl Window {
    /// Reaches back so long, rounded up to a step.
    pub(super) fn new(length: Duration, begin: Instant) -> Self {
        let step = (length / STEPS).max(Duration::from_millis(1));
        Self { begin, step, steps: (0..STEPS).map(|_| Step::default()).collect() }
    }

    /// Takes note of a call.
    pub(super) fn note(&mut self, is_good: bool, now: Instant) {
        let number = self.number(now);
        let place = usize::try_from(number % u64::from(STEPS)).unwrap_or_default();
        let step = &mut self.steps[place];
        if step.number != number {
            *step = Step { number, ..Step::default() };
        }
        let count = if is_good { &mut step.good } else { &mut step.bad };
        *count = count.saturating_add(1);
    }

    /// Calls, and those of them that failed.
    pub(super) fn counts(&self, now: Instant) -> (u64, u64) {
        let number = self.number(now);
        let within = |step: &&Step| number.saturating_sub(step.number) < u64::from(STEPS);
        self.steps.iter().filter(within).fold((0, 0), |(all, bad), step| {
            (all + u64::from(step.good) + u64::from(step.bad), bad + u64::from(step.bad))
        })
    }

    /// Not from 0, so that a step that was never used belongs to no time.
    fn number(&self, now: Instant) -> u64 {
        let age = now.saturating_duration_since(self.begin);
        u64::try_from(age.as_nanos() / self.step.as_nanos()).unwrap_or(u64::MAX / 2) + u64::from(STEPS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_window_counts_what_is_within_it_and_at_most_a_step_more(
            mut noted in prop::collection::vec((0_u64..5_000, any::<bool>()), 0..80),
            later in 0_u64..2_000,
        ) {
            let begin = Instant::now();
            let at = |millis| begin + Duration::from_millis(millis);
            noted.sort_unstable();
            let mut window = Window::new(Duration::from_millis(1_000), begin);
            noted.iter().for_each(|(millis, good)| window.note(*good, at(*millis)));
            let now = noted.last().map_or(0, |(millis, _)| *millis) + later;
            let within = |reach: u64| {
                let of = |bad_only: bool| {
                    noted.iter().filter(|(t, good)| t + reach > now && !(bad_only && *good)).count() as u64
                };
                (of(false), of(true))
            };
            let (all, bad) = window.counts(at(now));
            let (least, most) = (within(900), within(1_000));
            prop_assert!(least.0 <= all && all <= most.0, "{all} is not between {} and {}", least.0, most.0);
            prop_assert!(least.1 <= bad && bad <= most.1);
        }
    }
}
