//! Whether a new copy of a plugin may take the place of the current one.

use super::reloading::Addresses;
use crate::plugin::Acceptance;
use futures_util::future::join_all;
use orderd_sdk::plugin::{Context, ErrorKind, Exports, Health, PluginError, async_trait};
use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    time::Duration,
};
use tokio::time::timeout_at;

/// How long a chain or venue may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the new copy has to be: as well as the current one, and with every account where it is.
pub(super) struct Fitness<'a> {
    /// Those of the current copy that are not well: a new one need not do better.
    unwell: BTreeSet<String>,
    addresses: &'a Addresses,
}

impl<'a> Fitness<'a> {
    /// Looks at the current copy.
    pub(super) async fn of(current: &Exports, addresses: &'a Addresses) -> Self {
        let unwell = look(current).await.into_iter().filter(|(_, health)| health.is_err());
        Self { unwell: unwell.map(|(name, _)| name).collect(), addresses }
    }

    /// Another address would be another account: its money, its sequences.
    async fn check_addresses(&self, candidate: &Exports) -> Result<(), String> {
        for (lane, (request, expected)) in self.addresses {
            let Some(chain) = candidate.chains.get(&lane.chain) else {
                continue;
            };
            let ctx = Context::within(PATIENCE);
            let found = in_time(&ctx, chain.address(&ctx, request.clone())).await;
            let found = found.map_err(|error| format!("account {}: {error}", lane.account))?;
            if found != *expected {
                return Err(format!("account {} would become {found}, it is {expected}", lane.account));
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Acceptance for Fitness<'_> {
    async fn check(&self, candidate: &Exports) -> Result<(), String> {
        self.check_addresses(candidate).await?;
        for (name, health) in look(candidate).await {
            match health {
                Err(error) if !self.unwell.contains(&name) => {
                    return Err(format!("{name} is not well: {error}"));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// How all chains and venues are.
async fn look(exports: &Exports) -> BTreeMap<String, Result<Health, PluginError>> {
    let ctx = &Context::within(PATIENCE);
    let chains = exports
        .chains
        .iter()
        .map(|(name, chain)| async move { (format!("chain {name}"), in_time(ctx, chain.health(ctx)).await) });
    let venues = exports
        .venues
        .iter()
        .map(|(name, venue)| async move { (format!("venue {name}"), in_time(ctx, venue.health(ctx)).await) });
    let (chains, venues) = tokio::join!(join_all(chains), join_all(venues));
    chains.into_iter().chain(venues).collect()
}

async fn in_time<T>(
    ctx: &Context,
    call: impl Future<Output = Result<T, PluginError>>,
) -> Result<T, PluginError> {
    let late = PluginError { kind: ErrorKind::Deadline, message: "no answer in time".to_owned() };
    timeout_at(ctx.deadline(), call).await.unwrap_or(Err(late))
}
