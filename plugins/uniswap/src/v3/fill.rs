//! What the pools of two tokens pay for an amount, and which of them pays the most: many pairs in one question.

use super::V3;
use super::sqrt_price::{Sold, ideal_out, is_exhausted};
use crate::chain::{View, Viewed};
use crate::contracts::{V3Factory, V3Pool, V3Quoter};
use crate::pools::Market;
use crate::price;
use alloy_primitives::aliases::{U24, U160};
use alloy_primitives::{Address, U256};
use orderd_sdk::plugin::{Context, PluginError};

/// A swap between two tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leg {
    pub(super) token_in: Address,
    pub(super) token_out: Address,
    pub(super) amount_in: U256,
}

/// The best that a pool does with a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fill {
    /// Which pool: its fee.
    pub(super) fee: u32,
    pub(super) amount_out: U256,
    /// Gas within the pool.
    pub(super) gas: u64,
    pub(super) impact_ppm: Option<u32>,
}

/// A pool to ask about a leg, by the leg's position.
struct Ask {
    leg: usize,
    fee: u32,
    pool: Address,
}

impl V3 {
    /// Asks the factory about the pools of these pairs that nobody asked about before.
    pub(super) async fn find_pools(
        &self,
        ctx: &Context,
        pairs: &[(Address, Address)],
    ) -> Result<(), PluginError> {
        let markets: Vec<Market> = pairs.iter().flat_map(|pair| self.markets(*pair)).collect();
        let unknown = self.pools.unknown(&markets);
        let get_pool = |market: &Market| {
            let call = V3Factory::getPoolCall {
                tokenA: market.low,
                tokenB: market.high,
                fee: U24::from(market.fee),
            };
            View::new(self.common.factory, &call)
        };
        let views: Vec<View> = unknown.iter().map(get_pool).collect();
        let viewed = self.reader.view(ctx, &views).await?;
        for (market, viewed) in unknown.into_iter().zip(viewed) {
            self.pools.note(market, viewed.expect::<V3Factory::getPoolCall>("the factory")?);
        }
        Ok(())
    }

    /// Whether any pool trades these tokens.
    pub(super) fn is_traded(&self, pair: (Address, Address)) -> bool {
        self.markets(pair).any(|market| self.pools.at(market).is_some())
    }

    /// The calls that [`V3::fills`] reads the answers of.
    pub(super) fn ask(&self, legs: &[Leg]) -> Vec<View> {
        let asks = self.asks(legs);
        let views = asks.iter().filter_map(|ask| Some((ask, legs.get(ask.leg)?)));
        let views = views.map(|(ask, leg)| {
            let slot0 = View::new(ask.pool, &V3Pool::slot0Call {});
            [self.quote_single(leg, ask.fee), slot0]
        });
        views.flatten().collect()
    }

    /// The best fill of each leg; `None` where no pool fills the whole of it.
    pub(super) fn fills(&self, legs: &[Leg], viewed: &[Viewed]) -> Vec<Option<Fill>> {
        let mut best: Vec<Option<Fill>> = vec![None; legs.len()];
        for (ask, viewed) in self.asks(legs).iter().zip(viewed.chunks_exact(2)) {
            let (Some(leg), Some(best)) = (legs.get(ask.leg), best.get_mut(ask.leg)) else {
                continue;
            };
            let found = fill(leg, ask.fee, viewed);
            let is_better = |found: &Fill| best.is_none_or(|best| found.amount_out > best.amount_out);
            if let Some(found) = found.filter(is_better) {
                *best = Some(found);
            }
        }
        best
    }

    fn asks(&self, legs: &[Leg]) -> Vec<Ask> {
        let of_leg = |(position, leg): (usize, &Leg)| {
            let markets = self.markets((leg.token_in, leg.token_out));
            let asks = markets.filter_map(move |market| {
                Some(Ask { leg: position, fee: market.fee, pool: self.pools.at(market)? })
            });
            asks.collect::<Vec<Ask>>()
        };
        legs.iter().enumerate().flat_map(of_leg).collect()
    }

    fn markets(&self, (one, other): (Address, Address)) -> impl Iterator<Item = Market> {
        self.fee_tiers.iter().map(move |fee| Market::new(one, other, *fee))
    }

    fn quote_single(&self, leg: &Leg, fee: u32) -> View {
        let params = V3Quoter::QuoteExactInputSingleParams {
            tokenIn: leg.token_in,
            tokenOut: leg.token_out,
            amountIn: leg.amount_in,
            fee: U24::from(fee),
            sqrtPriceLimitX96: U160::ZERO,
        };
        View::new(self.quoter, &V3Quoter::quoteExactInputSingleCall { params })
    }
}

fn fill(leg: &Leg, fee: u32, viewed: &[Viewed]) -> Option<Fill> {
    let [quoted, slot0] = viewed else {
        return None;
    };
    let quoted = quoted.returned::<V3Quoter::quoteExactInputSingleCall>()?;
    if quoted.amountOut.is_zero() || is_exhausted(quoted.sqrtPriceX96After) {
        return None;
    }
    let before = slot0.returned::<V3Pool::slot0Call>().map(|slot0| slot0.sqrtPriceX96);
    let sold = if leg.token_in < leg.token_out { Sold::Token0 } else { Sold::Token1 };
    let ideal = before.and_then(|before| ideal_out(before, sold, leg.amount_in, fee));
    Some(Fill {
        fee,
        amount_out: quoted.amountOut,
        gas: u64::try_from(quoted.gasEstimate).ok()?,
        impact_ppm: ideal.and_then(|ideal| price::impact_ppm(ideal, quoted.amountOut)),
    })
}
