//! One chain: each verb has a file of its own.

mod account;
mod blocks;
mod coins;
mod consumer;
mod estimate;
mod health;
mod means;
mod prepare;
mod read;
mod replace;
mod search;
mod send;
mod status;

use crate::fees::{FeeOracle, FeePolicy};
use crate::rpc::Rpc;
use crate::settings::{Finality, Settings};
use orderd_sdk::amount::Amount;
use orderd_sdk::plugin::{
    AddressRequest, BalanceRequest, BumpRequest, CancelRequest, Chain, Consumer, ConsumerRequest, Context,
    EstimateRequest, Estimated, Health, Host, LaneRequest, LaneStatus, Payload, PluginError, PrepareRequest,
    Prepared, ReadRequest, SendOutcome, SendRequest, StatusRequest, TxStatus, async_trait,
};

/// A chain, seen through one node.
pub(crate) struct EvmChain {
    name: String,
    chain_id: u64,
    finality: Finality,
    gas_margin_percent: u64,
    policy: FeePolicy,
    oracle: FeeOracle,
    rpc: Rpc,
    host: Host,
}

impl EvmChain {
    /// The chain of this name in the configuration. Connects to nothing yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub(crate) fn new(name: String, settings: Settings, host: Host) -> Result<Self, PluginError> {
        Ok(Self {
            name,
            chain_id: settings.chain_id,
            finality: settings.finality,
            gas_margin_percent: settings.gas_margin_percent,
            policy: settings.fees,
            oracle: FeeOracle::new(settings.fees.fallback_priority_fee),
            rpc: Rpc::new(settings.rpc, settings.limits)?,
            host,
        })
    }
}

#[async_trait]
impl Chain for EvmChain {
    async fn address(&self, _: &Context, request: AddressRequest) -> Result<String, PluginError> {
        account::address(&request)
    }

    async fn lane(&self, ctx: &Context, request: LaneRequest) -> Result<LaneStatus, PluginError> {
        self.look_up_lane(ctx, &request).await
    }

    async fn estimate(&self, ctx: &Context, request: EstimateRequest) -> Result<Estimated, PluginError> {
        self.try_out(ctx, request).await
    }

    async fn prepare(&self, ctx: &Context, request: PrepareRequest) -> Result<Prepared, PluginError> {
        self.sign_call(ctx, request).await
    }

    async fn cancel(&self, ctx: &Context, request: CancelRequest) -> Result<Prepared, PluginError> {
        self.sign_nothing(ctx, request).await
    }

    async fn bump(&self, ctx: &Context, request: BumpRequest) -> Result<Prepared, PluginError> {
        self.sign_again(ctx, request).await
    }

    async fn consumer(&self, ctx: &Context, request: ConsumerRequest) -> Result<Consumer, PluginError> {
        self.look_up_consumer(ctx, &request).await
    }

    async fn send(&self, ctx: &Context, request: SendRequest) -> SendOutcome {
        self.hand_over(ctx, request).await
    }

    async fn status(&self, ctx: &Context, request: StatusRequest) -> Result<Vec<TxStatus>, PluginError> {
        self.follow(ctx, &request.queries).await
    }

    async fn balance(&self, ctx: &Context, request: BalanceRequest) -> Result<Amount, PluginError> {
        self.look_up_balance(ctx, &request).await
    }

    async fn read(&self, ctx: &Context, request: ReadRequest) -> Result<Payload, PluginError> {
        self.answer(ctx, &request.query).await
    }

    async fn health(&self, ctx: &Context) -> Result<Health, PluginError> {
        self.look_after(ctx).await
    }
}
