//! Venues and chains whose code is behind the C interface.

use super::{
    runner::{CallError, Runner},
    slot::Slot,
};
use orderd_sdk::{
    abi::{Description, Method},
    amount::Amount,
    json,
    plugin::{
        AddressRequest, BalanceRequest, Build, BuildRequest, BumpRequest, CancelRequest, Chain, Consumer,
        ConsumerRequest, Context, EstimateRequest, Estimated, Exports, Health, LaneRequest, LaneStatus,
        Payload, PluginError, PrepareRequest, Prepared, Quote, QuoteRequest, ReadRequest, SendOutcome,
        SendRequest, StatusRequest, TxStatus, Venue, async_trait,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;

/// Venues and chains of these names, served by the plugin in this slot.
pub(super) fn exports(slot: &Arc<Slot>, description: Description) -> Exports {
    let remote = |name: &String| Arc::new(Remote { slot: slot.clone(), name: name.clone() });
    let mut exports = Exports::default();
    for name in description.chains {
        let chain: Arc<dyn Chain> = remote(&name);
        exports.chains.insert(name, chain);
    }
    for name in description.venues {
        let venue: Arc<dyn Venue> = remote(&name);
        exports.venues.insert(name, venue);
    }
    exports
}

/// What a copy of a plugin made.
pub(super) async fn describe(runner: &dyn Runner, ctx: &Context) -> Result<Description, PluginError> {
    let reply = runner.call(ctx, Method::Describe, "", b"{}").await?;
    decode(&reply)
}

/// A venue or chain of a plugin, by its name in the configuration.
struct Remote {
    slot: Arc<Slot>,
    name: String,
}

/// The request of methods that take nothing.
#[derive(Serialize)]
struct Nothing {}

impl Remote {
    async fn ask<T: DeserializeOwned>(
        &self,
        ctx: &Context,
        method: Method,
        request: &impl Serialize,
    ) -> Result<T, PluginError> {
        let request = encode(request)?;
        let reply = self.slot.call(ctx, method, &self.name, &request).await?;
        decode(&reply)
    }
}

fn encode(request: &impl Serialize) -> Result<Vec<u8>, PluginError> {
    json::encode(request).map_err(|error| PluginError::invalid(format!("the request is no JSON: {error}")))
}

fn decode<T: DeserializeOwned>(reply: &[u8]) -> Result<T, PluginError> {
    json::decode(reply)
        .map_err(|error| PluginError::transient(format!("the plugin's reply makes no sense: {error}")))
}

#[async_trait]
impl Venue for Remote {
    async fn quote(&self, ctx: &Context, request: QuoteRequest) -> Result<Quote, PluginError> {
        self.ask(ctx, Method::VenueQuote, &request).await
    }

    async fn build(&self, ctx: &Context, request: BuildRequest) -> Result<Build, PluginError> {
        self.ask(ctx, Method::VenueBuild, &request).await
    }

    async fn health(&self, ctx: &Context) -> Result<Health, PluginError> {
        self.ask(ctx, Method::VenueHealth, &Nothing {}).await
    }
}

#[async_trait]
impl Chain for Remote {
    async fn address(&self, ctx: &Context, request: AddressRequest) -> Result<String, PluginError> {
        self.ask(ctx, Method::ChainAddress, &request).await
    }

    async fn lane(&self, ctx: &Context, request: LaneRequest) -> Result<LaneStatus, PluginError> {
        self.ask(ctx, Method::ChainLane, &request).await
    }

    async fn estimate(&self, ctx: &Context, request: EstimateRequest) -> Result<Estimated, PluginError> {
        self.ask(ctx, Method::ChainEstimate, &request).await
    }

    async fn prepare(&self, ctx: &Context, request: PrepareRequest) -> Result<Prepared, PluginError> {
        self.ask(ctx, Method::ChainPrepare, &request).await
    }

    async fn cancel(&self, ctx: &Context, request: CancelRequest) -> Result<Prepared, PluginError> {
        self.ask(ctx, Method::ChainCancel, &request).await
    }

    async fn bump(&self, ctx: &Context, request: BumpRequest) -> Result<Prepared, PluginError> {
        self.ask(ctx, Method::ChainBump, &request).await
    }

    async fn consumer(&self, ctx: &Context, request: ConsumerRequest) -> Result<Consumer, PluginError> {
        self.ask(ctx, Method::ChainConsumer, &request).await
    }

    /// Only a call that never reached the plugin is certain not to have sent anything.
    async fn send(&self, ctx: &Context, request: SendRequest) -> SendOutcome {
        let request = match encode(&request) {
            Ok(request) => request,
            Err(error) => {
                return SendOutcome::NotSent { reason: error.message };
            }
        };
        let reply = match self.slot.call(ctx, Method::ChainSend, &self.name, &request).await {
            Ok(reply) => reply,
            Err(error @ (CallError::Gone | CallError::NotStarted(_))) => {
                return SendOutcome::NotSent { reason: PluginError::from(error).message };
            }
            Err(CallError::Failed(error)) => {
                return SendOutcome::Unknown { reason: error.message };
            }
        };
        decode(&reply).unwrap_or_else(|error| SendOutcome::Unknown { reason: error.message })
    }

    async fn status(&self, ctx: &Context, request: StatusRequest) -> Result<Vec<TxStatus>, PluginError> {
        let statuses: Vec<TxStatus> = self.ask(ctx, Method::ChainStatus, &request).await?;
        match statuses.len() == request.queries.len() {
            true => Ok(statuses),
            false => Err(PluginError::transient(format!(
                "the plugin answered {} of {} queries",
                statuses.len(),
                request.queries.len()
            ))),
        }
    }

    async fn balance(&self, ctx: &Context, request: BalanceRequest) -> Result<Amount, PluginError> {
        self.ask(ctx, Method::ChainBalance, &request).await
    }

    async fn read(&self, ctx: &Context, request: ReadRequest) -> Result<Payload, PluginError> {
        self.ask(ctx, Method::ChainRead, &request).await
    }

    async fn health(&self, ctx: &Context) -> Result<Health, PluginError> {
        self.ask(ctx, Method::ChainHealth, &Nothing {}).await
    }
}
