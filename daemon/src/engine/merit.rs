//! Which of two quotes is better: by what the client nets, less a small share where the venue does not do well.

use crate::order::Ppm;
use orderd_sdk::amount::Amount;
use ruint::aliases::U512;
use std::cmp::{Ordering, Reverse};

/// Hundredths of a percent in the whole.
const WHOLE_BPS: u64 = 10_000;

/// What a quote is worth. It is exact: nothing is divided, so that rounding lets no venue win.
///
/// With `p` for the penalty in hundredths of a percent and `s` for the score in millionths, a quote counts as
/// `net × (1 − p / 10,000 × (1 − s / 1,000,000))`; this is that, times 10,000 and a million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Merit {
    weighed: U512,
    score: Ppm,
}

impl Merit {
    /// Without a penalty the score counts for nothing, not even between equals.
    pub(super) fn new(net: Amount, score: Ppm, penalty_bps: u32) -> Self {
        let (whole, score) = (u64::from(Ppm::ONE.0), score.min(Ppm::ONE));
        let fault = whole - u64::from(score.0);
        let penalty = u64::from(penalty_bps).min(WHOLE_BPS);
        let weight = WHOLE_BPS * whole - penalty * fault;
        let score = if penalty == 0 { Ppm::ONE } else { score };
        Self { weighed: U512::from(net.0) * U512::from(weight), score }
    }

    /// Best first; equals by their score, then by name.
    pub(super) fn order(left: (Option<&Self>, &str), right: (Option<&Self>, &str)) -> Ordering {
        let key = |merit: Option<&Self>| Reverse(merit.map(|merit| (merit.weighed, merit.score)));
        key(left.0).cmp(&key(right.0)).then_with(|| left.1.cmp(right.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ruint::aliases::U256;

    fn merit(net: u64, score: u32, penalty: u32) -> Merit {
        Merit::new(Amount::from(net), Ppm(score), penalty)
    }

    fn better(left: Merit, right: Merit) -> Ordering {
        Merit::order((Some(&left), "a"), (Some(&right), "a"))
    }

    #[test]
    fn a_venue_of_health_0_has_to_give_more_by_the_whole_penalty() {
        for (net, expected) in [(10_049, Ordering::Less), (10_051, Ordering::Greater)] {
            assert_eq!(better(merit(10_000, 1_000_000, 50), merit(net, 0, 50)), expected, "{net}");
        }
        assert_eq!(better(merit(10_000, 500_000, 50), merit(10_024, 0, 50)), Ordering::Less);
        assert_eq!(better(merit(10_000, 500_000, 50), merit(10_026, 0, 50)), Ordering::Greater);
    }

    #[test]
    fn equals_are_decided_by_score_and_then_by_name_and_failures_come_last() {
        assert_eq!(better(merit(0, 900_000, 50), merit(0, 800_000, 50)), Ordering::Less);
        assert_eq!(better(merit(7, 900_000, 0), merit(7, 800_000, 0)), Ordering::Equal, "it is switched off");
        let same = merit(7, 900_000, 50);
        assert_eq!(Merit::order((Some(&same), "a"), (Some(&same), "b")), Ordering::Less);
        assert_eq!(Merit::order((None, "a"), (Some(&merit(0, 0, 10_000)), "b")), Ordering::Greater);
    }

    proptest! {
        #[test]
        fn with_equal_health_the_larger_output_wins_however_large(
            left in any::<[u64; 4]>(), right in any::<[u64; 4]>(),
            score in 0_u32..=1_000_000, penalty in 0_u32..10_000,
        ) {
            let (left, right) = (Amount(U256::from_limbs(left)), Amount(U256::from_limbs(right)));
            let of = |net| Merit::new(net, Ppm(score), penalty);
            prop_assert_eq!(better(of(left), of(right)), right.cmp(&left));
        }

        #[test]
        fn a_worse_venue_never_wins_with_less_and_always_with_more_than_the_penalty(
            net in 0_u64..u64::MAX / 20_000, more in 0_u64..1_000_000,
            scores in (0_u32..=1_000_000, 0_u32..=1_000_000), penalty in 1_u32..10_000,
        ) {
            let (worse, well) = (scores.0.min(scores.1), scores.0.max(scores.1));
            let outcome = better(merit(net, well, penalty), merit(net + more, worse, penalty));
            prop_assert!(more > 0 || outcome != Ordering::Greater);
            // (net + more) × (1 − penalty) > net: no score can make up for that.
            let (sum, left) = (u128::from(net) + u128::from(more), 10_000 - u128::from(penalty));
            prop_assert!(sum * left <= u128::from(net) * 10_000 || outcome == Ordering::Greater);
        }
    }
}
