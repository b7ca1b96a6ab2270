//! The tables `[plugins]`, `[chains]`, `[venues]` and `[accounts]`, and whether they fit together.

use super::{
    Address, KeySource, PluginProcess, ServiceSettings,
    environment::is_override,
    guard::IN_FLIGHT,
    key_path::KeyPath,
    names::{check_name, check_symbol},
    policy::{Policy, read_policy},
    services::read_services,
    source::{Section, Source},
    suggest::hint,
    value::Found,
};
use orderd_sdk::{amount::MAX_DECIMALS, plugin::Token};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

const MAX_ADDRESS: usize = 128;

/// The four tables as they were read. A name that should be somewhere and is not, or is wrong, is `None`.
#[derive(Default)]
pub(super) struct World {
    pub(super) plugins: BTreeMap<String, Plugin>,
    pub(super) chains: BTreeMap<String, Chain>,
    pub(super) venues: BTreeMap<String, Venue>,
    pub(super) accounts: BTreeMap<String, Account>,
}

/// A plugin to load.
#[derive(Default)]
pub(super) struct Plugin {
    pub(super) file: Option<String>,
    pub(super) isolation: Option<Isolation>,
    pub(super) start: Duration,
    pub(super) process: PluginProcess,
    /// When it is not said, as many as the workers need.
    pub(super) max_in_flight: Option<usize>,
    pub(super) sha256: Option<[u8; 32]>,
    pub(super) services: ServiceSettings,
}

/// Where a plugin runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Isolation {
    InProcess,
    Process,
}

const ISOLATIONS: [&str; 2] = ["in-process", "process"];
const MIB: u64 = 1024 * 1024;

/// A chain, and whose.
#[derive(Default)]
pub(super) struct Chain {
    pub(super) plugin: Option<String>,
    pub(super) poll: Duration,
    pub(super) max_pending: u32,
    pub(super) bump_after: Duration,
    pub(super) max_bumps: u32,
    pub(super) tokens: BTreeMap<String, Token>,
    /// Tokens that are named, and about which something is wrong.
    pub(super) broken_tokens: BTreeSet<String>,
    pub(super) settings: serde_json::Value,
}

/// A venue, whose and where.
#[derive(Default)]
pub(super) struct Venue {
    pub(super) plugin: Option<String>,
    pub(super) chain: Option<String>,
    pub(super) settings: serde_json::Value,
}

/// Who trades, and where.
#[derive(Default)]
pub(super) struct Account {
    pub(super) chain: Option<String>,
    pub(super) key: Option<KeySource>,
    pub(super) policy: Policy,
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
    let defaults = PluginProcess::default();
    Plugin {
        file: section.optional("file", Found::text),
        isolation: section.optional("isolation", read_isolation),
        start: section.millis("start_ms", 100..=600_000, 60_000),
        process: PluginProcess {
            memory_bytes: section.integer("memory_mib", 16..=1_048_576, defaults.memory_bytes / MIB) * MIB,
            open_files: section.integer("open_files", 16..=1_048_576, defaults.open_files),
            network: section.optional("network", Found::boolean).unwrap_or(defaults.network),
            hang: section.millis("hang_ms", 100..=600_000, 5_000),
            restart_max: section.millis("restart_max_ms", 10..=600_000, 10_000),
        },
        max_in_flight: section.optional("max_in_flight", |found| found.integer(&IN_FLIGHT)),
        sha256: section.optional("sha256", read_sha256),
        services: read_services(section),
    }
}

fn read_isolation(found: Found) -> Result<Isolation, String> {
    match found.text()?.as_str() {
        "in-process" => Ok(Isolation::InProcess),
        "process" => Ok(Isolation::Process),
        other => {
            Err(format!("must be {}, got {other:?}{}", ISOLATIONS.join(" or "), hint(other, ISOLATIONS)))
        }
    }
}

fn read_sha256(found: Found) -> Result<[u8; 32], String> {
    let text = found.text()?;
    let bytes = hex::decode(&text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| "must be 64 hexadecimal digits, as sha256sum prints them".to_owned())
}

fn read_chain(section: &mut Section<'_>) -> Chain {
    let (tokens, broken_tokens) = read_tokens(section);
    Chain {
        plugin: section.required("plugin", Found::text),
        poll: section.millis("poll_ms", 5..=600_000, 1_000),
        max_pending: section.integer("max_pending", 1..=1_024, 64),
        bump_after: section.millis("bump_after_ms", 0..=3_600_000, 60_000),
        max_bumps: section.integer("max_bumps", 0..=16, 5),
        tokens,
        broken_tokens,
        settings: section.foreign("config"),
    }
}

fn read_tokens(chain: &mut Section<'_>) -> (BTreeMap<String, Token>, BTreeSet<String>) {
    let read = chain.each("tokens", check_symbol, |section| {
        let address = section.required("address", read_address);
        let decimals = section.required("decimals", |found| found.integer(&(0..=MAX_DECIMALS)));
        address.zip(decimals)
    });
    let (mut tokens, mut broken) = (BTreeMap::new(), BTreeSet::new());
    for (symbol, token) in read {
        match token {
            Some((address, decimals)) => {
                tokens.insert(symbol.clone(), Token { symbol, address, decimals });
            }
            None => {
                broken.insert(symbol);
            }
        }
    }
    report_twins(chain, &tokens);
    (tokens, broken)
}

/// Two names of one token would let an order swap it for itself.
fn report_twins(chain: &Section<'_>, tokens: &BTreeMap<String, Token>) {
    let mut seen = BTreeMap::new();
    for token in tokens.values() {
        if let Some(twin) = seen.insert(Address::from(token.address.as_str()), &token.symbol) {
            let detail = format!("tokens {twin} and {} have the same address", token.symbol);
            chain.report("tokens", detail);
        }
    }
}

pub(super) fn read_address(found: Found) -> Result<String, String> {
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
        policy: section.section("policy", read_policy),
    }
}

fn read_key(section: &mut Section<'_>) -> Option<KeySource> {
    if section.is_empty() && !section.has("env") && !section.has("file") {
        section.report_whole("names neither env nor file; leave it out for an account without a key");
    }
    read_source(section, "env", "file")
}

/// Where a secret is: one of these two keys says so.
pub(super) fn read_source(
    section: &mut Section<'_>,
    env: &'static str,
    file: &'static str,
) -> Option<KeySource> {
    let in_variable = section.optional(env, read_variable).map(KeySource::Env);
    let in_file = section.optional(file, Found::text).map(|file| KeySource::File(file.into()));
    if in_variable.is_some() && in_file.is_some() {
        section.report_whole(format!("has both {env} and {file}; keep one"));
        return None;
    }
    in_variable.or(in_file)
}

/// The name of a variable, which must not be mistaken for the key itself: it is not shown.
fn read_variable(found: Found) -> Result<String, String> {
    let name = found.text()?;
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !starts_well || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(
            "must be the name of a variable: letters, digits and _, not beginning with a digit".to_owned()
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
            if let Some(chain) = account.chain.as_ref().and_then(|chain| self.chains.get(chain)) {
                account.policy.check(source, name, account, chain);
            }
        }
    }
}

fn check<T>(source: &Source, path: [&str; 3], name: &Option<String>, known: &BTreeMap<String, T>) {
    let Some(name) = name.as_ref().filter(|name| !known.contains_key(*name)) else {
        return;
    };
    let kind = path[2];
    let hint = hint(name, known.keys().map(String::as_str));
    source.report_value(&KeyPath::of(&path), &format!("no {kind} is called {name:?}{hint}"));
}
