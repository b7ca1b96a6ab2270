//! Exchanges with concentrated liquidity (V3, V4): a pair of tokens has several pools, which differ in their fee. What
//! they pay is asked of a quoter; how it is asked is left to the version's [`Contracts`].

mod fill;
mod quote;
mod sqrt_price;

pub(crate) use fill::{Ask, Before, Fill, Leg};
pub(crate) use sqrt_price::is_exhausted;

use crate::chain::{ChainReader, View, Viewed};
use crate::pools::{Market, Pools};
use crate::route::Route;
use crate::settings::Common;
use crate::trade::Trade;
use alloy_primitives::{Address, U256};
use orderd_sdk::plugin::{BuildRequest, PluginError};

/// One venue.
#[derive(Debug)]
pub(crate) struct Tiered<C> {
    pub(crate) common: Common,
    /// Fees of the pools to try, in hundredths of a basis point.
    pub(crate) fees: Vec<u32>,
    pub(crate) contracts: C,
    pub(crate) reader: ChainReader,
    pools: Pools,
}

/// How the contracts of one version are asked.
pub(crate) trait Contracts {
    /// The most that they can be asked about.
    const MOST_IN: U256;
    /// Gas of a swap that the quoter's estimate does not contain.
    const OUTSIDE_GAS: u64;

    /// Asks where the pool of a market is.
    fn look_up(&self, market: Market) -> View;

    /// The answer; the zero address stands for no pool.
    ///
    /// # Errors
    /// When the contract that was asked is not there.
    fn found(&self, viewed: &Viewed) -> Result<Address, PluginError>;

    /// Asks what a pool pays, and what its price is before.
    fn ask(&self, ask: &Ask) -> [View; 2];

    /// The answers; `None` when the pool does not fill the whole leg.
    fn fill(&self, ask: &Ask, viewed: &[Viewed]) -> Option<Fill>;
}

impl<C> Tiered<C> {
    /// A venue with these pools on the chain that the reader asks.
    pub(crate) fn new(common: Common, fees: Vec<u32>, contracts: C, reader: ChainReader) -> Self {
        Self { common, fees, contracts, reader, pools: Pools::default() }
    }

    /// The route to build a trade by.
    ///
    /// # Errors
    /// When it is none of this venue's for this trade.
    pub(crate) fn route(&self, request: &BuildRequest, trade: &Trade) -> Result<Route, PluginError> {
        let route = Route::from_payload(&request.route, trade, &self.common.via)?;
        let known = route.fees.iter().all(|fee| self.fees.contains(fee));
        match known && route.fees.len() + 1 == route.path.len() {
            true => Ok(route),
            false => Err(PluginError::invalid("the route's fees are not those of this venue")),
        }
    }
}
