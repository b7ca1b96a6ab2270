//! The names that orders may use.

use super::Ppm;
use orderd_sdk::plugin::Token;
use std::collections::{BTreeMap, BTreeSet};

/// Every chain, token, account and venue of this daemon, and the defaults of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// Chains by name.
    pub chains: BTreeMap<String, ChainEntry>,
    /// Slippage of an order that names none.
    pub default_slippage: Ppm,
    /// Attempts of an order at the most.
    pub max_attempts: u32,
}

/// What one chain has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainEntry {
    /// Its tokens by symbol.
    pub tokens: BTreeMap<String, Token>,
    /// Its accounts.
    pub accounts: BTreeSet<String>,
    /// Its venues.
    pub venues: BTreeSet<String>,
}
