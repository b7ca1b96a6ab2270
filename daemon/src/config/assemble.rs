//! From the tables that name each other to what each room needs of them. Only for a world without problems is the
//! result complete.

use super::{
    AccountSettings, ChainSettings, KeySource, PluginSettings,
    guard::default_in_flight,
    policy::SpendWindow,
    world::{Chain, Isolation, Plugin, World},
};
use crate::order::ChainEntry;
use orderd_sdk::plugin::{ChainConfig, PluginConfig, Token, VenueConfig};
use std::{
    collections::BTreeMap,
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    path::{Path, PathBuf},
};

/// The plugins that come with the daemon.
const SHIPPED: [&str; 4] = ["paper", "evm", "uniswap", "intents"];

/// The folders that paths count from.
pub(super) struct Folders {
    /// Of the configuration file.
    pub(super) config: PathBuf,
    /// Of the plugins' libraries.
    pub(super) plugins: PathBuf,
    /// Of everything the daemon writes.
    pub(super) data: PathBuf,
}

impl World {
    /// Every plugin with the chains and venues it has to serve, for so many workers.
    pub(super) fn plugins(&self, folders: &Folders, workers: usize) -> Vec<PluginSettings> {
        self.plugins
            .iter()
            .map(|(name, plugin)| (name, plugin, self.venues_of(name)))
            .map(|(name, plugin, venues)| PluginSettings {
                name: name.clone(),
                file: folders.plugins.join(plugin.file_name(name)),
                max_in_flight: (plugin.max_in_flight)
                    .unwrap_or_else(|| default_in_flight(workers, venues.len())),
                sha256: plugin.sha256,
                copies: folders.data.join("libraries").join(name),
                services: plugin.services.clone(),
                memory: folders.data.join("kv").join(format!("{name}.kv")),
                config: PluginConfig {
                    chains: self.chains_of(name),
                    venues,
                    data_dir: folders.data.join("plugins").join(name),
                },
                start: plugin.start,
                process: plugin.has_process(name).then(|| plugin.process.clone()),
            })
            .collect()
    }

    fn chains_of(&self, plugin: &str) -> BTreeMap<String, ChainConfig> {
        self.chains
            .iter()
            .filter(|(_, chain)| chain.plugin.as_deref() == Some(plugin))
            .map(|(name, chain)| {
                let config = ChainConfig { tokens: chain.token_list(), settings: chain.settings.clone() };
                (name.clone(), config)
            })
            .collect()
    }

    fn venues_of(&self, plugin: &str) -> BTreeMap<String, VenueConfig> {
        self.venues
            .iter()
            .filter(|(_, venue)| venue.plugin.as_deref() == Some(plugin))
            .filter_map(|(name, venue)| {
                let (chain_name, chain) = self.chains.get_key_value(venue.chain.as_ref()?)?;
                let config = VenueConfig {
                    chain: chain_name.clone(),
                    tokens: chain.token_list(),
                    settings: venue.settings.clone(),
                };
                Some((name.clone(), config))
            })
            .collect()
    }

    /// How each chain is followed.
    pub(super) fn chains(&self) -> BTreeMap<String, ChainSettings> {
        self.chains
            .iter()
            .filter_map(|(name, chain)| {
                let settings = ChainSettings {
                    plugin: chain.plugin.clone()?,
                    poll: chain.poll,
                    max_pending: chain.max_pending,
                    bump_after: (!chain.bump_after.is_zero()).then_some(chain.bump_after),
                    max_bumps: chain.max_bumps,
                };
                Some((name.clone(), settings))
            })
            .collect()
    }

    /// Who trades, with every path complete.
    pub(super) fn accounts(&self, folders: &Folders) -> BTreeMap<String, AccountSettings> {
        self.accounts
            .iter()
            .filter_map(|(name, account)| {
                let chain = account.chain.clone()?;
                let settings = AccountSettings {
                    policy: account.policy.settle(self.chains.get(&chain)?),
                    chain,
                    key: account.key.as_ref().map(|key| located(key, &folders.config)),
                };
                Some((name.clone(), settings))
            })
            .collect()
    }

    /// The longest window of a spend cap, whoever's it is.
    pub(super) fn longest_spend_window(&self) -> Option<SpendWindow> {
        let windows = self.accounts.iter().filter_map(|(name, account)| account.policy.longest_window(name));
        windows.max_by_key(|spend| spend.window)
    }

    /// The names that orders may use on each chain.
    pub(super) fn catalog(&self) -> BTreeMap<String, ChainEntry> {
        let on_chain = |chain: &Option<String>, name: &str| chain.as_deref() == Some(name);
        self.chains
            .iter()
            .map(|(name, chain)| {
                let accounts = self.accounts.iter().filter(|(_, account)| on_chain(&account.chain, name));
                let venues = self.venues.iter().filter(|(_, venue)| on_chain(&venue.chain, name));
                let entry = ChainEntry {
                    tokens: chain.tokens.clone(),
                    accounts: accounts.map(|(name, _)| name.clone()).collect(),
                    venues: venues.map(|(name, _)| name.clone()).collect(),
                };
                (name.clone(), entry)
            })
            .collect()
    }
}

impl Plugin {
    fn file_name(&self, name: &str) -> String {
        self.file.clone().unwrap_or_else(|| library(name))
    }

    /// Those that come with the daemon are trusted with its process, wherever the configuration does not say otherwise.
    fn has_process(&self, name: &str) -> bool {
        match self.isolation {
            Some(Isolation::Process) => true,
            Some(Isolation::InProcess) => false,
            None => {
                let file = self.file_name(name);
                !SHIPPED.iter().any(|shipped| file == library(shipped))
            }
        }
    }
}

/// The file of a plugin with this name, within the plugins' folder.
fn library(name: &str) -> String {
    format!("{DLL_PREFIX}orderd_plugin_{}{DLL_SUFFIX}", name.replace('-', "_"))
}

impl Chain {
    fn token_list(&self) -> Vec<Token> {
        self.tokens.values().cloned().collect()
    }
}

/// The same source with a complete path.
pub(super) fn located(key: &KeySource, folder: &Path) -> KeySource {
    match key {
        KeySource::Env(name) => KeySource::Env(name.clone()),
        KeySource::File(file) => KeySource::File(folder.join(file)),
    }
}
