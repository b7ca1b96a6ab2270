//! Whether a plugin in a process of its own has hung. Pure: it is told what was heard, once each tick.
//!
//! A process that answers pings is not enough: its plugin may spin on a thread of its own. So a plugin also has to
//! complete what was cancelled.

use super::super::operations::Tally;

/// A hang is so many ticks without a sign of life. Ticks are counted, not time: a daemon that was stopped itself for a
/// while should not take it out on its plugins.
pub(super) const TICKS: u32 = 4;

/// What a process has shown of itself.
#[derive(Default)]
pub(super) struct Pulse {
    heard: u64,
    silent: u32,
    completed: u64,
    stalled: u32,
}

/// How a process has hung.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Hang {
    /// The process says nothing, although it was asked.
    #[error("its process does not answer")]
    Silent,
    /// The plugin completes nothing, not even what was cancelled.
    #[error("it completes nothing, not even what was cancelled")]
    Stalled,
}

impl Pulse {
    /// One tick has passed, since whose begin a ping is out. `heard` counts what has arrived.
    pub(super) fn tick(&mut self, heard: u64, tally: Tally) -> Option<Hang> {
        self.silent = if self.heard == heard { self.silent + 1 } else { 0 };
        let owes = tally.abandoned > 0 && tally.completed == self.completed;
        self.stalled = if owes { self.stalled + 1 } else { 0 };
        (self.heard, self.completed) = (heard, tally.completed);
        match () {
            () if self.silent >= TICKS => Some(Hang::Silent),
            () if self.stalled >= TICKS => Some(Hang::Stalled),
            () => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_hang(signs: impl IntoIterator<Item = (u64, u64, usize)>) -> Option<(usize, Hang)> {
        let mut pulse = Pulse::default();
        let ticks = signs.into_iter().enumerate();
        ticks
            .filter_map(|(tick, (heard, completed, abandoned))| {
                Some((tick, pulse.tick(heard, Tally { completed, abandoned })?))
            })
            .next()
    }

    #[test]
    fn a_process_hangs_when_it_is_silent_or_owes_what_was_cancelled() {
        let cases = [
            ("it answers pings", vec![(1, 0, 0), (2, 0, 0), (3, 0, 0), (4, 0, 0), (5, 0, 0)], None),
            ("silent", vec![(1, 0, 0); 6], Some((4, Hang::Silent))),
            ("one sign of life in between", vec![(1, 0, 0), (1, 0, 0), (1, 0, 0), (2, 0, 0)], None),
            ("it owes", (1..7).map(|heard| (heard, 0, 1)).collect(), Some((3, Hang::Stalled))),
            ("it owes one, and completes others", (1..9).map(|n| (n, n, 1)).collect(), None),
            ("it owes nothing", (1..9).map(|heard| (heard, 5, 0)).collect(), None),
        ];
        for (case, signs, expected) in cases {
            assert_eq!(first_hang(signs), expected, "{case}");
        }
    }
}
