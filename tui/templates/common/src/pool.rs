//! What a constant-product pool pays, in exact integers of base units. No float is ever involved.

use orderd_sdk::amount::Amount;

/// A whole, in hundredths of a percent.
pub(crate) const WHOLE_BPS: u64 = 10_000;
const MILLION: u64 = 1_000_000;

/// What a pool holds, as one swap sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pool {
    /// Of the sold token.
    pub(crate) reserve_in: Amount,
    /// Of the bought token.
    pub(crate) reserve_out: Amount,
}

impl Pool {
    /// What selling `amount_in` gives, rounded down; `None` when that is nothing, or too large for 256 bits.
    ///
    /// `out = reserveOut · paid / (reserveIn · 10000 + paid)` with `paid = in · (10000 − fee)`: Uniswap V2,
    /// `getAmountOut`.
    pub(crate) fn amount_out(self, amount_in: Amount, fee_bps: u64) -> Option<Amount> {
        let (paid, total) = self.paid(amount_in, fee_bps)?;
        let out = self.reserve_out.mul_div_floor(paid, total)?;
        (!out.is_zero()).then_some(out)
    }

    /// How much the swap moves its own price, in millionths.
    pub(crate) fn price_impact_ppm(self, amount_in: Amount, fee_bps: u64) -> Option<u32> {
        let (paid, total) = self.paid(amount_in, fee_bps)?;
        let share = Amount::from(MILLION).mul_div_floor(paid, total)?;
        u32::try_from(share.0).ok()
    }

    /// The input less the fee, and that with the reserve; both times 10000.
    fn paid(self, amount_in: Amount, fee_bps: u64) -> Option<(Amount, Amount)> {
        let paid = amount_in.checked_mul(WHOLE_BPS.checked_sub(fee_bps)?)?;
        let total = self.reserve_in.checked_mul(WHOLE_BPS)?.checked_add(paid)?;
        Some((paid, total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(reserve_in: u128, reserve_out: u128) -> Pool {
        Pool {
            reserve_in: Amount::from(reserve_in),
            reserve_out: Amount::from(reserve_out),
        }
    }

    #[test]
    fn it_pays_what_uniswap_v2_pays() {
        // Of Uniswap V2's own tests, at 18 decimals.
        let whole = 1_000_000_000_000_000_000_u128;
        let out = pool(5 * whole, 10 * whole).amount_out(Amount::from(whole), 30);
        assert_eq!(out, Some(Amount::from(1_662_497_915_624_478_906_u128)));
    }

    #[test]
    fn nothing_and_far_too_much_have_no_price() {
        assert_eq!(pool(100, 100).amount_out(Amount::ZERO, 30), None);
        assert_eq!(pool(100, 100).amount_out(Amount::MAX, 30), None);
        assert_eq!(pool(0, 0).amount_out(Amount::ZERO, 30), None);
    }

    #[test]
    fn half_of_what_is_there_afterwards_is_half_of_the_price() {
        assert_eq!(
            pool(100, 100).price_impact_ppm(Amount::from(100_u64), 0),
            Some(500_000)
        );
    }
}
