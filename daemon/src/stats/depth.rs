//! How many orders there were over the last fifteen minutes.

use super::{STEP_SECONDS, STEPS};
use orderd_sdk::{timestamp::Timestamp, wire::DepthHistory};
use std::collections::VecDeque;

/// How many orders there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Level {
    /// Those that are not over.
    pub(super) open: u64,
    /// Those of them that wait for their turn.
    pub(super) waiting: u64,
}

/// The level now, and that at the end of each step before.
#[derive(Debug)]
pub(super) struct Depth {
    /// The step that is under way, counted since the Unix epoch.
    step: u64,
    now: Level,
    /// Oldest first.
    past: VecDeque<Level>,
}

impl Depth {
    pub(super) fn beginning(at: Timestamp) -> Self {
        Self { step: step_of(at), now: Level::default(), past: VecDeque::new() }
    }

    /// From this moment on it is so.
    pub(super) fn note(&mut self, level: Level, at: Timestamp) {
        self.advance(at);
        self.now = level;
    }

    /// The level now.
    pub(super) fn now(&self) -> Level {
        self.now
    }

    pub(super) fn report(&mut self, now: Timestamp) -> DepthHistory {
        self.advance(now);
        let levels = || self.past.iter().chain([&self.now]);
        DepthHistory {
            step_seconds: STEP_SECONDS,
            open: levels().map(|level| level.open).collect(),
            waiting: levels().map(|level| level.waiting).collect(),
        }
    }

    /// Nothing happened since: the steps in between ended with the level of now. A clock that is set back takes up the step
    /// that it shows.
    fn advance(&mut self, now: Timestamp) {
        let most = STEPS - 1;
        let passed = step_of(now).saturating_sub(self.step).min(most);
        self.step = step_of(now);
        self.past.extend((0..passed).map(|_| self.now));
        let gone = self.past.len().saturating_sub(usize::try_from(most).unwrap_or_default());
        self.past.drain(..gone);
    }
}

fn step_of(at: Timestamp) -> u64 {
    at.unix_seconds() / STEP_SECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(step: u64) -> Timestamp {
        Timestamp((1_000 + step) * STEP_SECONDS * 1_000 + 7)
    }

    fn level(open: u64) -> Level {
        Level { open, waiting: open / 2 }
    }

    #[test]
    fn a_step_ends_with_the_level_that_it_had_last() {
        let mut depth = Depth::beginning(at(0));
        assert_eq!(depth.report(at(0)).open, [0]);
        depth.note(level(2), at(0));
        depth.note(level(4), at(0));
        depth.note(level(6), at(3));
        let told = depth.report(at(4));
        assert_eq!((told.step_seconds, told.open), (15, vec![4, 4, 4, 6, 6]));
        assert_eq!(told.waiting, [2, 2, 2, 3, 3]);
    }

    #[test]
    fn no_more_than_fifteen_minutes_are_told() {
        let mut depth = Depth::beginning(at(0));
        depth.note(level(8), at(0));
        depth.note(level(2), at(1));
        assert_eq!(depth.report(at(59)).open[..2], [8, 2]);
        assert_eq!(depth.report(at(60)).open, vec![2; 60]);
        assert_eq!(depth.report(at(1_000_000)).open, vec![2; 60]);
    }

    #[test]
    fn a_clock_that_is_set_back_goes_on() {
        let mut depth = Depth::beginning(at(9));
        depth.note(level(2), at(3));
        assert_eq!(depth.report(at(4)).open, [2, 2]);
    }
}
