//! A look at every chain and venue after the start. The daemon works without the ones that are not well; the log
//! says so before the first order finds out.

use super::plugins::Plugins;
use crate::telemetry::{observe, spawn};
use orderd_sdk::plugin::{Context, ErrorKind, Health, PluginError};
use std::{future::Future, time::Duration};
use tokio::time::timeout_at;

/// How long a chain or venue may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks all of them, without waiting for the answers.
pub(super) fn begin(plugins: &Plugins) {
    for (name, chain) in plugins.chains.clone() {
        let ctx = Context::within(PATIENCE);
        spawn("checkup", async move { report("chain", &name, &ctx, chain.health(&ctx)).await });
    }
    for (name, (_, venue)) in plugins.venues.clone() {
        let ctx = Context::within(PATIENCE);
        spawn("checkup", async move { report("venue", &name, &ctx, venue.health(&ctx)).await });
    }
}

async fn report(
    kind: &'static str,
    name: &str,
    ctx: &Context,
    health: impl Future<Output = Result<Health, PluginError>>,
) {
    let late = PluginError { kind: ErrorKind::Deadline, message: "no answer in time".to_owned() };
    observe::checked_up(kind, name, timeout_at(ctx.deadline(), health).await.unwrap_or(Err(late)));
}
