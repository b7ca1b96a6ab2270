//! Calls to venues and chains, each with an end. A panic of code that is linked in ends its call and nothing else.

use crate::order::Transaction;
use futures_util::FutureExt as _;
use orderd_sdk::plugin::{Chain, Context, ErrorKind, PluginError, SendOutcome, SendRequest};
use std::{any::Any, future::Future, panic::AssertUnwindSafe, time::Duration};
use tokio::time::timeout_at;

/// Waits for a call no longer than its context allows, also when the other side does not keep to it.
pub(super) async fn bounded<T>(
    ctx: &Context,
    call: impl Future<Output = Result<T, PluginError>>,
) -> Result<T, PluginError> {
    fenced(ctx, call).await?
}

/// Hands stored bytes to the chain. Silence is [`SendOutcome::Unknown`], and so is a panic.
pub(super) async fn send(chain: &dyn Chain, budget: Duration, transaction: &Transaction) -> SendOutcome {
    let ctx = Context::within(budget);
    let request = SendRequest { raw: transaction.raw.clone(), hash: transaction.hash.clone() };
    let sent = fenced(&ctx, chain.send(&ctx, request)).await;
    sent.unwrap_or_else(|error| SendOutcome::Unknown { reason: error.message })
}

/// What the call comes to, unless it is late or panics.
async fn fenced<T>(ctx: &Context, call: impl Future<Output = T>) -> Result<T, PluginError> {
    // Nothing of the call is looked at after it panicked.
    match timeout_at(ctx.deadline(), AssertUnwindSafe(call).catch_unwind()).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(cause)) => Err(PluginError { kind: ErrorKind::Panic, message: panicked(&*cause) }),
        Err(_) => Err(PluginError { kind: ErrorKind::Deadline, message: "no answer in time".to_owned() }),
    }
}

fn panicked(cause: &(dyn Any + Send)) -> String {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    let said = text.or_else(|| cause.downcast_ref::<&str>().copied());
    said.map_or_else(|| "panicked".to_owned(), |said| format!("panicked: {said}"))
}
