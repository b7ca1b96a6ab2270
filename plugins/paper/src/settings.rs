//! Settings of chains and venues, read so that every mistake is named at once.

use crate::{
    chance::Percent,
    ledger::{AfterSwap, Pool},
    pool::{BPS, RESERVE_BITS},
    reader::{DecimalText, pair, percent},
};
use orderd_sdk::{
    amount::Amount,
    plugin::{ChainConfig, PluginConfig, PluginError, SettingsTable, Token, VenueConfig},
};
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
        let venues = venues.collect();
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
    };
    table.close();
    let path = format!("chains.{name}.config.balance");
    let tokens = config.tokens.iter();
    let balances = tokens.filter_map(|token| {
        let units = read_units(&path, &balance, token, mistakes)?;
        Some((token.address.clone(), units))
    });
    ChainSettings { start_balances: balances.collect(), ..settings }
}

fn read_venue(name: &str, config: &VenueConfig, mistakes: &mut Vec<String>) -> VenueSettings {
    let path = format!("venues.{name}.config");
    let mut table = SettingsTable::open(path.clone(), config.settings.clone(), mistakes);
    let fee_bps = table.integer("feeBps", 30, u64::from(BPS) - 1);
    let after_swap = match table.optional("arbitrage", "true or false").unwrap_or(true) {
        true => AfterSwap::Restore,
        false => AfterSwap::Keep,
    };
    let (latency, failure) =
        (table.integer("latencyMs", 0, MAX_MILLIS), percent(&mut table, "failurePercent"));
    let (seed, tables) = (
        table.integer("seed", 0, u64::MAX),
        table.optional::<Vec<Value>>("pools", "a list").unwrap_or_default(),
    );
    table.close();
    let mut pools: Vec<Pool> = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        let path = format!("{path}.pools[{index}]");
        let Some((tokens, reserves)) = read_pool(&path, table, &config.tokens, mistakes) else {
            continue;
        };
        let again = pools.iter().any(|pool| tokens.iter().all(|token| pool.tokens.contains(token)));
        if again {
            mistakes.push(format!("{path}.tokens: they have a pool here already"));
        }
        pools.push(Pool {
            venue: name.to_owned(),
            tokens,
            configured: reserves,
            reserves,
            fee_bps: u32::try_from(fee_bps).unwrap_or(BPS - 1),
            after_swap,
        });
    }
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

/// A pool's token addresses and reserves, or `None` after a mistake.
fn read_pool(
    path: &str,
    pool: &Value,
    known: &[Token],
    mistakes: &mut Vec<String>,
) -> Option<([String; 2], [U256; 2])> {
    let mut table = SettingsTable::open(path.to_owned(), pool.clone(), mistakes);
    let (symbols, texts) = (pair(&mut table, "tokens"), pair(&mut table, "reserves"));
    table.close();
    let (symbols, texts) = (symbols?, texts?);
    let mut tokens = Vec::new();
    for (index, symbol) in symbols.iter().enumerate() {
        match known.iter().find(|token| token.symbol == *symbol) {
            Some(token) => tokens.push(token),
            None => {
                mistakes.push(format!("{path}.tokens[{index}]: {symbol:?} is not a token of the chain"));
            }
        }
    }
    let [first, second] = <[&Token; 2]>::try_from(tokens).ok()?;
    if first.address == second.address {
        mistakes.push(format!("{path}.tokens: they are the same token"));
        return None;
    }
    let mut reserves = [U256::ZERO; 2];
    let mut sound = true;
    for (index, token) in [first, second].into_iter().enumerate() {
        let path = format!("{path}.reserves[{index}]");
        match read_units(&path, &texts[index], token, mistakes) {
            Some(units) if units.is_zero() => {
                mistakes.push(format!("{path}: must be more than zero"));
                sound = false;
            }
            Some(units) => reserves[index] = units,
            None => sound = false,
        }
    }
    sound.then(|| ([first.address.clone(), second.address.clone()], reserves))
}

/// Whole tokens as base units.
fn read_units(path: &str, text: &str, token: &Token, mistakes: &mut Vec<String>) -> Option<U256> {
    let units = match Amount::parse_units(text, token.decimals) {
        Ok(Amount(units)) if units.bit_len() <= RESERVE_BITS => return Some(units),
        Ok(_) => "too large".to_owned(),
        Err(error) => error.to_string(),
    };
    mistakes.push(format!("{path}: {text:?} is no amount of {}: {units}", token.symbol));
    None
}
