//! Prices a trade in at most two questions: the direct pools and the first halves of the detours, and then the second
//! halves with what the first ones pay. Taking the best pool of each half is exact: a pool pays more for more.

use super::{Contracts, Fill, Leg, Tiered};
use crate::price::{self, GasMarket, Offer, SAMPLE_WEI};
use crate::route::Route;
use crate::trade::{Trade, no_pool, too_shallow};
use alloy_primitives::Address;
use orderd_sdk::amount::Amount;
use orderd_sdk::plugin::{Context, PluginError, Quote, QuoteRequest};

/// A detour whose first half is filled.
struct Halfway {
    stop: Address,
    first: Fill,
}

/// What the first question told.
struct FirstLook {
    direct: Option<Fill>,
    gas: Option<GasMarket>,
    halfway: Vec<Halfway>,
}

impl<C: Contracts> Tiered<C> {
    /// What the best way through the pools offers.
    ///
    /// # Errors
    /// When there is none, or the chain cannot be asked.
    pub(crate) async fn price(&self, ctx: &Context, request: &QuoteRequest) -> Result<Quote, PluginError> {
        let trade = Trade::to_quote(request)?;
        let stops = self.stops(ctx, &trade).await?;
        if stops.is_empty() && !self.is_traded((trade.token_in, trade.token_out)) {
            return Err(no_pool(request));
        }
        let look = self.first_look(ctx, &trade, stops).await?;
        let mut offers: Vec<Offer> = look.direct.iter().map(|fill| direct::<C>(&trade, fill)).collect();
        offers.extend(self.detours(ctx, &trade, &look.halfway).await?);
        price::best(offers, look.gas).ok_or_else(|| too_shallow(request))
    }

    /// Learns which pools there are, and returns the stops that both halves of a detour have pools for.
    async fn stops(&self, ctx: &Context, trade: &Trade) -> Result<Vec<Address>, PluginError> {
        let paths = trade.paths(&self.common.via);
        let hops = paths.iter().flat_map(|path| path.windows(2));
        let hops = hops.filter_map(|hop| Some((*hop.first()?, *hop.last()?)));
        let mut pairs: Vec<(Address, Address)> = hops.collect();
        if self.common.wrapped_native != trade.token_out {
            pairs.push((self.common.wrapped_native, trade.token_out));
        }
        self.find_pools(ctx, &pairs).await?;
        let stops = paths.iter().filter_map(|path| match path.as_slice() {
            [_, stop, _] => Some(*stop),
            _ => None,
        });
        let reachable = |stop: &Address| {
            self.is_traded((trade.token_in, *stop)) && self.is_traded((*stop, trade.token_out))
        };
        Ok(stops.filter(reachable).collect())
    }

    async fn first_look(
        &self,
        ctx: &Context,
        trade: &Trade,
        stops: Vec<Address>,
    ) -> Result<FirstLook, PluginError> {
        let sample =
            Leg { token_in: self.common.wrapped_native, token_out: trade.token_out, amount_in: SAMPLE_WEI };
        let halves = stops.iter().map(|stop| leg(trade, *stop));
        let legs: Vec<Leg> = [leg(trade, trade.token_out), sample].into_iter().chain(halves).collect();
        let (viewed, gas_price) = self.reader.view_priced(ctx, &self.ask(&legs)).await?;
        let mut fills = self.fills(&legs, &viewed).into_iter();
        let direct = fills.next().flatten();
        let sample = fills.next().flatten();
        let halfway = stops.into_iter().zip(fills).filter_map(|(stop, first)| {
            let first = first?;
            Some(Halfway { stop, first })
        });
        Ok(FirstLook { direct, gas: self.gas_market(trade, sample, gas_price), halfway: halfway.collect() })
    }

    async fn detours(
        &self,
        ctx: &Context,
        trade: &Trade,
        halfway: &[Halfway],
    ) -> Result<Vec<Offer>, PluginError> {
        let second = |half: &Halfway| Leg {
            token_in: half.stop,
            token_out: trade.token_out,
            amount_in: half.first.amount_out,
        };
        let legs: Vec<Leg> = halfway.iter().map(second).collect();
        let viewed = self.reader.view(ctx, &self.ask(&legs)).await?;
        let fills = self.fills(&legs, &viewed);
        let offers =
            halfway.iter().zip(fills).filter_map(|(half, second)| Some(detour::<C>(trade, half, second?)));
        Ok(offers.collect())
    }

    fn gas_market(&self, trade: &Trade, sample: Option<Fill>, gas_price: Amount) -> Option<GasMarket> {
        let sample_out = match self.common.wrapped_native == trade.token_out {
            true => SAMPLE_WEI,
            false => sample?.amount_out,
        };
        Some(GasMarket { gas_price, sample_out })
    }
}

fn leg(trade: &Trade, token_out: Address) -> Leg {
    Leg { token_in: trade.token_in, token_out, amount_in: trade.amount_in }
}

fn direct<C: Contracts>(trade: &Trade, fill: &Fill) -> Offer {
    Offer {
        route: Route { path: vec![trade.token_in, trade.token_out], fees: vec![fill.tier] },
        amount_out: fill.amount_out,
        gas: fill.gas.saturating_add(C::OUTSIDE_GAS),
        impact_ppm: fill.impact_ppm,
    }
}

fn detour<C: Contracts>(trade: &Trade, half: &Halfway, second: Fill) -> Offer {
    let gas = half.first.gas.saturating_add(second.gas);
    Offer {
        route: Route {
            path: vec![trade.token_in, half.stop, trade.token_out],
            fees: vec![half.first.tier, second.tier],
        },
        amount_out: second.amount_out,
        gas: gas.saturating_add(C::OUTSIDE_GAS),
        impact_ppm: price::chained(half.first.impact_ppm, second.impact_ppm),
    }
}
