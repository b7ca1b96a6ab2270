//! Uniswap V2 and its forks, Uniswap V3, and Uniswap V4.
//!
//! A quote asks the venue's own contracts (`contracts`) through the chain's plugin (`chain`): which pools there
//! are (`pools`), what they pay on every path, and what the network takes in the bought token (`price`). The
//! path that leaves the most is the `route`, which comes back in a build: there the trader's approval is looked at
//! (`approval`) before the swap is encoded. `v2`, `v3` and `v4` hold what differs, and `tiers` what those share whose
//! pools differ in their fee. Nothing here signs or sends.

mod approval;
mod chain;
mod contracts;
mod pools;
mod price;
mod route;
mod settings;
mod tiers;
mod trade;
mod v2;
mod v3;
mod v4;

use chain::ChainReader;
use orderd_sdk::plugin::{Exports, Host, Plugin, PluginConfig, PluginError, Venue};
use settings::{Settings, V3Settings, V4Settings};
use std::{collections::BTreeMap, sync::Arc};
use v3::V3;
use v4::V4;

/// The plugin: serves any number of venues, and no chain.
pub struct Uniswap;

impl Plugin for Uniswap {
    const NAME: &'static str = "uniswap";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn create(config: PluginConfig, host: Host) -> Result<Exports, PluginError> {
        let mut mistakes = Vec::new();
        let mut venues = BTreeMap::new();
        for (name, venue) in &config.venues {
            let reader = ChainReader::new(host.clone(), venue.chain.clone());
            let settings = Settings::read(name, venue, &mut mistakes);
            venues.extend(settings.map(|settings| (name.clone(), open(settings, reader))));
        }
        let chains = config.chains.keys();
        mistakes.extend(chains.map(|name| format!("chains.{name}: this plugin has no chains")));
        match mistakes.is_empty() {
            true => Ok(Exports { chains: BTreeMap::new(), venues }),
            false => Err(PluginError::invalid(mistakes.join("\n"))),
        }
    }
}

fn open(settings: Settings, reader: ChainReader) -> Arc<dyn Venue> {
    match settings {
        Settings::V2(settings) => Arc::new(v2::V2::new(settings, reader)),
        Settings::V3(V3Settings { common, contracts, fee_tiers }) => {
            Arc::new(V3::new(common, fee_tiers, contracts, reader))
        }
        Settings::V4(settings) => {
            let fees = settings.fees();
            let V4Settings { common, contracts } = settings;
            Arc::new(V4::new(common, fees, contracts, reader))
        }
    }
}

#[cfg(feature = "entry")]
orderd_sdk::export_plugin!(Uniswap);
