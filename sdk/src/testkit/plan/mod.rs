//! What to ask a plugin: a file of its author, `orderd-plugin.toml` beside the crate. Chains and venues stand in it as
//! in the daemon's configuration.
//!
//! ```toml
//! [chains.local]                       # without `plugin` the library under test serves it
//! plugin = "liborderd_plugin_paper.so" # this library does; "none": nobody, see `reads`
//! tokens = { SOL = { address = "sol", decimals = 9 }, USDC = { address = "usdc", decimals = 6 } }
//! config = { balance = "1000" }
//!
//! [venues.pool]
//! chain = "local"
//! config = { feeBps = 30 }
//!
//! [[markets]]
//! venue = "pool"
//! sell = "SOL"
//! buy = "USDC"
//! amount = "10"                        # whole tokens: what the account has, and the pool can take
//! timeDependent = false                # true where the same question has another answer a moment later
//!
//! [account]
//! name = "main"
//! address = "local:main"               # only where no chain tells it
//!
//! [[transactions]]                     # what else the account can sign, as a venue builds it
//! chain = "local"
//! payload = {}
//!
//! [[reads]]                            # `chain.read` of a chain without a plugin; without `query` to any question
//! chain = "local"
//! query = { what = "pool" }
//! answer = { reserves = ["1", "2"] }
//!
//! [[http]]                             # what a server answers; the kit has no network
//! url = "https://api.example.com/quote"
//! status = 200
//! answer = { price = "7" }
//!
//! [panic]                              # a request on which the plugin panics on purpose
//! method = "venue.quote"
//! target = "pool"
//! request = {}
//! ```

mod read;

pub use read::PlanError;

use crate::{
    amount::Amount,
    plugin::{ChainConfig, PluginConfig, Token, VenueConfig},
};
use serde::Deserialize;
use serde_json::Value;
use std::{collections::BTreeMap, path::PathBuf};

/// The file's usual name.
pub const PLAN_FILE: &str = "orderd-plugin.toml";

/// What to ask. Empty, only what needs no market and no chain is checked.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub(super) chains: BTreeMap<String, PlannedChain>,
    pub(super) venues: BTreeMap<String, VenueConfig>,
    pub(super) markets: Vec<Market>,
    pub(super) account: PlannedAccount,
    pub(super) transactions: Vec<PlannedTransaction>,
    pub(super) reads: Vec<CannedRead>,
    pub(super) http: Vec<CannedHttp>,
    pub(super) panic: Option<PlannedPanic>,
}

/// A chain, and who serves it.
#[derive(Clone, Debug)]
pub(super) struct PlannedChain {
    pub(super) served_by: ServedBy,
    pub(super) config: ChainConfig,
}

/// Who serves a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ServedBy {
    /// The library under test.
    Subject,
    /// Another library.
    Companion(PathBuf),
    /// Nobody: what it is asked is answered from the plan.
    Nobody,
}

/// A pair that a venue trades, and how much of it to ask about.
#[derive(Clone, Debug)]
pub(super) struct Market {
    pub(super) venue: String,
    pub(super) sell: Token,
    pub(super) buy: Token,
    pub(super) amount: Amount,
    pub(super) steadiness: Steadiness,
}

/// Whether the same question has the same answer a moment later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Steadiness {
    /// It has.
    Steady,
    /// The time counts.
    TimeDependent,
}

/// Who trades.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlannedAccount {
    #[serde(default = "PlannedAccount::usual_name")]
    pub(super) name: String,
    pub(super) address: Option<String>,
}

/// A transaction that the account can sign.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlannedTransaction {
    pub(super) chain: String,
    pub(super) payload: Value,
}

/// An answer of a chain that nobody serves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CannedRead {
    pub(super) chain: String,
    pub(super) query: Option<Value>,
    pub(super) answer: Value,
}

/// An answer of a server, to any request for this URL.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CannedHttp {
    pub(super) url: String,
    #[serde(default = "CannedHttp::ok")]
    pub(super) status: u16,
    pub(super) answer: Value,
}

/// A request on which the plugin panics.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlannedPanic {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) request: Value,
}

impl CannedHttp {
    fn ok() -> u16 {
        200
    }
}

impl PlannedAccount {
    fn usual_name() -> String {
        "main".to_owned()
    }
}

impl Default for PlannedAccount {
    fn default() -> Self {
        Self { name: Self::usual_name(), address: None }
    }
}

impl Plan {
    /// What the library under test has to make.
    pub(super) fn config(&self, data_dir: PathBuf) -> PluginConfig {
        PluginConfig { chains: self.chains_of(&ServedBy::Subject), venues: self.venues.clone(), data_dir }
    }

    /// The chains that are served like this.
    pub(super) fn chains_of(&self, server: &ServedBy) -> BTreeMap<String, ChainConfig> {
        let served = self.chains.iter().filter(|(_, chain)| chain.served_by == *server);
        served.map(|(name, chain)| (name.clone(), chain.config.clone())).collect()
    }

    /// The other libraries, each once.
    pub(super) fn companions(&self) -> Vec<PathBuf> {
        let mut libraries: Vec<_> = self
            .chains
            .values()
            .filter_map(|chain| match &chain.served_by {
                ServedBy::Companion(library) => Some(library.clone()),
                ServedBy::Subject | ServedBy::Nobody => None,
            })
            .collect();
        libraries.sort();
        libraries.dedup();
        libraries
    }
}
