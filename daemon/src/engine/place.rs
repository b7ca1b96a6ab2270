//! Where a lane stands in its account's sequence, and whether it may sign. Pure: no I/O, no clock.

use super::verdict::LOOKS;
use orderd_sdk::plugin::LaneStatus;
use std::collections::BTreeSet;

/// A lane's view of its account.
#[derive(Debug)]
pub(super) struct Place {
    /// The sequence after the last one that is ours, or that somebody else has consumed for good.
    own: u64,
    /// Whether the chain has said how far the account is.
    found: bool,
    /// Signed sequences that are in no block.
    outstanding: BTreeSet<u64>,
    max_pending: usize,
    /// Signed sequences that the account has passed without any of our transactions.
    contested: BTreeSet<u64>,
    /// Up to here, exclusive, the account was used by others, and that could still be undone.
    foreign: Option<u64>,
    /// Looks in a row at which less of that was left.
    retreats: u32,
}

/// Whether a lane signs, and if not, what it waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The chain has to say how far the account is.
    Opening,
    /// What was signed before this start is being looked up.
    Recovering,
    /// It signs.
    Open,
    /// As many sequences as may be are signed and not in a block.
    Full {
        /// How many.
        pending: usize,
    },
    /// Somebody else uses the account. The lane goes on when it is settled for good what has consumed which sequence.
    Held {
        /// The first sequence that is in question.
        sequence: u64,
    },
}

impl Place {
    /// A lane that continues at `stored_next`, 0 if it was never used, with these sequences in no block.
    pub(super) fn new(stored_next: u64, outstanding: BTreeSet<u64>, max_pending: usize) -> Self {
        Self {
            own: stored_next,
            found: false,
            outstanding,
            max_pending,
            contested: BTreeSet::new(),
            foreign: None,
            retreats: 0,
        }
    }

    /// The sequence that is signed next.
    pub(super) fn next(&self) -> u64 {
        self.foreign.unwrap_or(self.own)
    }

    pub(super) fn standing(&self) -> Standing {
        let in_question = self.contested.first().copied().or(self.foreign);
        match in_question {
            _ if !self.found => Standing::Opening,
            Some(sequence) => Standing::Held { sequence },
            None if self.pending() >= self.max_pending => Standing::Full { pending: self.pending() },
            None => Standing::Open,
        }
    }

    /// How many sequences are signed and in no block.
    pub(super) fn pending(&self) -> usize {
        self.outstanding.len()
    }

    /// Whether nothing of ours is on its way.
    pub(super) fn is_idle(&self) -> bool {
        self.outstanding.is_empty()
    }

    /// Whether the lane cannot sign before it has asked the chain again.
    pub(super) fn must_look(&self) -> bool {
        !self.found || self.foreign.is_some()
    }

    /// The chain says how far the account is. Transactions beyond the lane's own are somebody else's: the next free
    /// sequence is behind them, and stays in question until they cannot be undone, or are. Where the chain numbers
    /// nothing, the lane's own count is all there is, and nobody else's transactions are in its way.
    pub(super) fn adopt(&mut self, status: LaneStatus) {
        self.found = true;
        let Some(status) = status.numbered() else {
            return;
        };
        self.look_at_others(status);
        if self.foreign.is_some_and(|until| status.finalized >= until) {
            self.own = self.next();
            self.foreign = None;
        }
        self.contested.retain(|sequence| *sequence >= status.finalized);
        self.outstanding.retain(|sequence| *sequence >= status.latest);
    }

    /// A node that lags knows less than there is, so one look is not enough to believe that something was undone.
    fn look_at_others(&mut self, status: LaneStatus) {
        let fewer = self.foreign.is_some_and(|until| status.latest < until);
        self.retreats = if fewer { self.retreats + 1 } else { 0 };
        if status.latest > self.next() || self.retreats > LOOKS {
            self.foreign = (status.latest > self.own).then_some(status.latest);
            self.retreats = 0;
        }
    }

    /// The next sequence was signed.
    pub(super) fn took(&mut self, sequence: u64) {
        assert_eq!(sequence, self.own, "sequences are taken in their order, each once");
        self.own = sequence + 1;
        self.outstanding.insert(sequence);
    }

    /// Nothing waits any more for what was signed at the sequence.
    pub(super) fn consumed(&mut self, sequence: u64) {
        self.outstanding.remove(&sequence);
        self.contested.remove(&sequence);
    }

    /// Somebody else uses the account: before anything is signed, the chain has to say how far it is.
    pub(super) fn lost(&mut self, sequence: u64) {
        self.consumed(sequence);
        self.found = false;
    }

    pub(super) fn undone(&mut self, sequence: u64) {
        self.outstanding.insert(sequence);
    }

    pub(super) fn contested(&mut self, sequence: u64) {
        self.contested.insert(sequence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(latest: u64, finalized: u64) -> LaneStatus {
        LaneStatus::at(latest, finalized)
    }

    fn place(stored_next: u64) -> Place {
        Place::new(stored_next, BTreeSet::new(), 2)
    }

    #[test]
    fn a_lane_opens_where_the_chain_or_its_own_signatures_end() {
        for (stored, latest, next) in [(0, 0, 0), (0, 7, 7), (5, 3, 5), (5, 5, 5), (5, 9, 9)] {
            let mut place = place(stored);
            assert_eq!(place.standing(), Standing::Opening);
            place.adopt(status(latest, latest));
            assert_eq!((place.standing(), place.next()), (Standing::Open, next), "{stored} {latest}");
        }
    }

    #[test]
    fn a_lane_is_full_until_a_sequence_is_in_a_block() {
        let mut place = place(0);
        place.adopt(status(0, 0));
        place.took(0);
        place.took(1);
        assert_eq!(place.standing(), Standing::Full { pending: 2 });
        place.consumed(0);
        assert_eq!(place.standing(), Standing::Open);
        place.undone(0);
        assert_eq!(place.standing(), Standing::Full { pending: 2 });
    }

    #[test]
    fn foreign_transactions_hold_a_lane_until_they_are_final() {
        let mut place = place(4);
        place.adopt(status(4, 4));
        place.adopt(status(6, 4));
        assert_eq!((place.standing(), place.next()), (Standing::Held { sequence: 6 }, 6));
        place.adopt(status(7, 6));
        assert_eq!((place.standing(), place.must_look()), (Standing::Held { sequence: 7 }, true));
        place.adopt(status(7, 7));
        assert_eq!((place.standing(), place.next()), (Standing::Open, 7));
    }

    #[test]
    fn a_lane_returns_to_its_own_place_when_foreign_transactions_are_undone() {
        let mut place = place(4);
        place.adopt(status(4, 4));
        place.adopt(status(6, 4));
        for _ in 0..LOOKS {
            place.adopt(status(4, 4));
            assert_eq!(place.standing(), Standing::Held { sequence: 6 }, "the node may lag");
        }
        place.adopt(status(4, 4));
        assert_eq!((place.standing(), place.next()), (Standing::Open, 4));
        place.adopt(status(7, 4));
        (0..=LOOKS).for_each(|_| place.adopt(status(5, 4)));
        assert_eq!(
            (place.standing(), place.next()),
            (Standing::Held { sequence: 5 }, 5),
            "one of them is left"
        );
    }

    #[test]
    fn a_contested_sequence_holds_a_lane_until_it_is_settled() {
        let mut place = place(0);
        place.adopt(status(0, 0));
        place.took(0);
        place.contested(0);
        assert_eq!(place.standing(), Standing::Held { sequence: 0 });
        place.adopt(status(1, 0));
        assert_eq!(place.standing(), Standing::Held { sequence: 0 });
        place.consumed(0);
        assert_eq!((place.standing(), place.next()), (Standing::Open, 1));
    }

    #[test]
    fn a_lane_that_has_lost_a_sequence_asks_how_far_the_account_is_before_it_signs() {
        let mut place = place(0);
        place.adopt(status(0, 0));
        place.took(0);
        place.lost(0);
        assert_eq!((place.standing(), place.must_look()), (Standing::Opening, true));
        place.adopt(status(3, 3));
        assert_eq!((place.standing(), place.next()), (Standing::Open, 3), "three were not ours");
    }

    #[test]
    fn a_lane_of_a_chain_without_sequences_keeps_its_own_count() {
        let mut place = Place::new(5, BTreeSet::from([3]), 2);
        place.adopt(LaneStatus::unnumbered());
        assert_eq!((place.standing(), place.next()), (Standing::Open, 5));
        place.took(5);
        place.adopt(LaneStatus::unnumbered());
        assert_eq!(place.standing(), Standing::Full { pending: 2 }, "nobody has said what became of them");
        place.consumed(5);
        assert_eq!((place.standing(), place.next(), place.is_idle()), (Standing::Open, 6, false));
    }

    #[test]
    #[should_panic(expected = "each once")]
    fn no_sequence_is_taken_twice() {
        let mut place = place(0);
        place.took(0);
        place.took(0);
    }
}
