//! One try at executing an order, and the transactions it signed.

use orderd_sdk::{amount::Amount, plugin::HexBytes};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The line of transactions of one account on one chain; each has its own sequence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Lane {
    /// The chain.
    pub chain: String,
    /// The account.
    pub account: String,
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.chain, self.account)
    }
}

/// One try, from the choice of a venue on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// The venue.
    pub dex: String,
    /// The least to receive, in base units; the chain enforces it.
    pub min_out: Amount,
    /// Unix seconds; the chain enforces it.
    pub deadline: u64,
    /// The approval that had to come first.
    pub approval: Option<Transaction>,
    /// The swap.
    pub swap: Option<Transaction>,
}

/// Signed bytes. Once they exist they count as possibly sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// Its place in the lane.
    pub sequence: u64,
    /// What is sent, again and again the same.
    pub raw: HexBytes,
    /// The name by which the chain knows it.
    pub hash: String,
}
