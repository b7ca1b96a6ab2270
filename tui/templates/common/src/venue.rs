//! The venue: prices, and the transactions that take them.

use crate::{chain::Pools, settings::Settings};
use orderd_sdk::plugin::{
    Build, BuildRequest, Context, Health, Payload, PluginError, Quote, QuoteRequest, Token, Venue,
    async_trait,
};
use serde_json::json;

pub(crate) struct Dex {
    settings: Settings,
    pools: Pools,
}

impl Dex {
    pub(crate) fn new(settings: Settings, pools: Pools) -> Self {
        Self { settings, pools }
    }
}

#[async_trait]
impl Venue for Dex {
    /// What the account would receive now, after the pool's fee.
    async fn quote(&self, ctx: &Context, request: QuoteRequest) -> Result<Quote, PluginError> {
        let QuoteRequest {
            token_in,
            token_out,
            amount_in,
            ..
        } = request;
        let pair = self.settings.pair(&token_in, &token_out)?;
        let pool = self.pools.read(ctx, pair, &token_in).await?;
        let fee = self.settings.fee_bps;
        let amount_out = pool.amount_out(amount_in, fee).ok_or_else(|| {
            PluginError::permanent("the amount is too small or too large for the pool")
        })?;
        Ok(Quote {
            amount_out,
            network_cost: None,
            price_impact_ppm: pool.price_impact_ppm(amount_in, fee),
            route: route(&token_in, &token_out),
        })
    }

    /// The transaction. The chain enforces `min_out` and `deadline`: they have to be in it.
    async fn build(&self, ctx: &Context, request: BuildRequest) -> Result<Build, PluginError> {
        self.settings.pair(&request.token_in, &request.token_out)?;
        // The route has been to the daemon and back: it is read as strictly as anything from outside.
        if request.route != route(&request.token_in, &request.token_out) {
            return Err(PluginError::invalid("the route is not one of this venue"));
        }
        self.pools.swap(ctx, &request).await
    }

    /// Whether every pool can be read.
    async fn health(&self, ctx: &Context) -> Result<Health, PluginError> {
        for pair in &self.settings.pairs {
            self.pools.read(ctx, pair, &pair.tokens[0]).await?;
        }
        Ok(Health {
            detail: format!("{} pools", self.settings.pairs.len()),
        })
    }
}

/// Which pools a swap takes: here always the one of the pair.
fn route(token_in: &Token, token_out: &Token) -> Payload {
    json!([token_in.symbol, token_out.symbol]).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::fake;
    use orderd_sdk::{amount::Amount, plugin::ErrorKind};
    use std::time::Duration;

    fn dex() -> Dex {
        let settings = fake::settings();
        let pools = Pools::new(fake::host(), "local", "dex", &settings);
        Dex::new(settings, pools)
    }

    fn ctx() -> Context {
        Context::within(Duration::from_secs(1))
    }

    fn sell(amount: u64) -> QuoteRequest {
        let [token_in, token_out] = fake::settings().pairs[0].tokens.clone();
        QuoteRequest {
            trader: fake::TRADER.to_owned(),
            token_in,
            token_out,
            amount_in: Amount::from(amount),
        }
    }

    fn build_of(quote: &QuoteRequest, route: Payload) -> BuildRequest {
        BuildRequest {
            trader: quote.trader.clone(),
            token_in: quote.token_in.clone(),
            token_out: quote.token_out.clone(),
            amount_in: quote.amount_in,
            min_out: Amount::from(49_u64),
            deadline: 4_000_000_000,
            route,
        }
    }

    // The fake pool has 1000 of each token, and the fee is none.
    #[tokio::test]
    async fn a_quote_is_what_the_pool_pays() {
        let quote = dex().quote(&ctx(), sell(1_000)).await.unwrap();
        assert_eq!(
            (quote.amount_out, quote.price_impact_ppm),
            (Amount::from(500_u64), Some(500_000))
        );
    }

    #[tokio::test]
    async fn what_cannot_be_sold_is_refused() {
        let same = QuoteRequest {
            token_out: sell(1).token_in,
            ..sell(1)
        };
        for request in [sell(0), same] {
            let error = dex().quote(&ctx(), request).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Permanent, "{error}");
        }
    }

    #[tokio::test]
    async fn a_swap_carries_its_terms() {
        let request = sell(100);
        let quote = dex().quote(&ctx(), request.clone()).await.unwrap();
        let build = dex()
            .build(&ctx(), build_of(&request, quote.route))
            .await
            .unwrap();
        let Build::Swap { payload } = build else {
            panic!("there is nothing to approve")
        };
        fake::assert_terms(&payload, 49, 4_000_000_000);
    }

    #[tokio::test]
    async fn a_foreign_route_is_refused() {
        let error = dex()
            .build(&ctx(), build_of(&sell(100), json!(["B", "A"]).into()))
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid);
    }

    #[tokio::test]
    async fn it_is_healthy_where_its_pools_can_be_read() {
        assert_eq!(dex().health(&ctx()).await.unwrap().detail, "1 pools");
    }
}
