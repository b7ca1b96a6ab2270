//! An off-chain settlement service: signed orders over HTTP that settle later, or expire.
//!
//! The *chain* here is the service. It has no sequences: an order is a typed message (EIP-712) that anybody may settle,
//! whole and once, for at least the amount it asks and until the time it names; after that it is dead, because the
//! settlement enforces both. The *venue* is the same service's quote.
//!
//! Read on at `order` (what is signed, and what it is called), `signing` (bytes and back), `api` (what is said over
//! HTTP), `service` (how it is asked), `chain` and `status` (what the daemon is told), `venue` and `settings`. The whole
//! is described in `docs/plugins/intents.md`.
//!
//! ```toml
//! [plugins.intents]
//! egress = ["http://127.0.0.1:8080"]
//!
//! [chains.NAME.config]
//! url = "http://127.0.0.1:8080"
//! chainId = 1
//! settlement = "0x9008d19f58aabd9ed0d60971565aa8510560ab41"
//! ```

mod api;
mod chain;
mod order;
mod service;
mod settings;
mod signing;
mod status;
#[cfg(test)]
mod testing;
mod venue;

use crate::{chain::IntentChain, service::Service, settings::Settings, venue::IntentVenue};
use orderd_sdk::plugin::{Chain, Exports, Host, Plugin, PluginConfig, PluginError, Venue};
use std::{collections::BTreeMap, sync::Arc};

/// The plugin.
#[derive(Debug)]
pub struct Intents;

impl Plugin for Intents {
    const NAME: &'static str = "intents";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn create(config: PluginConfig, host: Host) -> Result<Exports, PluginError> {
        let settings = Settings::read(&config)?;
        let services: BTreeMap<_, _> = settings
            .chains
            .into_iter()
            .map(|(name, chain)| (name, Arc::new(Service::new(host.clone(), chain))))
            .collect();
        let venues = settings.venues.into_iter().map(|(name, chain)| {
            let venue: Arc<dyn Venue> = Arc::new(IntentVenue::new(services[&chain].clone()));
            (name, venue)
        });
        let venues = venues.collect();
        let chains = services.into_iter().map(|(name, service)| {
            let chain: Arc<dyn Chain> = Arc::new(IntentChain::new(name.clone(), host.clone(), service));
            (name, chain)
        });
        Ok(Exports { venues, chains: chains.collect() })
    }
}

#[cfg(feature = "entry")]
orderd_sdk::export_plugin!(Intents);
