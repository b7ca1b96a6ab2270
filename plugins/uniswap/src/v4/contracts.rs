//! How V4Quoter and StateView are asked. A pool has no address of its own: it is at the PoolManager, under the hash of
//! its key. Pools with hooks are never asked about: their code can do anything, at any time.

use crate::chain::{View, Viewed};
use crate::contracts::{PoolKey, V4Quoter, V4StateView};
use crate::pools::Market;
use crate::settings::V4Contracts;
use crate::tiers::{Ask, Before, Contracts, Fill};
use alloy_primitives::aliases::U24;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::SolValue;
use orderd_sdk::plugin::PluginError;

const MILLION: u32 = 1_000_000;
/// A protocol fee has twelve bits for each direction, those of selling `currency0` first.
const PROTOCOL_FEE_BITS: u32 = 12;

impl V4Contracts {
    /// The key of a market's pool. No pool has the spacing 0, which stands for a fee that is not configured.
    pub(super) fn key(&self, market: Market) -> PoolKey {
        PoolKey {
            currency0: market.low,
            currency1: market.high,
            fee: U24::from(market.fee),
            tickSpacing: self.tick_spacings.get(&market.fee).copied().unwrap_or_default(),
            hooks: Address::ZERO,
        }
    }

    fn slot0(&self, market: Market) -> View {
        let pool_id: B256 = keccak256(self.key(market).abi_encode());
        View::new(self.state_view, &V4StateView::getSlot0Call { poolId: pool_id })
    }
}

impl Contracts for V4Contracts {
    /// A pool counts in signed numbers of 128 bits.
    const MOST_IN: U256 = U256::from_limbs([u64::MAX, u64::MAX >> 1, 0, 0]);
    /// The transaction itself, the router, Permit2 and the transfers: 81 000 to 87 000 were measured with simple tokens.
    const OUTSIDE_GAS: u64 = 85_000;

    fn look_up(&self, market: Market) -> View {
        self.slot0(market)
    }

    /// A pool without a price was never opened.
    fn found(&self, viewed: &Viewed) -> Result<Address, PluginError> {
        let slot0 = viewed.expect::<V4StateView::getSlot0Call>("the state view")?;
        Ok(match slot0.sqrtPriceX96.is_zero() {
            true => Address::ZERO,
            false => self.pool_manager,
        })
    }

    fn ask(&self, ask: &Ask) -> [View; 2] {
        let params = V4Quoter::QuoteExactSingleParams {
            poolKey: self.key(ask.market),
            zeroForOne: ask.leg.sells_low(),
            exactAmount: ask.leg.amount_in.saturating_to(),
            hookData: Bytes::new(),
        };
        let quote = View::new(self.quoter, &V4Quoter::quoteExactInputSingleCall { params });
        [quote, self.slot0(ask.market)]
    }

    /// The quoter itself refuses what the pool does not take the whole of.
    fn fill(&self, ask: &Ask, viewed: &[Viewed]) -> Option<Fill> {
        let [quoted, slot0] = viewed else {
            return None;
        };
        let quoted = quoted.returned::<V4Quoter::quoteExactInputSingleCall>()?;
        if quoted.amountOut.is_zero() {
            return None;
        }
        let slot0 = slot0.returned::<V4StateView::getSlot0Call>();
        let before = slot0.map(|slot0| Before {
            sqrt_price: slot0.sqrtPriceX96,
            fee: swap_fee(slot0.protocolFee.to(), slot0.lpFee.to(), ask.leg.sells_low()),
        });
        Some(Fill::new(ask, quoted.amountOut, u64::try_from(quoted.gasEstimate).ok()?, before))
    }
}

/// What a swap pays in fees, in millionths: the protocol's first, then the pool's on the rest (ProtocolFeeLibrary).
fn swap_fee(protocol_fees: u32, pool_fee: u32, sells_low: bool) -> u32 {
    let protocol_fee = match sells_low {
        true => protocol_fees,
        false => protocol_fees >> PROTOCOL_FEE_BITS,
    };
    let protocol_fee = protocol_fee & ((1 << PROTOCOL_FEE_BITS) - 1);
    let both = u64::from(protocol_fee) * u64::from(pool_fee) / u64::from(MILLION);
    let shared = u32::try_from(both).unwrap_or(pool_fee);
    (protocol_fee + pool_fee).saturating_sub(shared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocols_fee_comes_first_and_depends_on_the_direction() {
        let protocol_fees = (1_000 << 12) | 500;
        assert_eq!(swap_fee(0, 3_000, true), 3_000);
        assert_eq!(swap_fee(protocol_fees, 3_000, true), 500 + 3_000 - 1);
        assert_eq!(swap_fee(protocol_fees, 3_000, false), 1_000 + 3_000 - 3);
        assert_eq!(swap_fee(protocol_fees, MILLION, false), MILLION);
    }
}
