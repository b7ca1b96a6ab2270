//! Uniswap V3 and its forks: concentrated liquidity, several pools per pair that differ in their fee.

mod build;
mod fill;
mod health;
mod quote;
mod sqrt_price;

use crate::chain::ChainReader;
use crate::pools::Pools;
use crate::settings::{Common, RouterVersion, V3Settings};
use alloy_primitives::Address;
use orderd_sdk::plugin::{
    Build, BuildRequest, Context, Health, PluginError, Quote, QuoteRequest, Venue, async_trait,
};

/// One venue.
#[derive(Debug)]
pub(crate) struct V3 {
    common: Common,
    quoter: Address,
    router_version: RouterVersion,
    fee_tiers: Vec<u32>,
    reader: ChainReader,
    pools: Pools,
}

impl V3 {
    /// A venue with these settings on the chain that the reader asks.
    pub(crate) fn new(settings: V3Settings, reader: ChainReader) -> Self {
        Self {
            common: settings.common,
            quoter: settings.quoter,
            router_version: settings.router_version,
            fee_tiers: settings.fee_tiers,
            reader,
            pools: Pools::default(),
        }
    }
}

#[async_trait]
impl Venue for V3 {
    async fn quote(&self, ctx: &Context, request: QuoteRequest) -> Result<Quote, PluginError> {
        self.price(ctx, &request).await
    }

    async fn build(&self, ctx: &Context, request: BuildRequest) -> Result<Build, PluginError> {
        self.encode(ctx, &request).await
    }

    async fn health(&self, ctx: &Context) -> Result<Health, PluginError> {
        self.look_after(ctx).await
    }
}
