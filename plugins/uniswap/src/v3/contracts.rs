//! How V3's factory, pools and QuoterV2 are asked.

use crate::chain::{View, Viewed};
use crate::contracts::{V3Factory, V3Pool, V3Quoter};
use crate::pools::Market;
use crate::settings::V3Contracts;
use crate::tiers::{Ask, Before, Contracts, Fill, is_exhausted};
use alloy_primitives::aliases::{U24, U160};
use alloy_primitives::{Address, U256};
use orderd_sdk::plugin::PluginError;

impl Contracts for V3Contracts {
    const MOST_IN: U256 = U256::MAX;
    /// The transaction itself, the router, and the transfers, less what the quoter itself takes: 27 000 to 32 000 were
    /// measured with simple tokens.
    const OUTSIDE_GAS: u64 = 40_000;

    fn look_up(&self, market: Market) -> View {
        let call =
            V3Factory::getPoolCall { tokenA: market.low, tokenB: market.high, fee: U24::from(market.fee) };
        View::new(self.factory, &call)
    }

    fn found(&self, viewed: &Viewed) -> Result<Address, PluginError> {
        viewed.expect::<V3Factory::getPoolCall>("the factory")
    }

    fn ask(&self, ask: &Ask) -> [View; 2] {
        let params = V3Quoter::QuoteExactInputSingleParams {
            tokenIn: ask.leg.token_in,
            tokenOut: ask.leg.token_out,
            amountIn: ask.leg.amount_in,
            fee: U24::from(ask.market.fee),
            sqrtPriceLimitX96: U160::ZERO,
        };
        let quote = View::new(self.quoter, &V3Quoter::quoteExactInputSingleCall { params });
        [quote, View::new(ask.pool, &V3Pool::slot0Call {})]
    }

    fn fill(&self, ask: &Ask, viewed: &[Viewed]) -> Option<Fill> {
        let [quoted, slot0] = viewed else {
            return None;
        };
        let quoted = quoted.returned::<V3Quoter::quoteExactInputSingleCall>()?;
        if quoted.amountOut.is_zero() || is_exhausted(quoted.sqrtPriceX96After) {
            return None;
        }
        let slot0 = slot0.returned::<V3Pool::slot0Call>();
        let before = slot0.map(|slot0| Before { sqrt_price: slot0.sqrtPriceX96, fee: ask.market.fee });
        Some(Fill::new(ask, quoted.amountOut, u64::try_from(quoted.gasEstimate).ok()?, before))
    }
}
