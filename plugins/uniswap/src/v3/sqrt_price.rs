//! Prices of V3: √(token1 / token0) as a fixed-point number with 96 fractional bits (whitepaper, section 6.1).

use crate::price::narrow;
use alloy_primitives::{U256, U512, aliases::U160, uint};

/// One more than the lowest price: where a swap stops that sells more token0 than the pool can take (TickMath).
const LOWEST: U160 = uint!(4295128740_U160);
/// One less than the highest price: the same for token1.
const HIGHEST: U160 = uint!(1461446703485210103287273052203988822378723970341_U160);
const WHOLE_FEE: u32 = 1_000_000;

/// Which token of the pool is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sold {
    /// The one with the lower address.
    Token0,
    /// The other one.
    Token1,
}

/// Whether a swap stopped because the pool ran dry: it did not take the whole input.
pub(super) fn is_exhausted(sqrt_price_after: U160) -> bool {
    sqrt_price_after <= LOWEST || sqrt_price_after >= HIGHEST
}

/// What the pool would pay if the price did not move, after its fee in millionths.
pub(super) fn ideal_out(sqrt_price: U160, sold: Sold, amount_in: U256, fee: u32) -> Option<U256> {
    let kept = U512::from(WHOLE_FEE.checked_sub(fee)?);
    let taken: U512 = U512::from(amount_in) * kept / U512::from(WHOLE_FEE);
    if taken.bit_len() > 192 {
        return None;
    }
    let square = U512::from(sqrt_price) * U512::from(sqrt_price);
    match sold {
        Sold::Token0 => narrow((taken * square) >> 192_usize),
        Sold::Token1 => narrow((taken << 192_usize).checked_div(square)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A price of four: one token0 is worth four token1.
    fn four() -> U160 {
        U160::from(2) << 96
    }

    #[test]
    fn the_ideal_follows_the_price_in_both_directions() {
        let ideal = |sold, fee| ideal_out(four(), sold, U256::from(1_000_000), fee);
        assert_eq!(ideal(Sold::Token0, 0), Some(U256::from(4_000_000)));
        assert_eq!(ideal(Sold::Token1, 0), Some(U256::from(250_000)));
        assert_eq!(ideal(Sold::Token0, 3_000), Some(U256::from(3_988_000)));
    }

    #[test]
    fn extremes_have_a_sound_answer_or_none() {
        assert_eq!(ideal_out(U160::ZERO, Sold::Token1, U256::from(1), 0), None);
        assert_eq!(ideal_out(HIGHEST, Sold::Token0, U256::MAX, 0), None);
        assert_eq!(ideal_out(HIGHEST, Sold::Token0, U256::from(1) << 191, 0), None);
        assert_eq!(ideal_out(HIGHEST, Sold::Token1, U256::from(1), 0), Some(U256::ZERO));
    }

    #[test]
    fn a_swap_that_ends_at_the_edge_ran_dry() {
        assert!(is_exhausted(LOWEST) && is_exhausted(HIGHEST) && !is_exhausted(four()));
    }
}
