//! Prices of V3 and V4: √(token1 / token0) as a fixed-point number with 96 fractional bits (whitepaper, section 6.1).

use super::Leg;
use crate::price::narrow;
use alloy_primitives::{U256, U512, aliases::U160, uint};

/// One more than the lowest price: where a swap stops that sells more token0 than the pool can take (TickMath).
const LOWEST: U160 = uint!(4295128740_U160);
/// One less than the highest price: the same for token1.
const HIGHEST: U160 = uint!(1461446703485210103287273052203988822378723970341_U160);
const WHOLE_FEE: u32 = 1_000_000;

/// Whether a swap stopped because the pool ran dry: it did not take the whole input.
pub(crate) fn is_exhausted(sqrt_price_after: U160) -> bool {
    sqrt_price_after <= LOWEST || sqrt_price_after >= HIGHEST
}

/// What the pool would pay if the price did not move, after its fee in millionths.
pub(super) fn ideal_out(sqrt_price: U160, leg: &Leg, fee: u32) -> Option<U256> {
    let kept = U512::from(WHOLE_FEE.checked_sub(fee)?);
    let taken: U512 = U512::from(leg.amount_in) * kept / U512::from(WHOLE_FEE);
    if taken.bit_len() > 192 {
        return None;
    }
    let square = U512::from(sqrt_price) * U512::from(sqrt_price);
    match leg.sells_low() {
        true => narrow((taken * square) >> 192_usize),
        false => narrow((taken << 192_usize).checked_div(square)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::Address;

    const LOW: Address = Address::repeat_byte(1);
    const HIGH: Address = Address::repeat_byte(2);

    fn sells_low(amount_in: U256) -> Leg {
        Leg { token_in: LOW, token_out: HIGH, amount_in }
    }

    fn sells_high(amount_in: U256) -> Leg {
        Leg { token_in: HIGH, token_out: LOW, amount_in }
    }

    /// A price of four: one token0 is worth four token1.
    fn four() -> U160 {
        U160::from(2) << 96
    }

    #[test]
    fn the_ideal_follows_the_price_in_both_directions() {
        let million = U256::from(1_000_000);
        assert_eq!(ideal_out(four(), &sells_low(million), 0), Some(U256::from(4_000_000)));
        assert_eq!(ideal_out(four(), &sells_high(million), 0), Some(U256::from(250_000)));
        assert_eq!(ideal_out(four(), &sells_low(million), 3_000), Some(U256::from(3_988_000)));
    }

    #[test]
    fn extremes_have_a_sound_answer_or_none() {
        assert_eq!(ideal_out(U160::ZERO, &sells_high(U256::from(1)), 0), None);
        assert_eq!(ideal_out(HIGHEST, &sells_low(U256::MAX), 0), None);
        assert_eq!(ideal_out(HIGHEST, &sells_low(U256::from(1) << 191), 0), None);
        assert_eq!(ideal_out(HIGHEST, &sells_high(U256::from(1)), 0), Some(U256::ZERO));
    }

    #[test]
    fn a_swap_that_ends_at_the_edge_ran_dry() {
        assert!(is_exhausted(LOWEST) && is_exhausted(HIGHEST) && !is_exhausted(four()));
    }
}
