//! Prices a trade: the router quotes every path whose pools exist; reserves tell the impact and what gas costs.

use super::{V2, reserves::Reserves};
use crate::chain::{View, Viewed};
use crate::contracts::{V2Factory, V2Pair, V2Router};
use crate::pools::Market;
use crate::price::{self, GasMarket, Offer, SAMPLE_WEI};
use crate::route::Route;
use crate::trade::{Trade, no_pool, too_shallow};
use alloy_primitives::{Address, U256};
use orderd_sdk::amount::Amount;
use orderd_sdk::plugin::{Context, PluginError, Quote, QuoteRequest};
use std::collections::BTreeMap;

/// Gas of a swap over one pool, with usual tokens: 93 000 to 133 000 were measured, the more for the first receipt.
const FIRST_HOP_GAS: u64 = 110_000;
/// Gas of each further pool.
const NEXT_HOP_GAS: u64 = 50_000;

/// What the pools hold: of the lower token, and of the higher one.
type Holdings = BTreeMap<Market, (U256, U256)>;

impl V2 {
    pub(super) async fn price(&self, ctx: &Context, request: &QuoteRequest) -> Result<Quote, PluginError> {
        let trade = Trade::to_quote(request)?;
        let paths = trade.paths(&self.common.via);
        let priced_in = [self.common.wrapped_native, trade.token_out];
        let markets: Vec<Market> =
            paths.iter().flat_map(|path| along(path)).chain(along(&priced_in)).collect();
        self.find_pools(ctx, &markets).await?;
        let exists = |path: &Vec<Address>| along(path).all(|market| self.pools.at(market).is_some());
        let paths: Vec<Vec<Address>> = paths.into_iter().filter(exists).collect();
        if paths.is_empty() {
            return Err(no_pool(request));
        }
        let pools: BTreeMap<Market, Address> =
            markets.iter().filter_map(|market| Some((*market, self.pools.at(*market)?))).collect();
        let (quoted, holdings, gas_price) = self.look(ctx, &trade, &paths, &pools).await?;
        let offers =
            paths.into_iter().zip(&quoted).filter_map(|(path, viewed)| self.offer(path, viewed, &holdings));
        let gas = self.gas_market(&priced_in, gas_price, &holdings);
        price::best(offers.collect(), gas).ok_or_else(|| too_shallow(request))
    }

    /// Asks the factory about the pools that nobody asked about before.
    async fn find_pools(&self, ctx: &Context, markets: &[Market]) -> Result<(), PluginError> {
        let unknown = self.pools.unknown(markets);
        let get_pair = |market: &Market| {
            let call = V2Factory::getPairCall { tokenA: market.low, tokenB: market.high };
            View::new(self.factory, &call)
        };
        let views: Vec<View> = unknown.iter().map(get_pair).collect();
        let viewed = self.reader.view(ctx, &views).await?;
        for (market, viewed) in unknown.into_iter().zip(viewed) {
            self.pools.note(market, viewed.expect::<V2Factory::getPairCall>("the factory")?);
        }
        Ok(())
    }

    /// The router's quotes of the paths, what the pools hold, and the price of gas: one question.
    async fn look(
        &self,
        ctx: &Context,
        trade: &Trade,
        paths: &[Vec<Address>],
        pools: &BTreeMap<Market, Address>,
    ) -> Result<(Vec<Viewed>, Holdings, Amount), PluginError> {
        let quotes = paths.iter().map(|path| {
            let call = V2Router::getAmountsOutCall { amountIn: trade.amount_in, path: path.clone() };
            View::new(self.common.router, &call)
        });
        let reserves = pools.values().map(|pool| View::new(*pool, &V2Pair::getReservesCall {}));
        let views: Vec<View> = quotes.chain(reserves).collect();
        let (mut viewed, gas_price) = self.reader.view_priced(ctx, &views).await?;
        let reserves = viewed.split_off(paths.len());
        let holding = |(market, viewed): (&Market, &Viewed)| {
            let held = viewed.returned::<V2Pair::getReservesCall>()?;
            Some((*market, (U256::from(held.reserve0), U256::from(held.reserve1))))
        };
        let holdings = pools.keys().zip(&reserves).filter_map(holding).collect();
        Ok((viewed, holdings, gas_price))
    }

    /// A path that the router does not quote, has a pool without liquidity.
    fn offer(&self, path: Vec<Address>, viewed: &Viewed, holdings: &Holdings) -> Option<Offer> {
        let amounts = viewed.returned::<V2Router::getAmountsOutCall>()?;
        let amount_out = *amounts.last().filter(|amount| !amount.is_zero())?;
        let hops = path.windows(2).zip(amounts.windows(2));
        let impacts = hops.map(|(tokens, amounts)| self.impact(tokens, amounts, holdings));
        let further_hops = u64::try_from(path.len().saturating_sub(2)).ok()?;
        Some(Offer {
            amount_out,
            gas: FIRST_HOP_GAS + NEXT_HOP_GAS * further_hops,
            impact_ppm: impacts.reduce(price::chained).flatten(),
            route: Route { path, fees: Vec::new() },
        })
    }

    fn impact(&self, tokens: &[Address], amounts: &[U256], holdings: &Holdings) -> Option<u32> {
        let [amount_in, amount_out] = amounts else {
            return None;
        };
        let ideal = reserves(tokens, holdings)?.ideal_out(*amount_in, self.fee_bps)?;
        price::impact_ppm(ideal, *amount_out)
    }

    fn gas_market(
        &self,
        priced_in: &[Address; 2],
        gas_price: Amount,
        holdings: &Holdings,
    ) -> Option<GasMarket> {
        let sample_out = match priced_in[0] == priced_in[1] {
            true => SAMPLE_WEI,
            false => reserves(priced_in, holdings)?.amount_out(SAMPLE_WEI, self.fee_bps)?,
        };
        Some(GasMarket { gas_price, sample_out })
    }
}

fn along(path: &[Address]) -> impl Iterator<Item = Market> {
    let between = |tokens: &[Address]| Some(Market::new(*tokens.first()?, *tokens.last()?, 0));
    path.windows(2).filter_map(between).filter(|market| market.low != market.high)
}

fn reserves(tokens: &[Address], holdings: &Holdings) -> Option<Reserves> {
    let (sold, bought) = (tokens.first()?, tokens.last()?);
    let (low, high) = *holdings.get(&Market::new(*sold, *bought, 0))?;
    let (sold, bought) = if sold < bought { (low, high) } else { (high, low) };
    Some(Reserves { sold, bought })
}
