//! A chain with a point before and after each of its methods: `chain.METHOD.before` and `.after`.

use crate::telemetry::crash::pass;
use async_trait::async_trait;
use orderd_sdk::{
    amount::Amount,
    plugin::{
        AddressRequest, BalanceRequest, BumpRequest, CancelRequest, Chain, Consumer, ConsumerRequest,
        Context, EstimateRequest, Estimated, Health, LaneRequest, LaneStatus, Payload, PluginError,
        PrepareRequest, Prepared, ReadRequest, SendOutcome, SendRequest, StatusRequest, TxStatus,
    },
};
use std::sync::Arc;

/// Passes a point before and after every call.
pub(super) struct WatchedChain(Arc<dyn Chain>);

impl WatchedChain {
    pub(super) fn new(inner: Arc<dyn Chain>) -> Self {
        Self(inner)
    }
}

/// The points of every method.
pub(super) fn points() -> impl Iterator<Item = String> {
    let sides = |method| [format!("chain.{method}.before"), format!("chain.{method}.after")];
    METHODS.iter().flat_map(sides)
}

/// Implements the trait from a list of its methods, so that none has a call without its points.
macro_rules! watch {
    ($($method:ident($($request:ident: $of:ident)?) -> $answer:ty;)*) => {
        const METHODS: &[&str] = &[$(stringify!($method)),*];

        #[async_trait]
        impl Chain for WatchedChain {
            $(async fn $method(&self, ctx: &Context $(, $request: $of)?) -> $answer {
                pass(concat!("chain.", stringify!($method), ".before"));
                let answer = self.0.$method(ctx $(, $request)?).await;
                pass(concat!("chain.", stringify!($method), ".after"));
                answer
            })*
        }
    };
}

watch! {
    address(request: AddressRequest) -> Result<String, PluginError>;
    lane(request: LaneRequest) -> Result<LaneStatus, PluginError>;
    estimate(request: EstimateRequest) -> Result<Estimated, PluginError>;
    prepare(request: PrepareRequest) -> Result<Prepared, PluginError>;
    cancel(request: CancelRequest) -> Result<Prepared, PluginError>;
    bump(request: BumpRequest) -> Result<Prepared, PluginError>;
    consumer(request: ConsumerRequest) -> Result<Consumer, PluginError>;
    send(request: SendRequest) -> SendOutcome;
    status(request: StatusRequest) -> Result<Vec<TxStatus>, PluginError>;
    balance(request: BalanceRequest) -> Result<Amount, PluginError>;
    read(request: ReadRequest) -> Result<Payload, PluginError>;
    health() -> Result<Health, PluginError>;
}
