//! A fake chain with constant-product pools, to trade without a network.
//!
//! Everything that a chain does is here but keys and a network: accounts with a dense sequence, a mempool, blocks,
//! finality, receipts, and swaps that revert when the price has moved. Failures can be asked for in percent, and
//! fall the same way for the same seed. The ledger survives a killed daemon.
//!
//! Read on at `chain` (the life of a transaction), `ledger` (what it does), `signing` (bytes, and who
//! outbids whom), `venue` (prices), `journal` (memory) and `settings` (how this is read):
//!
//! ```toml
//! [chains.NAME.config]
//! balance = "1000000000"    # whole tokens that every account starts with, of each token
//! inclusionMs = 0           # from send to inclusion; 0: within the send
//! finalityMs = 0            # from inclusion to finality
//! sendFailurePercent = 0    # sends that certainly did not happen
//! unknownPercent = 0        # sends whose outcome is unknown; half of them are performed
//! stuckPercent = 0          # transactions that wait until another takes their place
//! maxReceipts = 200000      # older ones are forgotten
//! seed = 0                  # of the dice
//! pools = []                # of venues of other plugins: { venue = "mydex", tokens = …, reserves = …, feeBps = 30 }
//!
//! [venues.NAME.config]
//! pools = [{ tokens = ["SOL", "USDC"], reserves = ["500000", "75000000"] }]    # in whole tokens
//! feeBps = 30
//! latencyMs = 0             # of quote and build
//! failurePercent = 0        # quotes that fail
//! arbitrage = true          # each swap is followed by one that restores the configured reserves
//! seed = 0
//! ```
//!
//! These are the defaults, but for `pools`, which a venue has to name. An account `desk` has the address
//! `paper:desk` and needs no key. To begin anew, delete the plugin's data folder.

mod chain;
mod chance;
mod clock;
mod entry;
mod journal;
mod ledger;
mod mempool;
mod pool;
mod pools;
mod reader;
mod receipts;
mod settings;
mod signing;
mod state;
#[cfg(test)]
mod tests;
mod transaction;
mod venue;

use crate::{chain::PaperChain, settings::Settings, venue::PaperVenue};
use orderd_sdk::plugin::{Chain, Copies, Exports, FirstPoll, Host, Plugin, PluginConfig, PluginError, Venue};
use std::{collections::BTreeMap, sync::Arc};
use tokio::runtime::Handle;

/// The plugin. Linked into a program, [`Plugin::create`] has to be called inside a tokio runtime with timers.
#[derive(Debug)]
pub struct Paper;

impl Plugin for Paper {
    const NAME: &'static str = "paper";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    /// Nothing here waits but timers.
    const FIRST_POLL: FirstPoll = FirstPoll::CallerThread;
    /// The ledger of a chain has one writer.
    const COPIES: Copies = Copies::One;

    fn create(config: PluginConfig, _host: Host) -> Result<Exports, PluginError> {
        let settings = Settings::read(&config)?;
        let runtime = Handle::try_current().map_err(|error| PluginError::permanent(error.to_string()))?;
        let mut chains = BTreeMap::new();
        for (name, chain) in settings.chains {
            let venues = settings.venues.values().filter(|venue| venue.chain == name);
            let pools = venues.flat_map(|venue| &venue.pools).chain(&chain.pools).cloned().collect();
            let chain = PaperChain::open(&name, chain, pools, &config.data_dir, &runtime)
                .map_err(|error| PluginError::permanent(error.to_string()))?;
            chains.insert(name, chain);
        }
        let venues = settings.venues.into_iter().map(|(name, venue)| {
            let chain = chains[&venue.chain].clone();
            let venue: Arc<dyn Venue> = Arc::new(PaperVenue::new(&name, venue, chain));
            (name, venue)
        });
        Ok(Exports {
            venues: venues.collect(),
            chains: chains
                .iter()
                .map(|(name, chain)| (name.clone(), chain.clone() as Arc<dyn Chain>))
                .collect(),
        })
    }
}

#[cfg(feature = "entry")]
orderd_sdk::export_plugin!(Paper);
