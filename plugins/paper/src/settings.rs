//! Settings of chains and venues, read so that every mistake is named at once.

use crate::{
    chance::Percent,
    ledger::Pool,
    pools::{self, Terms, read_units},
    reader::{DecimalText, percent},
};
use orderd_sdk::plugin::{ChainConfig, PluginConfig, PluginError, SettingsTable, VenueConfig};
use ruint::aliases::U256;
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

/// Longer waits are refused, in milliseconds: a day.
const MAX_MILLIS: u64 = 86_400_000;
const DEFAULT_BALANCE: &str = "1000000000";
const DEFAULT_RECEIPTS: u64 = 200_000;
const MAX_RECEIPTS: u64 = 10_000_000;

/// Everything that the configuration asks for.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) chains: BTreeMap<String, ChainSettings>,
    pub(crate) venues: BTreeMap<String, VenueSettings>,
}

/// `[chains.NAME.config]`
#[derive(Clone, Debug)]
pub(crate) struct ChainSettings {
    /// What every account starts with, by token address.
    pub(crate) start_balances: HashMap<String, U256>,
    pub(crate) inclusion: Duration,
    pub(crate) finality_ms: u64,
    pub(crate) send_failure: Percent,
    pub(crate) unknown: Percent,
    pub(crate) stuck: Percent,
    pub(crate) seed: u64,
    pub(crate) max_receipts: usize,
    /// Of venues of other plugins.
    pub(crate) pools: Vec<Pool>,
}

/// `[venues.NAME.config]`
#[derive(Clone, Debug)]
pub(crate) struct VenueSettings {
    pub(crate) chain: String,
    pub(crate) pools: Vec<Pool>,
    pub(crate) latency: Duration,
    pub(crate) failure: Percent,
    pub(crate) seed: u64,
}

impl Settings {
    /// # Errors
    /// Every mistake, each with its key path.
    pub(crate) fn read(config: &PluginConfig) -> Result<Self, PluginError> {
        let mut mistakes = Vec::new();
        let chains = config.chains.iter();
        let chains = chains.map(|(name, chain)| (name.clone(), read_chain(name, chain, &mut mistakes)));
        let chains: BTreeMap<_, _> = chains.collect();
        let venues = config.venues.iter();
        let venues = venues.map(|(name, venue)| {
            if !chains.contains_key(&venue.chain) {
                mistakes
                    .push(format!("venues.{name}.chain: {:?} is not a chain of this plugin", venue.chain));
            }
            (name.clone(), read_venue(name, venue, &mut mistakes))
        });
        let venues: BTreeMap<_, _> = venues.collect();
        let foreign =
            chains.iter().flat_map(|(name, chain)| chain.pools.iter().map(move |pool| (name, pool)));
        let own = foreign.filter(|(_, pool)| venues.contains_key(&pool.venue));
        mistakes.extend(own.map(|(name, pool)| {
            format!(
                "chains.{name}.config.pools: {:?} is a venue of this plugin, which names its pools itself",
                pool.venue
            )
        }));
        match mistakes.is_empty() {
            true => Ok(Self { chains, venues }),
            false => Err(PluginError::invalid(mistakes.join("; "))),
        }
    }
}

fn read_chain(name: &str, config: &ChainConfig, mistakes: &mut Vec<String>) -> ChainSettings {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if name.is_empty() || !name.bytes().all(safe) {
        mistakes.push(format!("chains.{name}: a name may only have letters, digits, - and _"));
    }
    let mut table = SettingsTable::open(format!("chains.{name}.config"), config.settings.clone(), mistakes);
    let balance = table.optional::<DecimalText>("balance", "a whole number or a decimal text");
    let balance = balance.map_or_else(|| DEFAULT_BALANCE.to_owned(), String::from);
    let settings = ChainSettings {
        inclusion: Duration::from_millis(table.integer("inclusionMs", 0, MAX_MILLIS)),
        finality_ms: table.integer("finalityMs", 0, MAX_MILLIS),
        send_failure: percent(&mut table, "sendFailurePercent"),
        unknown: percent(&mut table, "unknownPercent"),
        stuck: percent(&mut table, "stuckPercent"),
        seed: table.integer("seed", 0, u64::MAX),
        max_receipts: usize::try_from(table.integer("maxReceipts", DEFAULT_RECEIPTS, MAX_RECEIPTS))
            .unwrap_or(usize::MAX),
        start_balances: HashMap::new(),
        pools: Vec::new(),
    };
    let tables = table.optional::<Vec<Value>>("pools", "a list").unwrap_or_default();
    table.close();
    let pools = pools::of_chain(&format!("chains.{name}.config"), &tables, &config.tokens, mistakes);
    let path = format!("chains.{name}.config.balance");
    let tokens = config.tokens.iter();
    let balances = tokens.filter_map(|token| {
        let units = read_units(&path, &balance, token, mistakes)?;
        Some((token.address.clone(), units))
    });
    ChainSettings { start_balances: balances.collect(), pools, ..settings }
}

fn read_venue(name: &str, config: &VenueConfig, mistakes: &mut Vec<String>) -> VenueSettings {
    let path = format!("venues.{name}.config");
    let mut table = SettingsTable::open(path.clone(), config.settings.clone(), mistakes);
    let terms = Terms::read(&mut table);
    let (latency, failure) =
        (table.integer("latencyMs", 0, MAX_MILLIS), percent(&mut table, "failurePercent"));
    let (seed, tables) = (
        table.integer("seed", 0, u64::MAX),
        table.optional::<Vec<Value>>("pools", "a list").unwrap_or_default(),
    );
    table.close();
    let pools = pools::of_venue(&path, name, terms, &tables, &config.tokens, mistakes);
    if tables.is_empty() {
        mistakes.push(format!("{path}.pools: one pool is needed at least"));
    }
    VenueSettings {
        chain: config.chain.clone(),
        pools,
        latency: Duration::from_millis(latency),
        failure,
        seed,
    }
}
