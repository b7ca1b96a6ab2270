//! A venue: prices from the pools of its chain, with the latency and the failures that its settings ask for.

use crate::{chain::PaperChain, chance::Dice, pool::Market, settings::VenueSettings, transaction::Swap};
use orderd_sdk::{
    amount::Amount,
    plugin::{
        Build, BuildRequest, Context, Health, Payload, PluginError, Quote, QuoteRequest, Token, Venue,
        async_trait,
    },
};
use std::sync::Arc;

pub(crate) struct PaperVenue {
    name: String,
    settings: VenueSettings,
    dice: Dice,
    chain: Arc<PaperChain>,
}

impl PaperVenue {
    pub(crate) fn new(name: &str, settings: VenueSettings, chain: Arc<PaperChain>) -> Self {
        Self { name: name.to_owned(), dice: Dice::new(settings.seed, name), settings, chain }
    }

    fn market(&self, token_in: &Token, token_out: &Token) -> Result<Market, PluginError> {
        let market = self.chain.market(&self.name, &token_in.address, &token_out.address);
        market.ok_or_else(|| {
            PluginError::permanent(format!("no pool for {} and {}", token_in.symbol, token_out.symbol))
        })
    }

    async fn wait(&self) {
        if !self.settings.latency.is_zero() {
            tokio::time::sleep(self.settings.latency).await;
        }
    }
}

#[async_trait]
impl Venue for PaperVenue {
    async fn quote(&self, _: &Context, request: QuoteRequest) -> Result<Quote, PluginError> {
        self.wait().await;
        if self.dice.happens(self.settings.failure) {
            return Err(PluginError::transient("the quote failed (as configured)"));
        }
        let (token_in, token_out) = (&request.token_in, &request.token_out);
        let market = self.market(token_in, token_out)?;
        let amount_out = market
            .amount_out(request.amount_in.0)
            .ok_or_else(|| PluginError::permanent("the amount is too small or too large for the pool"))?;
        Ok(Quote {
            amount_out: Amount(amount_out),
            network_cost: Some(Amount::ZERO),
            price_impact_ppm: Some(market.price_impact_ppm(request.amount_in.0)),
            route: Payload::of(&[&token_in.symbol, &token_out.symbol])?,
        })
    }

    async fn build(&self, _: &Context, request: BuildRequest) -> Result<Build, PluginError> {
        self.wait().await;
        self.market(&request.token_in, &request.token_out)?;
        let swap = Swap {
            venue: self.name.clone(),
            trader: request.trader,
            token_in: request.token_in.address,
            token_out: request.token_out.address,
            amount_in: request.amount_in,
            min_out: request.min_out,
            deadline: request.deadline,
        };
        Ok(Build::Swap { payload: Payload::of(&swap)? })
    }

    async fn health(&self, _: &Context) -> Result<Health, PluginError> {
        let pools = self.settings.pools.len();
        Ok(Health { detail: format!("{pools} pools on paper") })
    }
}
