//! Crash points at every commit and at every call of a chain: decorators around the store and the chains, so that the
//! rooms between them know nothing of it. See [`telemetry::crash`](crate::telemetry::crash).

mod chain;
mod store;

use crate::{
    config::Environment,
    store::Store,
    telemetry::crash::{self, UnknownPoint, VARIABLE, WritePoint},
};
use orderd_sdk::plugin::Exports;
use std::sync::Arc;

/// Every point of this program.
#[must_use]
pub fn points() -> Vec<String> {
    let writes = WritePoint::ALL.into_iter().map(|point| point.name().to_owned());
    store::points().chain(chain::points()).chain(writes).collect()
}

/// Has the process die where the environment says, if it says so.
///
/// # Errors
/// When it names no point.
pub fn arm(environment: &Environment) -> Result<(), UnknownPoint> {
    environment.get(VARIABLE).map_or(Ok(()), |wish| crash::arm(wish, &points()))
}

/// The same store, with points around every commit.
pub(super) fn watch_store(inner: Arc<dyn Store>) -> Arc<dyn Store> {
    Arc::new(store::WatchedStore::new(inner))
}

/// The same exports, with points around every call of a chain.
pub(super) fn watch_chains(mut exports: Exports) -> Exports {
    for chain in exports.chains.values_mut() {
        *chain = Arc::new(chain::WatchedChain::new(chain.clone()));
    }
    exports
}
