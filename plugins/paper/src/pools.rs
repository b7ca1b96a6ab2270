//! Pools as settings name them: of a venue of this plugin, or on the chain for venues of other plugins.

use crate::{
    ledger::{AfterSwap, Pool},
    pool::{BPS, RESERVE_BITS},
    reader::pair,
};
use orderd_sdk::{
    amount::Amount,
    plugin::{SettingsTable, Token},
};
use ruint::aliases::U256;
use serde_json::Value;

/// What holds for every swap with a pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    fee_bps: u32,
    after_swap: AfterSwap,
}

impl Terms {
    pub(crate) fn read(table: &mut SettingsTable<'_>) -> Self {
        let fee_bps = table.integer("feeBps", 30, u64::from(BPS) - 1);
        let after_swap = match table.optional("arbitrage", "true or false").unwrap_or(true) {
            true => AfterSwap::Restore,
            false => AfterSwap::Keep,
        };
        Self { fee_bps: u32::try_from(fee_bps).unwrap_or(BPS - 1), after_swap }
    }
}

/// The pools in a venue's own table.
pub(crate) fn of_venue(
    path: &str,
    venue: &str,
    terms: Terms,
    tables: &[Value],
    tokens: &[Token],
    mistakes: &mut Vec<String>,
) -> Vec<Pool> {
    let mut pools = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        let path = format!("{path}.pools[{index}]");
        let mut table = SettingsTable::open(path.clone(), table.clone(), mistakes);
        let texts = texts(&mut table);
        table.close();
        add(&mut pools, &path, (venue, terms), texts, tokens, mistakes);
    }
    pools
}

/// The pools in a chain's table: each says of which venue it is.
pub(crate) fn of_chain(
    path: &str,
    tables: &[Value],
    tokens: &[Token],
    mistakes: &mut Vec<String>,
) -> Vec<Pool> {
    let mut pools = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        let path = format!("{path}.pools[{index}]");
        let mut table = SettingsTable::open(path.clone(), table.clone(), mistakes);
        let venue: Option<String> = table.required("venue", "the name of a venue of another plugin");
        let (terms, texts) = (Terms::read(&mut table), texts(&mut table));
        table.close();
        if let Some(venue) = venue {
            add(&mut pools, &path, (&venue, terms), texts, tokens, mistakes);
        }
    }
    pools
}

/// A pair of symbols, and what the pool has of each.
type Texts = Option<([String; 2], [String; 2])>;

fn texts(table: &mut SettingsTable<'_>) -> Texts {
    let (symbols, reserves) = (pair(table, "tokens"), pair(table, "reserves"));
    symbols.zip(reserves)
}

fn add(
    pools: &mut Vec<Pool>,
    path: &str,
    (venue, terms): (&str, Terms),
    texts: Texts,
    known: &[Token],
    mistakes: &mut Vec<String>,
) {
    let Some((tokens, reserves)) = texts.and_then(|texts| read(path, texts, known, mistakes)) else {
        return;
    };
    let same = |pool: &Pool| pool.venue == venue && tokens.iter().all(|token| pool.tokens.contains(token));
    if pools.iter().any(same) {
        mistakes.push(format!("{path}.tokens: they have a pool here already"));
    }
    let Terms { fee_bps, after_swap } = terms;
    pools.push(Pool { venue: venue.to_owned(), tokens, configured: reserves, reserves, fee_bps, after_swap });
}

/// A pool's token addresses and reserves, or `None` after a mistake.
fn read(
    path: &str,
    (symbols, texts): ([String; 2], [String; 2]),
    known: &[Token],
    mistakes: &mut Vec<String>,
) -> Option<([String; 2], [U256; 2])> {
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
pub(crate) fn read_units(path: &str, text: &str, token: &Token, mistakes: &mut Vec<String>) -> Option<U256> {
    let units = match Amount::parse_units(text, token.decimals) {
        Ok(Amount(units)) if units.bit_len() <= RESERVE_BITS => return Some(units),
        Ok(_) => "too large".to_owned(),
        Err(error) => error.to_string(),
    };
    mistakes.push(format!("{path}: {text:?} is no amount of {}: {units}", token.symbol));
    None
}
