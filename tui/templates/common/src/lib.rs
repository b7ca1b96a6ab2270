//! A constant-product venue for orderd.
//!
//! A quote asks the chain what the pool has (`chain`), and computes what it pays (`pool`); a build says which
//! transaction performs the swap. `venue` puts both together, `settings` reads what the operator has chosen.

mod chain;
mod pool;
mod settings;
mod venue;

use chain::Pools;
use orderd_sdk::plugin::{Exports, Host, Plugin, PluginConfig, PluginError, Venue};
use settings::Settings;
use std::{collections::BTreeMap, sync::Arc};
use venue::Dex;

/// The plugin: any number of venues, and no chain.
pub struct DexPlugin;

impl Plugin for DexPlugin {
    const NAME: &'static str = env!("CARGO_PKG_NAME");
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    /// Every mistake of the operator is told at once, by its path in the configuration.
    fn create(config: PluginConfig, host: Host) -> Result<Exports, PluginError> {
        let mut mistakes = Vec::new();
        let mut venues = BTreeMap::new();
        for (name, venue) in &config.venues {
            if let Some(settings) = Settings::read(name, venue, &mut mistakes) {
                let pools = Pools::new(host.clone(), &venue.chain, name, &settings);
                venues.insert(
                    name.clone(),
                    Arc::new(Dex::new(settings, pools)) as Arc<dyn Venue>,
                );
            }
        }
        let chains = config.chains.keys();
        mistakes.extend(chains.map(|name| format!("chains.{name}: this plugin has no chains")));
        match mistakes.is_empty() {
            true => Ok(Exports {
                venues,
                ..Exports::default()
            }),
            false => Err(PluginError::invalid(mistakes.join("; "))),
        }
    }
}

#[cfg(feature = "entry")]
orderd_sdk::export_plugin!(DexPlugin);
