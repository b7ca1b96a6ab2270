//! Calls to venues and chains, each with an end.

use crate::order::{Order, Transaction};
use orderd_sdk::plugin::{Chain, Context, ErrorKind, PluginError, SendOutcome, SendRequest};
use std::{future::Future, time::Duration};
use tokio::time::timeout_at;

/// Waits for a call no longer than its context allows, also when the other side does not keep to it.
pub(super) async fn bounded<T>(
    ctx: &Context,
    call: impl Future<Output = Result<T, PluginError>>,
) -> Result<T, PluginError> {
    let late = |_| PluginError { kind: ErrorKind::Deadline, message: "no answer in time".to_owned() };
    timeout_at(ctx.deadline(), call).await.map_err(late)?
}

/// Hands stored bytes to the chain. Silence is [`SendOutcome::Unknown`].
pub(super) async fn send(chain: &dyn Chain, budget: Duration, transaction: &Transaction) -> SendOutcome {
    let ctx = Context::within(budget);
    let request = SendRequest { raw: transaction.raw.clone(), hash: transaction.hash.clone() };
    match timeout_at(ctx.deadline(), chain.send(&ctx, request)).await {
        Ok(outcome) => outcome,
        Err(_) => SendOutcome::Unknown { reason: "no answer in time".to_owned() },
    }
}

/// The failures of an order so far, from 1: what its backoff grows with.
pub(super) fn failures(order: &Order) -> u32 {
    order.attempt.max(1)
}
