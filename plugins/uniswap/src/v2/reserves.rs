//! The arithmetic of a constant-product pool (UniswapV2Library, Uniswap V2 whitepaper section 3.2.1). What a quote
//! promises comes from the router; this serves what the router does not tell.

use crate::price::narrow;
use alloy_primitives::{U256, U512};

const WHOLE_BPS: u32 = 10_000;

/// What a pool holds, seen from one of its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reserves {
    /// Of the token that goes in.
    pub(super) sold: U256,
    /// Of the token that comes out.
    pub(super) bought: U256,
}

impl Reserves {
    /// What the pool pays, as `getAmountOut` has it: `b·aₙ / (s + aₙ)`, where `aₙ` is the input less the fee.
    pub(super) fn amount_out(self, amount_in: U256, fee_bps: u32) -> Option<U256> {
        let taken = U512::from(amount_in).checked_mul(U512::from(WHOLE_BPS.checked_sub(fee_bps)?))?;
        let numerator = taken.checked_mul(U512::from(self.bought))?;
        let whole = U512::from(self.sold) * U512::from(WHOLE_BPS);
        narrow(numerator.checked_div(whole.checked_add(taken)?)?)
    }

    /// What it would pay if the price did not move: `b·aₙ / s`.
    pub(super) fn ideal_out(self, amount_in: U256, fee_bps: u32) -> Option<U256> {
        let taken = U512::from(amount_in).checked_mul(U512::from(WHOLE_BPS.checked_sub(fee_bps)?))?;
        let whole = U512::from(self.sold) * U512::from(WHOLE_BPS);
        narrow(taken.checked_mul(U512::from(self.bought))?.checked_div(whole)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price::impact_ppm;

    fn reserves(sold: u128, bought: u128) -> Reserves {
        Reserves { sold: U256::from(sold), bought: U256::from(bought) }
    }

    /// The table of Uniswap's own test suite for UniswapV2Pair, in units of 10^18.
    #[test]
    fn amounts_are_those_of_uniswaps_own_tests() {
        const WHOLE: u128 = 1_000_000_000_000_000_000;
        let cases = [
            (1, 5, 10, 1_662_497_915_624_478_906_u128),
            (1, 10, 5, 453_305_446_940_074_565),
            (2, 5, 10, 2_851_015_155_847_869_602),
            (2, 10, 5, 831_248_957_812_239_453),
            (1, 10, 10, 906_610_893_880_149_131),
            (1, 100, 100, 987_158_034_397_061_298),
            (1, 1_000, 1_000, 996_006_981_039_903_216),
        ];
        for (amount, sold, bought, expected) in cases {
            let pool = reserves(sold * WHOLE, bought * WHOLE);
            assert_eq!(pool.amount_out(U256::from(amount * WHOLE), 30), Some(U256::from(expected)));
        }
    }

    #[test]
    fn a_trade_of_a_tenth_of_the_pool_moves_the_price_by_an_eleventh() {
        let pool = reserves(1_000_000_000, 3_000_000_000);
        let amount_in = U256::from(100_000_000);
        let ideal = pool.ideal_out(amount_in, 0).unwrap();
        let actual = pool.amount_out(amount_in, 0).unwrap();
        assert_eq!((ideal, impact_ppm(ideal, actual)), (U256::from(300_000_000), Some(90_909)));
    }

    #[test]
    fn an_empty_pool_and_a_monstrous_trade_have_no_answer_or_a_sound_one() {
        assert_eq!(reserves(0, 0).ideal_out(U256::from(1), 30), None);
        assert_eq!(reserves(0, 0).amount_out(U256::ZERO, 30), None);
        let pool = reserves(u128::MAX >> 16, u128::MAX >> 16);
        assert!(pool.amount_out(U256::MAX, 30).unwrap() < pool.bought);
    }
}
