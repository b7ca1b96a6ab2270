//! A chain behind the guard: each call has an end and a place, and none is refused for what came of earlier ones.

use super::{
    Guard,
    bulkhead::{Class, Place},
    call::{fenced, late},
};
use orderd_sdk::{
    amount::Amount,
    plugin::{
        AddressRequest, BalanceRequest, BumpRequest, CancelRequest, Chain, Consumer, ConsumerRequest,
        Context, ErrorKind, EstimateRequest, Estimated, Health, LaneRequest, LaneStatus, Payload,
        PluginError, PrepareRequest, Prepared, ReadRequest, SendOutcome, SendRequest, StatusRequest,
        TxStatus, async_trait,
    },
};
use std::{future::Future, sync::Arc};

pub(super) struct GuardedChain {
    pub(super) inner: Arc<dyn Chain>,
    pub(super) guard: Guard,
}

impl GuardedChain {
    /// Leave to begin a call. Without it nothing has begun.
    async fn enter(&self, ctx: &Context, class: Class) -> Result<Place<'_>, PluginError> {
        let place = self.guard.enter(class)?;
        self.guard.keeper.pace(ctx.deadline()).await;
        match ctx.remaining().is_zero() {
            true => Err(late()),
            false => Ok(place),
        }
    }

    async fn ask<T>(
        &self,
        ctx: &Context,
        class: Class,
        call: impl Future<Output = Result<T, PluginError>>,
    ) -> Result<T, PluginError> {
        let _place = self.enter(ctx, class).await?;
        let answer = fenced(ctx, call).await.flatten();
        self.note(answer.as_ref().err());
        answer
    }

    fn note(&self, error: Option<&PluginError>) {
        match error.map(|error| error.kind) {
            Some(ErrorKind::Panic) => {
                self.guard.keeper.chain_panicked();
                self.guard.crashed();
            }
            _ => self.guard.keeper.chain_ended(),
        }
    }
}

/// Implements the methods that may fail from a list of them, each with its class.
macro_rules! guarded {
    ($($method:ident: $class:ident($($request:ident: $of:ident)?) -> $answer:ty;)*) => {
        #[async_trait]
        impl Chain for GuardedChain {
            $(async fn $method(&self, ctx: &Context $(, $request: $of)?) -> Result<$answer, PluginError> {
                self.ask(ctx, Class::$class, self.inner.$method(ctx $(, $request)?)).await
            })*

            /// What was refused a place never began; what began and came to no clear end may have taken effect.
            async fn send(&self, ctx: &Context, request: SendRequest) -> SendOutcome {
                let _place = match self.enter(ctx, Class::Settling).await {
                    Ok(place) => place,
                    Err(refusal) => return SendOutcome::NotSent { reason: refusal.message },
                };
                let sent = fenced(ctx, self.inner.send(ctx, request)).await;
                self.note(sent.as_ref().err());
                sent.unwrap_or_else(|error| SendOutcome::Unknown { reason: error.message })
            }
        }
    };
}

guarded! {
    address: Signing(request: AddressRequest) -> String;
    lane: Settling(request: LaneRequest) -> LaneStatus;
    estimate: Signing(request: EstimateRequest) -> Estimated;
    prepare: Signing(request: PrepareRequest) -> Prepared;
    cancel: Settling(request: CancelRequest) -> Prepared;
    bump: Settling(request: BumpRequest) -> Prepared;
    consumer: Settling(request: ConsumerRequest) -> Consumer;
    status: Settling(request: StatusRequest) -> Vec<TxStatus>;
    balance: Signing(request: BalanceRequest) -> Amount;
    // Venues read through the host: it is part of finding a price.
    read: Market(request: ReadRequest) -> Payload;
    health: Signing() -> Health;
}
