//! EVM chains: EIP-1559 transactions over JSON-RPC.
//!
//! One transaction's way: a venue builds a call (`transaction`); `estimate` simulates it and adds gas and fees
//! (`fees`), where a contract's refusal is decoded (`revert`); `prepare` signs it through the host (`signing`)
//! without touching the network, and tells it what the signature allows (`effect`); `send` hands the bytes to the node and says what is certain; `status` follows
//! them until their block cannot be undone. What waits too long is signed again for more (`bump`) or without effect
//! (`cancel`), and `consumer` proves what became of its sequence. All of it talks to one node through `rpc`; the
//! operator's choices are in `settings`. Nothing is remembered that matters: only the fees of the last second.

mod chain;
mod effect;
mod fees;
mod revert;
mod rpc;
mod settings;
mod signing;
mod transaction;

use chain::EvmChain;
use orderd_sdk::plugin::{Chain, Exports, Host, Plugin, PluginConfig, PluginError};
use settings::Settings;
use std::{collections::BTreeMap, sync::Arc};

/// The plugin: serves any number of EVM chains, and no venue.
pub struct Evm;

impl Plugin for Evm {
    const NAME: &'static str = "evm";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn create(config: PluginConfig, host: Host) -> Result<Exports, PluginError> {
        let mut mistakes = Vec::new();
        let mut settings = Vec::new();
        for (name, chain) in config.chains {
            let read = Settings::read(&name, chain.settings, &mut mistakes);
            settings.extend(read.map(|read| (name, read)));
        }
        let venues = config.venues.keys();
        mistakes.extend(venues.map(|name| format!("venues.{name}: this plugin has no venues")));
        if !mistakes.is_empty() {
            return Err(PluginError::invalid(mistakes.join("\n")));
        }
        Ok(Exports { chains: open(settings, &host)?, venues: BTreeMap::new() })
    }
}

fn open(
    settings: Vec<(String, Settings)>,
    host: &Host,
) -> Result<BTreeMap<String, Arc<dyn Chain>>, PluginError> {
    let chains = settings.into_iter().map(|(name, settings)| {
        let chain = EvmChain::new(name.clone(), settings, host.clone())?;
        Ok((name, Arc::new(chain) as Arc<dyn Chain>))
    });
    chains.collect()
}

#[cfg(feature = "entry")]
orderd_sdk::export_plugin!(Evm);
