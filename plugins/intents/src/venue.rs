//! The venue: the service's quote, and the order that asks for it.

use crate::{
    api::{Order, QuoteQuery},
    service::Service,
    signing::parse_address,
};
use alloy_primitives::{Address, FixedBytes, U256};
use orderd_sdk::{
    amount::Amount,
    plugin::{
        Build, BuildRequest, Context, Health, Payload, PluginError, Quote, QuoteRequest, Venue, async_trait,
    },
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The service's market.
pub(crate) struct IntentVenue {
    service: Arc<Service>,
}

/// An order before it is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Intent {
    pub(crate) sell_token: Address,
    pub(crate) buy_token: Address,
    pub(crate) receiver: Address,
    pub(crate) sell_amount: Amount,
    pub(crate) buy_amount: Amount,
    pub(crate) valid_to: u32,
}

/// The same, with what tells it apart from any other of the same content, be it another daemon's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UniqueIntent {
    pub(crate) intent: Intent,
    /// 16 bytes of chance.
    pub(crate) chance: FixedBytes<16>,
}

impl Intent {
    /// # Errors
    /// When the payload is none.
    pub(crate) fn read(payload: &Payload) -> Result<Self, PluginError> {
        payload.read().map_err(|error| PluginError::invalid(format!("not an intent: {error}")))
    }

    /// # Errors
    /// When the system has no chance to give.
    pub(crate) fn unique(self) -> Result<UniqueIntent, PluginError> {
        let mut chance = FixedBytes::ZERO;
        getrandom::fill(chance.as_mut_slice())
            .map_err(|error| PluginError::transient(format!("no chance to be had: {error}")))?;
        Ok(UniqueIntent { intent: self, chance })
    }
}

impl UniqueIntent {
    /// # Errors
    /// When the payload is none.
    pub(crate) fn read(payload: &Payload) -> Result<Self, PluginError> {
        payload.read().map_err(|error| PluginError::invalid(format!("not an intent: {error}")))
    }

    /// The order at a sequence, which is the other half of its salt: no two of an account are ever the same.
    pub(crate) fn at(self, sequence: u64) -> Order {
        let Intent { sell_token, buy_token, receiver, sell_amount, buy_amount, valid_to } = self.intent;
        let chance = U256::from(u128::from_be_bytes(self.chance.0));
        let salt = Amount((U256::from(sequence) << 128) | chance);
        Order { sell_token, buy_token, receiver, sell_amount, buy_amount, valid_to, salt }
    }
}

impl IntentVenue {
    pub(crate) fn new(service: Arc<Service>) -> Self {
        Self { service }
    }
}

#[async_trait]
impl Venue for IntentVenue {
    async fn quote(&self, ctx: &Context, request: QuoteRequest) -> Result<Quote, PluginError> {
        let query = QuoteQuery {
            owner: parse_address(&request.trader)?,
            sell_token: parse_address(&request.token_in.address)?,
            buy_token: parse_address(&request.token_out.address)?,
            sell_amount: request.amount_in,
        };
        let amount_out = self.service.quote(ctx, &query).await?;
        // Whoever settles pays the network.
        let network_cost = Some(Amount::ZERO);
        Ok(Quote { amount_out, network_cost, price_impact_ppm: None, route: Payload::null() })
    }

    async fn build(&self, _: &Context, request: BuildRequest) -> Result<Build, PluginError> {
        let valid_to = u32::try_from(request.deadline)
            .map_err(|_| PluginError::permanent("the deadline is later than an order can name"))?;
        let intent = Intent {
            sell_token: parse_address(&request.token_in.address)?,
            buy_token: parse_address(&request.token_out.address)?,
            receiver: parse_address(&request.trader)?,
            sell_amount: request.amount_in,
            buy_amount: request.min_out,
            valid_to,
        };
        Ok(Build::Swap { payload: Payload::of(&intent)? })
    }

    async fn health(&self, ctx: &Context) -> Result<Health, PluginError> {
        let who = self.service.who(ctx).await?;
        Ok(Health { detail: format!("a settlement at {}", who.address) })
    }
}
