//! The tables `[plugins]`, `[chains]`, `[venues]` and `[accounts]`, and whether they fit together.

use super::{
    AccountSettings, ChainSettings, KeySource, PluginSettings,
    environment::is_override,
    key_path::KeyPath,
    names::{check_name, check_symbol},
    source::{Section, Source},
    suggest::hint,
    value::Found,
};
use crate::order::ChainEntry;
use orderd_sdk::{
    amount::MAX_DECIMALS,
    plugin::{ChainConfig, PluginConfig, Token, VenueConfig},
};
use std::{
    collections::BTreeMap,
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    path::{Path, PathBuf},
    time::Duration,
};

const MAX_ADDRESS: usize = 128;

/// The four tables as they were read. A name that should be somewhere and is not, or is wrong, is `None`.
#[derive(Default)]
pub(super) struct World {
    plugins: BTreeMap<String, Plugin>,
    chains: BTreeMap<String, Chain>,
    venues: BTreeMap<String, Venue>,
    accounts: BTreeMap<String, Account>,
}

#[derive(Default)]
struct Plugin {
    file: Option<String>,
}

#[derive(Default)]
struct Chain {
    plugin: Option<String>,
    poll: Duration,
    max_pending: u32,
    tokens: BTreeMap<String, Token>,
    settings: serde_json::Value,
}

#[derive(Default)]
struct Venue {
    plugin: Option<String>,
    chain: Option<String>,
    settings: serde_json::Value,
}

#[derive(Default)]
struct Account {
    chain: Option<String>,
    key: Option<KeySource>,
}

/// The folders that paths count from.
pub(super) struct Folders {
    /// Of the configuration file.
    pub(super) config: PathBuf,
    /// Of the plugins' libraries.
    pub(super) plugins: PathBuf,
    /// Of everything the daemon writes.
    pub(super) data: PathBuf,
}

/// Reads the four tables and checks that every name in them leads somewhere.
pub(super) fn read_world(root: &mut Section<'_>) -> World {
    let world = World {
        plugins: root.each("plugins", check_name, read_plugin),
        chains: root.each("chains", check_name, read_chain),
        venues: root.each("venues", check_name, read_venue),
        accounts: root.each("accounts", check_name, read_account),
    };
    world.check_references(root.source());
    world
}

fn read_plugin(section: &mut Section<'_>) -> Plugin {
    Plugin {
        file: section.optional("file", Found::text),
    }
}

fn read_chain(section: &mut Section<'_>) -> Chain {
    Chain {
        plugin: section.required("plugin", Found::text),
        poll: section.millis("poll_ms", 5..=600_000, 1_000),
        max_pending: section.integer("max_pending", 1..=1_024, 64),
        tokens: read_tokens(section),
        settings: section.foreign("config"),
    }
}

fn read_tokens(chain: &mut Section<'_>) -> BTreeMap<String, Token> {
    let read = chain.each("tokens", check_symbol, |section| {
        let address = section.required("address", read_address);
        let decimals = section.required("decimals", |found| found.integer(&(0..=MAX_DECIMALS)));
        address.zip(decimals)
    });
    let tokens: BTreeMap<_, _> = (read.into_iter())
        .filter_map(|(symbol, token)| {
            let (address, decimals) = token?;
            let token = Token {
                symbol: symbol.clone(),
                address,
                decimals,
            };
            Some((symbol, token))
        })
        .collect();
    report_twins(chain, &tokens);
    tokens
}

/// Two names of one token would let an order swap it for itself.
fn report_twins(chain: &Section<'_>, tokens: &BTreeMap<String, Token>) {
    let mut seen = BTreeMap::new();
    for token in tokens.values() {
        if let Some(twin) = seen.insert(comparable(&token.address), &token.symbol) {
            let detail = format!("tokens {twin} and {} have the same address", token.symbol);
            chain.report("tokens", detail);
        }
    }
}

/// Hexadecimal addresses are the same in either case; others are not.
fn comparable(address: &str) -> String {
    match address.starts_with("0x") {
        true => address.to_ascii_lowercase(),
        false => address.to_owned(),
    }
}

fn read_address(found: Found) -> Result<String, String> {
    let text = found.text()?;
    match text.len() <= MAX_ADDRESS && text.chars().all(|c| c.is_ascii_graphic()) {
        true => Ok(text),
        false => Err(format!("must be at most {MAX_ADDRESS} visible ASCII characters")),
    }
}

fn read_venue(section: &mut Section<'_>) -> Venue {
    Venue {
        plugin: section.required("plugin", Found::text),
        chain: section.required("chain", Found::text),
        settings: section.foreign("config"),
    }
}

fn read_account(section: &mut Section<'_>) -> Account {
    Account {
        chain: section.required("chain", Found::text),
        key: section.optional_section("key", read_key),
    }
}

fn read_key(section: &mut Section<'_>) -> Option<KeySource> {
    let nothing_said = section.is_empty();
    let env = section.optional("env", read_variable);
    let file = section.optional("file", Found::text);
    match (env, file) {
        (Some(_), Some(_)) => {
            section.report_whole("has both env and file; keep one");
            None
        }
        (Some(name), None) => Some(KeySource::Env(name)),
        (None, Some(file)) => Some(KeySource::File(file.into())),
        (None, None) => {
            if nothing_said {
                section.report_whole("names neither env nor file; leave it out for an account without a key");
            }
            None
        }
    }
}

/// The name of a variable, which must not be mistaken for the key itself: it is not shown.
fn read_variable(found: Found) -> Result<String, String> {
    let name = found.text()?;
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !starts_well || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(
            "must be the name of a variable: letters, digits and _, not beginning with a digit".to_owned(),
        );
    }
    match is_override(&name) {
        true => Err("must not look like an override: ORDERD_ with a double underscore".to_owned()),
        false => Ok(name),
    }
}

impl World {
    fn check_references(&self, source: &Source) {
        for (name, chain) in &self.chains {
            check(source, ["chains", name, "plugin"], &chain.plugin, &self.plugins);
        }
        for (name, venue) in &self.venues {
            check(source, ["venues", name, "plugin"], &venue.plugin, &self.plugins);
            check(source, ["venues", name, "chain"], &venue.chain, &self.chains);
        }
        for (name, account) in &self.accounts {
            check(source, ["accounts", name, "chain"], &account.chain, &self.chains);
        }
    }

    /// Every plugin with the chains and venues it has to serve.
    pub(super) fn plugins(&self, folders: &Folders) -> Vec<PluginSettings> {
        self.plugins
            .iter()
            .map(|(name, plugin)| PluginSettings {
                name: name.clone(),
                file: folders.plugins.join(plugin.file_name(name)),
                config: PluginConfig {
                    chains: self.chains_of(name),
                    venues: self.venues_of(name),
                    data_dir: folders.data.join("plugins").join(name),
                },
            })
            .collect()
    }

    fn chains_of(&self, plugin: &str) -> BTreeMap<String, ChainConfig> {
        self.chains
            .iter()
            .filter(|(_, chain)| chain.plugin.as_deref() == Some(plugin))
            .map(|(name, chain)| {
                let config = ChainConfig {
                    tokens: chain.token_list(),
                    settings: chain.settings.clone(),
                };
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
                let settings = AccountSettings {
                    chain: account.chain.clone()?,
                    key: account.key.as_ref().map(|key| located(key, &folders.config)),
                };
                Some((name.clone(), settings))
            })
            .collect()
    }

    /// The names that orders may use on each chain.
    pub(super) fn catalog(&self) -> BTreeMap<String, ChainEntry> {
        let on_chain = |chain: &Option<String>, name: &str| chain.as_deref() == Some(name);
        self.chains
            .iter()
            .map(|(name, chain)| {
                let accounts = self
                    .accounts
                    .iter()
                    .filter(|(_, account)| on_chain(&account.chain, name));
                let venues = self
                    .venues
                    .iter()
                    .filter(|(_, venue)| on_chain(&venue.chain, name));
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
        match &self.file {
            Some(file) => file.clone(),
            None => format!("{DLL_PREFIX}orderd_plugin_{}{DLL_SUFFIX}", name.replace('-', "_")),
        }
    }
}

impl Chain {
    fn token_list(&self) -> Vec<Token> {
        self.tokens.values().cloned().collect()
    }
}

fn located(key: &KeySource, folder: &Path) -> KeySource {
    match key {
        KeySource::Env(name) => KeySource::Env(name.clone()),
        KeySource::File(file) => KeySource::File(folder.join(file)),
    }
}

fn check<T>(source: &Source, path: [&str; 3], name: &Option<String>, known: &BTreeMap<String, T>) {
    let Some(name) = name.as_ref().filter(|name| !known.contains_key(*name)) else {
        return;
    };
    let kind = path[2];
    let hint = hint(name, known.keys().map(String::as_str));
    source.report_value(
        &KeyPath::of(&path),
        &format!("no {kind} is called {name:?}{hint}"),
    );
}
