//! The price of a constant-product pool, in exact integers, as Uniswap V2 computes it.

use ruint::aliases::{U256, U512};

/// A whole, in basis points.
pub(crate) const BPS: u32 = 10_000;
/// No reserve has more bits, so that no product of two and a fee overflows 512.
pub(crate) const RESERVE_BITS: usize = 240;
const MILLION: u64 = 1_000_000;

/// A pool as one swap sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Market {
    /// What the pool holds of the sold token.
    pub(crate) reserve_in: U256,
    /// What the pool holds of the bought token.
    pub(crate) reserve_out: U256,
    /// Kept by the pool from what is sold, in basis points below [`BPS`].
    pub(crate) fee_bps: u32,
}

impl Market {
    /// What selling `amount_in` gives, rounded down. `None` when that is nothing, or a reserve would
    /// have more than [`RESERVE_BITS`].
    ///
    /// `out = in·(1 − fee)·reserveOut / (reserveIn + in·(1 − fee))`: Uniswap V2, `getAmountOut`.
    pub(crate) fn amount_out(&self, amount_in: U256) -> Option<U256> {
        let reserve_in = self.reserve_in.checked_add(amount_in)?;
        if reserve_in.bit_len() > RESERVE_BITS || self.reserve_out.bit_len() > RESERVE_BITS {
            return None;
        }
        let paid = self.paid(amount_in);
        let out = paid * U512::from(self.reserve_out) / (self.scaled_reserve_in() + paid);
        let out = U256::checked_from_limbs_slice(out.as_limbs())?;
        (!out.is_zero()).then_some(out)
    }

    /// How much the swap moves its own price, in millionths rounded up: `in·(1 − fee) / (reserveIn + in·(1 − fee))`.
    pub(crate) fn price_impact_ppm(&self, amount_in: U256) -> u32 {
        let paid = self.paid(amount_in);
        let ppm = (paid * U512::from(MILLION)).div_ceil(self.scaled_reserve_in() + paid);
        u32::try_from(ppm).unwrap_or(u32::MAX)
    }

    /// The reserves after selling `amount_in` for `amount_out`.
    pub(crate) fn after(&self, amount_in: U256, amount_out: U256) -> (U256, U256) {
        (self.reserve_in.saturating_add(amount_in), self.reserve_out.saturating_sub(amount_out))
    }

    /// The input less the fee, times [`BPS`]. At most 256 + 14 bits.
    fn paid(&self, amount_in: U256) -> U512 {
        U512::from(amount_in) * U512::from(BPS - self.fee_bps)
    }

    fn scaled_reserve_in(&self) -> U512 {
        U512::from(self.reserve_in) * U512::from(BPS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn market(reserve_in: u128, reserve_out: u128, fee_bps: u32) -> Market {
        Market { reserve_in: U256::from(reserve_in), reserve_out: U256::from(reserve_out), fee_bps }
    }

    #[test]
    fn prices_are_those_of_uniswap_v2() {
        // The first three are the test cases of Uniswap V2's own pair contract, at 18 decimals.
        let e18 = 1_000_000_000_000_000_000_u128;
        let cases: [(Market, u128, Option<u128>); 6] = [
            (market(5 * e18, 10 * e18, 30), e18, Some(1_662_497_915_624_478_906)),
            (market(10 * e18, 5 * e18, 30), e18, Some(453_305_446_940_074_565)),
            (market(1000 * e18, 1000 * e18, 30), e18, Some(996_006_981_039_903_216)),
            (market(100, 100, 0), 100, Some(50)),
            (market(1_000_000, 10, 30), 1, None),
            (market(100, 100, 0), 0, None),
        ];
        for (market, amount_in, expected) in cases {
            assert_eq!(market.amount_out(U256::from(amount_in)), expected.map(U256::from), "{market:?}");
        }
        let full = Market { reserve_in: U256::MAX, ..market(0, 100, 30) };
        assert_eq!(full.amount_out(U256::ONE), None);
    }

    #[test]
    fn impact_is_the_share_of_the_pool_that_the_swap_becomes() {
        assert_eq!(market(99, 1, 0).price_impact_ppm(U256::ONE), 10_000);
        assert_eq!(market(1, 1, 0).price_impact_ppm(U256::MAX), 1_000_000);
        assert_eq!(market(u128::MAX, 1, 30).price_impact_ppm(U256::ONE), 1);
    }

    proptest! {
        #[test]
        fn the_product_of_the_reserves_never_falls(
            reserve_in in any::<[u64; 4]>(),
            reserve_out in any::<[u64; 4]>(),
            amount_in in any::<[u64; 4]>(),
            shift in 16_usize..250,
            fee_bps in 0..BPS,
        ) {
            let market = Market {
                reserve_in: U256::from_limbs(reserve_in) >> 17 | U256::ONE,
                reserve_out: U256::from_limbs(reserve_out) >> 17 | U256::ONE,
                fee_bps,
            };
            let amount_in = U256::from_limbs(amount_in) >> shift;
            if let Some(amount_out) = market.amount_out(amount_in) {
                prop_assert!(amount_out < market.reserve_out);
                let (after_in, after_out) = market.after(amount_in, amount_out);
                let before = U512::from(market.reserve_in) * U512::from(market.reserve_out);
                prop_assert!(U512::from(after_in) * U512::from(after_out) >= before);
            }
        }
    }
}
