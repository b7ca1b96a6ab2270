//! One copy of a plugin takes the place of another, while calls go on.
//!
//! Usually the new one is made and looked at first, then it gets the calls, and the old one answers what it has in hand.
//! A plugin of which there may be one only is ended first, and calls wait until the new one is there. Either way a new
//! copy that is not fit leaves the old version at work.

use super::{
    launch::{self, Launched},
    loader::{About, LoadFailure, Loaded, MadeFrom, PluginSpec},
    proxy,
    runner::Runner,
    slot::Slot,
};
use crate::telemetry::spawn;
use orderd_sdk::plugin::{Exports, Host, async_trait};
use std::{
    path::PathBuf,
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio::time::timeout;

/// How long an old copy may take over the calls that it has in hand.
const DRAIN_LIMIT: Duration = Duration::from_secs(60);
/// As long, while calls wait for the next copy.
const DRAIN_LIMIT_IN_TURN: Duration = Duration::from_secs(5);
/// How long an old copy may take to end before it is left to itself.
const END_LIMIT: Duration = Duration::from_secs(5);

/// Looks at a copy before it is used.
#[async_trait]
pub trait Acceptance: Send + Sync {
    /// Says what is wrong with the copy, which made these.
    ///
    /// # Errors
    /// When it must not be used.
    async fn check(&self, candidate: &Exports) -> Result<(), String>;
}

/// What took the place of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reloaded {
    /// The copy that went.
    pub before: About,
    /// The copy that came.
    pub after: About,
}

/// Why a plugin was not reloaded.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// It is being reloaded already.
    #[error("it is being reloaded already")]
    Busy,
    /// The daemon is ending it.
    #[error("it is being ended")]
    Ended,
    /// There is no new copy; the old version works on.
    #[error(transparent)]
    Load(#[from] LoadFailure),
    /// The new copy is no good; the old version works on.
    #[error("the new copy is not fit: {0}")]
    Unfit(String),
    /// There is no new copy, and the old version, which had to be ended first, does not start either.
    #[error("{reason}; and the version before does not start any more: {lost}")]
    Lost {
        /// Why there is no new copy.
        reason: Box<ReloadError>,
        /// Why there is no old one.
        lost: LoadFailure,
    },
}

impl Loaded {
    /// Has a copy that is made from `spec`, and asks these services, take the place of the current one. No call is lost
    /// meanwhile. Not to be given up half-way: run it in a task of its own.
    ///
    /// # Errors
    /// When no new copy takes calls; the old version does then, but after [`ReloadError::Lost`].
    pub async fn reload(
        &self,
        spec: PluginSpec,
        services: Host,
        acceptance: &dyn Acceptance,
    ) -> Result<Reloaded, ReloadError> {
        let next = MadeFrom { spec, services };
        let mut made_from = self.made_from.try_lock().map_err(|_| ReloadError::Busy)?;
        let before = self.about();
        let (after, copy) = match before.manifest.exclusive {
            false => self.change_over(&next, acceptance).await?,
            true => self.change_in_turn(&made_from, &next, acceptance).await?,
        };
        *made_from = next.again(copy, after.hash);
        *self.about.write().unwrap_or_else(PoisonError::into_inner) = after.clone();
        Ok(Reloaded { before, after })
    }

    async fn change_over(
        &self,
        next: &MadeFrom,
        acceptance: &dyn Acceptance,
    ) -> Result<(About, PathBuf), ReloadError> {
        let Launched { runner, about, copy, .. } = self.make(next, acceptance).await?;
        if let Some(old) = self.slot.put(runner) {
            let plugin = self.name.clone();
            spawn("retire-plugin", async move { retire(&plugin, &*old, DRAIN_LIMIT).await });
        }
        Ok((about, copy))
    }

    async fn change_in_turn(
        &self,
        made_from: &MadeFrom,
        next: &MadeFrom,
        acceptance: &dyn Acceptance,
    ) -> Result<(About, PathBuf), ReloadError> {
        if let Some(old) = self.slot.take() {
            retire(&self.name, &*old, DRAIN_LIMIT_IN_TURN).await;
        }
        let reason = match self.make(next, acceptance).await {
            Ok(Launched { runner, about, copy, .. }) => {
                self.open(runner).await;
                return Ok((about, copy));
            }
            Err(reason) => reason,
        };
        match launch::launch(made_from).await {
            Ok(restored) => {
                self.open(restored.runner).await;
                Err(reason)
            }
            Err(lost) => Err(ReloadError::Lost { reason: Box::new(reason), lost }),
        }
    }

    async fn make(&self, next: &MadeFrom, acceptance: &dyn Acceptance) -> Result<Launched, ReloadError> {
        if self.slot.is_closed() {
            return Err(ReloadError::Ended);
        }
        let launched = launch::launch(next).await?;
        let candidate = Arc::new(Slot::new(launched.runner.clone()));
        let exports = proxy::exports(&candidate, launched.made.clone());
        if let Err(reason) = acceptance.check(&exports).await {
            retire(&self.name, &*launched.runner, Duration::ZERO).await;
            return Err(ReloadError::Unfit(reason));
        }
        Ok(launched)
    }

    /// Gives calls to a copy in whose place there is none.
    async fn open(&self, runner: Arc<dyn Runner>) {
        if let Some(late) = self.slot.put(runner) {
            retire(&self.name, &*late, Duration::ZERO).await;
        }
    }
}

/// Ends a copy once it has answered what it has in hand, or after the limit.
async fn retire(plugin: &str, runner: &dyn Runner, limit: Duration) {
    if timeout(limit, runner.drain()).await.is_err() {
        let owed = runner.in_flight();
        tracing::debug!(plugin, owed, "an old copy of the plugin is ended with calls in hand");
    }
    if timeout(END_LIMIT, runner.end()).await.is_err() {
        tracing::warn!(plugin, "an old copy of the plugin did not end in time and is left behind");
    }
}
