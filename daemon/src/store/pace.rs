//! How much a sweep removes at once, and how long the store is left alone after it: as much as there is to do while nobody
//! else writes, and a bounded share of the writer's time otherwise.

use std::time::Duration;

/// Orders that are removed at once, at first, at the least and at the most.
const FIRST: usize = 256;
const LEAST: usize = 32;
const MOST: usize = 2_048;
/// What a sweep should take of the writer's time at the most: whoever commits meanwhile waits for it.
const ALONE: Duration = Duration::from_millis(10);
const AMONG_OTHERS: Duration = Duration::from_millis(2);
/// The writer is left to the others for so many times what a sweep took of it: one fifth is for sweeps.
const SHARE: u32 = 4;

/// What the last sweeps have shown.
#[derive(Debug)]
pub(super) struct Pace {
    most: usize,
}

/// What a sweep took of the writer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    pub(super) took: Duration,
    pub(super) company: Company,
}

/// Whether anything else was written since the sweep before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Company {
    Nobody,
    Others,
}

impl Default for Pace {
    fn default() -> Self {
        Self { most: FIRST }
    }
}

impl Pace {
    /// Orders that the next sweep removes at the most.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// How long the store is to be left alone after a sweep that has removed so many orders.
    pub(super) fn note(&mut self, Effort { took, company }: Effort) -> Duration {
        let (bound, rest) = match company {
            Company::Nobody => (ALONE, Duration::ZERO),
            Company::Others => (AMONG_OTHERS, took * SHARE),
        };
        if took > bound {
            self.most = LEAST.max(self.most / 2);
        } else if took < bound / 2 {
            self.most = MOST.min(self.most * 2);
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effort(millis: u64, company: Company) -> Effort {
        Effort { took: Duration::from_millis(millis), company }
    }

    #[test]
    fn nobody_is_waited_for_who_is_not_there() {
        let mut pace = Pace::default();
        for _ in 0..10 {
            assert_eq!(pace.note(effort(1, Company::Nobody)), Duration::ZERO);
        }
        assert_eq!(pace.most(), MOST);
        pace.note(effort(11, Company::Nobody));
        assert_eq!(pace.most(), MOST / 2);
        pace.note(effort(7, Company::Nobody));
        assert_eq!(pace.most(), MOST / 2, "as it should be");
    }

    #[test]
    fn others_have_four_fifths_of_the_writer_and_wait_for_little_at_once() {
        let mut pace = Pace::default();
        for _ in 0..10 {
            assert_eq!(pace.note(effort(8, Company::Others)), Duration::from_millis(32));
        }
        assert_eq!(pace.most(), LEAST);
    }
}
