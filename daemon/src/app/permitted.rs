//! Chains that may have something signed only while the daemon asks them to sign.

use crate::account::{Occasion, Permit, Signatory};
use async_trait::async_trait;
use orderd_sdk::{
    amount::Amount,
    plugin::{
        AddressRequest, BalanceRequest, BumpRequest, CancelRequest, Chain, Consumer, ConsumerRequest,
        Context, ErrorKind, EstimateRequest, Estimated, Exports, Health, LaneRequest, LaneStatus, Payload,
        PluginError, PrepareRequest, Prepared, ReadRequest, SendOutcome, SendRequest, Signer, StatusRequest,
        TxStatus,
    },
};
use std::sync::Arc;

/// The same exports, whose chains get a permit for each call in which they have to sign.
pub(super) fn permitted(mut exports: Exports, signatory: &Arc<Signatory>) -> Exports {
    for (name, chain) in &mut exports.chains {
        let (name, inner, signatory) = (name.clone(), chain.clone(), signatory.clone());
        *chain = Arc::new(PermittedChain { name, inner, signatory });
    }
    exports
}

struct PermittedChain {
    name: String,
    inner: Arc<dyn Chain>,
    signatory: Arc<Signatory>,
}

impl PermittedChain {
    fn permit(&self, signer: &Signer, sequence: u64, occasion: Occasion) -> Permit {
        self.signatory.permit(&self.name, &signer.account, sequence, occasion)
    }
}

/// What a call under a permit came to. Why it failed is known better here than to the plugin, when it was the policy; a
/// panic stays one.
fn told<T>(permit: &Permit, answer: Result<T, PluginError>) -> Result<T, PluginError> {
    answer.map_err(|error| match permit.refusal() {
        Some(refusal) if error.kind != ErrorKind::Panic => PluginError::policy_refused(refusal.to_string()),
        _ => error,
    })
}

#[async_trait]
impl Chain for PermittedChain {
    async fn prepare(&self, ctx: &Context, request: PrepareRequest) -> Result<Prepared, PluginError> {
        let permit = self.permit(&request.signer, request.sequence, Occasion::Transaction);
        told(&permit, self.inner.prepare(ctx, request).await)
    }

    async fn bump(&self, ctx: &Context, request: BumpRequest) -> Result<Prepared, PluginError> {
        let permit = self.permit(&request.signer, request.sequence, Occasion::Transaction);
        told(&permit, self.inner.bump(ctx, request).await)
    }

    async fn cancel(&self, ctx: &Context, request: CancelRequest) -> Result<Prepared, PluginError> {
        let permit = self.permit(&request.signer, request.sequence, Occasion::Cancellation);
        told(&permit, self.inner.cancel(ctx, request).await)
    }

    async fn address(&self, ctx: &Context, request: AddressRequest) -> Result<String, PluginError> {
        self.inner.address(ctx, request).await
    }

    async fn lane(&self, ctx: &Context, request: LaneRequest) -> Result<LaneStatus, PluginError> {
        self.inner.lane(ctx, request).await
    }

    async fn estimate(&self, ctx: &Context, request: EstimateRequest) -> Result<Estimated, PluginError> {
        self.inner.estimate(ctx, request).await
    }

    async fn consumer(&self, ctx: &Context, request: ConsumerRequest) -> Result<Consumer, PluginError> {
        self.inner.consumer(ctx, request).await
    }

    async fn send(&self, ctx: &Context, request: SendRequest) -> SendOutcome {
        self.inner.send(ctx, request).await
    }

    async fn status(&self, ctx: &Context, request: StatusRequest) -> Result<Vec<TxStatus>, PluginError> {
        self.inner.status(ctx, request).await
    }

    async fn balance(&self, ctx: &Context, request: BalanceRequest) -> Result<Amount, PluginError> {
        self.inner.balance(ctx, request).await
    }

    async fn read(&self, ctx: &Context, request: ReadRequest) -> Result<Payload, PluginError> {
        self.inner.read(ctx, request).await
    }

    async fn health(&self, ctx: &Context) -> Result<Health, PluginError> {
        self.inner.health(ctx).await
    }
}
