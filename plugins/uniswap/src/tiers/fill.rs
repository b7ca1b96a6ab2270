//! What the pools of two tokens pay for an amount, and which of them pays the most: many pairs in one question.

use super::sqrt_price::ideal_out;
use super::{Contracts, Tiered};
use crate::chain::{View, Viewed};
use crate::pools::Market;
use crate::price;
use alloy_primitives::{Address, U256, aliases::U160};
use orderd_sdk::plugin::{Context, PluginError};

/// A swap between two tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leg {
    pub(crate) token_in: Address,
    pub(crate) token_out: Address,
    pub(crate) amount_in: U256,
}

impl Leg {
    /// Whether the token with the lower address is sold: `token0` of the pool.
    pub(crate) fn sells_low(&self) -> bool {
        self.token_in < self.token_out
    }
}

/// The best that a pool does with a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fill {
    /// Which pool: its tier.
    pub(super) tier: u32,
    pub(super) amount_out: U256,
    /// Gas within the pool.
    pub(super) gas: u64,
    pub(super) impact_ppm: Option<u32>,
}

/// A pool to ask about a leg.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    pub(crate) leg: Leg,
    pub(crate) market: Market,
    pub(crate) pool: Address,
}

/// What a pool is like before a swap.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Before {
    pub(crate) sqrt_price: U160,
    /// What the swap pays in fees, in millionths.
    pub(crate) fee: u32,
}

impl Fill {
    /// What a pool pays, as its quoter says. The impact follows from what the pool was like.
    pub(crate) fn new(ask: &Ask, amount_out: U256, gas: u64, before: Option<Before>) -> Self {
        let ideal = before.and_then(|before| ideal_out(before.sqrt_price, &ask.leg, before.fee));
        let impact_ppm = ideal.and_then(|ideal| price::impact_ppm(ideal, amount_out));
        Self { tier: ask.market.fee, amount_out, gas, impact_ppm }
    }
}

impl<C: Contracts> Tiered<C> {
    /// Asks which pools of these pairs there are, as far as nobody asked before.
    pub(super) async fn find_pools(
        &self,
        ctx: &Context,
        pairs: &[(Address, Address)],
    ) -> Result<(), PluginError> {
        let markets: Vec<Market> = pairs.iter().flat_map(|pair| self.markets(*pair)).collect();
        let unknown = self.pools.unknown(&markets);
        let views: Vec<View> = unknown.iter().map(|market| self.contracts.look_up(*market)).collect();
        let viewed = self.reader.view(ctx, &views).await?;
        for (market, viewed) in unknown.into_iter().zip(viewed) {
            self.pools.note(market, self.contracts.found(&viewed)?);
        }
        Ok(())
    }

    /// Whether any pool trades these tokens.
    pub(super) fn is_traded(&self, pair: (Address, Address)) -> bool {
        self.markets(pair).any(|market| self.pools.at(market).is_some())
    }

    /// The calls that [`Tiered::fills`] reads the answers of.
    pub(super) fn ask(&self, legs: &[Leg]) -> Vec<View> {
        self.asks(legs).iter().flat_map(|(_, ask)| self.contracts.ask(ask)).collect()
    }

    /// The best fill of each leg; `None` where no pool fills the whole of it.
    pub(super) fn fills(&self, legs: &[Leg], viewed: &[Viewed]) -> Vec<Option<Fill>> {
        let mut best: Vec<Option<Fill>> = vec![None; legs.len()];
        for ((leg, ask), viewed) in self.asks(legs).iter().zip(viewed.chunks_exact(2)) {
            let Some(best) = best.get_mut(*leg) else {
                continue;
            };
            let found = self.contracts.fill(ask, viewed);
            let is_better = |found: &Fill| best.is_none_or(|best| found.amount_out > best.amount_out);
            if let Some(found) = found.filter(is_better) {
                *best = Some(found);
            }
        }
        best
    }

    /// The pools to ask about each leg, with the leg's position.
    fn asks(&self, legs: &[Leg]) -> Vec<(usize, Ask)> {
        let of_leg = |(position, leg): (usize, &Leg)| {
            let leg = *leg;
            let markets = self.markets((leg.token_in, leg.token_out));
            let asks = markets.filter_map(move |market| {
                Some((position, Ask { leg, market, pool: self.pools.at(market)? }))
            });
            asks.collect::<Vec<_>>()
        };
        let askable = |(_, leg): &(usize, &Leg)| leg.amount_in <= C::MOST_IN;
        legs.iter().enumerate().filter(askable).flat_map(of_leg).collect()
    }

    fn markets(&self, (one, other): (Address, Address)) -> impl Iterator<Item = Market> {
        self.fees.iter().map(move |fee| Market::new(one, other, *fee))
    }
}
