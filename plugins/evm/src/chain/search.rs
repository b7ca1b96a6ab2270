//! Finds the first block after which an account's sequence was consumed. It asks for one height at a time, from the
//! newest on in growing steps, then halves what is left. Pure: who drives it asks the node.

/// What is known of an account at a height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// The sequence was not consumed yet.
    Open,
    /// It was.
    Consumed,
    /// The node has no state of that height any more.
    Missing,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Look at this height.
    Look(u64),
    /// It is this block that consumed it.
    Found(u64),
    /// The node's history does not reach back so far.
    OutOfReach,
}

/// Each height that is noted narrows it, whatever was seen there, so it ends after twice the logarithm of the distance,
/// at most 128 looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search {
    /// The lowest height at which it is known to be consumed.
    consumed: u64,
    /// The highest height below it at which it is not; none yet while the steps grow.
    below: Option<(u64, Seen)>,
    step: u64,
}

impl Search {
    /// Begins below a height at which the sequence is consumed.
    pub(super) fn below(consumed: u64) -> Self {
        Self { consumed, below: None, step: 1 }
    }

    pub(super) fn next(&self) -> Next {
        match self.below {
            None if self.consumed == 0 => Next::Found(0),
            None => Next::Look(self.consumed.saturating_sub(self.step)),
            Some((below, seen)) if self.consumed - below <= 1 => match seen {
                Seen::Missing => Next::OutOfReach,
                Seen::Open | Seen::Consumed => Next::Found(self.consumed),
            },
            Some((below, _)) => Next::Look(below + (self.consumed - below) / 2),
        }
    }

    /// Notes what was seen at the height that was asked for.
    pub(super) fn note(&mut self, height: u64, seen: Seen) {
        match seen {
            Seen::Consumed => {
                self.consumed = height;
                self.step = self.step.saturating_mul(2);
            }
            Seen::Open | Seen::Missing => self.below = Some((height, seen)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Searches a chain whose sequence is consumed from one height on, and whose state is there from another on.
    fn search(final_height: u64, consumed_from: u64, kept_from: u64) -> (Next, Vec<u64>) {
        let (mut search, mut looks) = (Search::below(final_height), Vec::new());
        loop {
            let Next::Look(height) = search.next() else {
                return (search.next(), looks);
            };
            assert!(height < final_height, "only what is not known yet is looked at");
            looks.push(height);
            let seen = match (height < kept_from, height < consumed_from) {
                (true, _) => Seen::Missing,
                (false, true) => Seen::Open,
                (false, false) => Seen::Consumed,
            };
            search.note(height, seen);
        }
    }

    #[test]
    fn what_is_recent_is_found_with_few_looks() {
        assert_eq!(search(1_000_000, 1_000_000, 0), (Next::Found(1_000_000), vec![999_999]));
        assert_eq!(search(1_000_000, 999_999, 0).1, [999_999, 999_997, 999_998]);
        assert_eq!(search(0, 0, 0), (Next::Found(0), Vec::new()));
    }

    fn heights() -> impl Strategy<Value = (u64, u64, u64)> {
        let final_height = prop_oneof![0_u64..100, any::<u64>()];
        final_height.prop_flat_map(|height| (Just(height), 0..=height, 0..=height))
    }

    proptest! {
        #[test]
        fn it_ends_at_the_right_block_within_bounds(
            (final_height, consumed_from, kept_from) in heights(),
        ) {
            let (found, looks) = search(final_height, consumed_from, kept_from);
            let in_reach = kept_from < consumed_from || kept_from == 0;
            let expected = if in_reach { Next::Found(consumed_from) } else { Next::OutOfReach };
            prop_assert_eq!(found, expected);
            let distance = final_height - consumed_from.max(kept_from.saturating_sub(1));
            let logarithm = (u64::BITS - distance.leading_zeros()) as usize;
            prop_assert!(looks.len() <= 2 * logarithm + 2, "{} looks over {distance}", looks.len());
        }

        /// A node that contradicts itself is found out by who reads the block; the search only has to end.
        #[test]
        fn it_ends_whatever_the_node_says(final_height: u64, says in prop::collection::vec(0_u8..3, 130)) {
            let mut search = Search::below(final_height);
            let mut says = says.into_iter();
            while let Next::Look(height) = search.next() {
                let said = says.next().expect("at most 128 looks");
                search.note(height, [Seen::Open, Seen::Consumed, Seen::Missing][usize::from(said)]);
            }
        }
    }
}
