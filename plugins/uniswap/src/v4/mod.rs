//! Uniswap V4: one contract holds all pools, the Universal Router swaps, and Permit2 takes the sold token for it.

mod build;
mod contracts;
mod health;
mod leave;

use crate::settings::V4Contracts;
use crate::tiers::Tiered;
use orderd_sdk::plugin::{
    Build, BuildRequest, Context, Health, PluginError, Quote, QuoteRequest, Venue, async_trait,
};

/// One venue.
pub(crate) type V4 = Tiered<V4Contracts>;

#[async_trait]
impl Venue for V4 {
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
