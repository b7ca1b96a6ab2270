//! A venue of the simulated chain: prices swaps, builds them, and asks for an allowance first.

use super::{Effect, bytes::Unsigned, port::write};
use crate::life::Life;
use orderd_sdk::{
    amount::Amount,
    plugin::{
        Approval, Build, BuildRequest, Context, Health, Payload, PluginError, Quote, QuoteRequest, Venue,
        async_trait,
    },
};

/// What an approval allows when it is meant to last.
const PLENTY: u64 = 1_000_000_000;

/// A venue, for one life of the engine.
pub(crate) struct SimVenue {
    pub(crate) name: String,
    pub(crate) life: Life,
}

#[async_trait]
impl Venue for SimVenue {
    async fn quote(&self, _: &Context, request: QuoteRequest) -> Result<Quote, PluginError> {
        let amount = small(request.amount_in);
        let quote = self.life.ask("quote", (&self.name, amount), |state| {
            let price = state.chain.view(&mut state.weather).market().price;
            Ok(amount * price / 1_000)
        });
        let out = quote.await?;
        Ok(Quote {
            amount_out: Amount::from(out),
            network_cost: None,
            price_impact_ppm: None,
            route: Payload::null(),
        })
    }

    async fn build(&self, _: &Context, request: BuildRequest) -> Result<Build, PluginError> {
        let (amount, min_out) = (small(request.amount_in), small(request.min_out));
        let spender = self.name.clone();
        let swap = Effect::Swap { amount, min_out, deadline: request.deadline, spender: spender.clone() };
        let build = self.life.ask("build", (&self.name, amount), |state| {
            let allowed = state.chain.view(&mut state.weather).allowance(&request.trader, &spender);
            if allowed >= amount {
                return Ok(Build::Swap { payload: write(&Unsigned { effect: swap, bid: 0 }) });
            }
            let exactly = state.weather.chance.happens(300);
            let effect =
                Effect::Approve { spender: spender.clone(), amount: if exactly { amount } else { PLENTY } };
            let payload = write(&Unsigned { effect, bid: 0 });
            Ok(Build::Approve(Approval { token: request.token_in.symbol.clone(), spender, payload }))
        });
        build.await
    }

    async fn health(&self, _: &Context) -> Result<Health, PluginError> {
        Ok(Health { detail: "simulated".to_owned() })
    }
}

/// Simulated amounts are small.
fn small(amount: Amount) -> u64 {
    u64::try_from(amount.0).expect("simulations trade small amounts")
}
