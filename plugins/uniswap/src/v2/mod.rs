//! Uniswap V2 and its forks: constant product, one pool per pair.

mod build;
mod health;
mod quote;
mod reserves;

use crate::chain::ChainReader;
use crate::pools::Pools;
use crate::settings::{Common, V2Settings};
use alloy_primitives::Address;
use orderd_sdk::plugin::{
    Build, BuildRequest, Context, Health, PluginError, Quote, QuoteRequest, Venue, async_trait,
};

/// One venue.
#[derive(Debug)]
pub(crate) struct V2 {
    common: Common,
    factory: Address,
    fee_bps: u32,
    reader: ChainReader,
    pools: Pools,
}

impl V2 {
    /// A venue with these settings on the chain that the reader asks.
    pub(crate) fn new(settings: V2Settings, reader: ChainReader) -> Self {
        let V2Settings { common, factory, fee_bps } = settings;
        Self { common, factory, fee_bps, reader, pools: Pools::default() }
    }
}

#[async_trait]
impl Venue for V2 {
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
