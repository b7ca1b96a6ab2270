//! Uniswap V3 and its forks: each pool is a contract of its own, which a factory made.

mod build;
mod contracts;
mod health;

use crate::settings::V3Contracts;
use crate::tiers::Tiered;
use orderd_sdk::plugin::{
    Build, BuildRequest, Context, Health, PluginError, Quote, QuoteRequest, Venue, async_trait,
};

/// One venue.
pub(crate) type V3 = Tiered<V3Contracts>;

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
