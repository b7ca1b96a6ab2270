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
    pub approval: Option<Slot>,
    /// The swap.
    pub swap: Option<Slot>,
}

/// A place in a lane and everything that was signed for it. The chain includes at most one of its transactions, since
/// they all have the same sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// The place.
    pub sequence: u64,
    /// Oldest first, never empty. Each but the first was signed to take the place of those before it.
    pub transactions: Vec<Transaction>,
    /// What became of the place.
    pub fate: Fate,
}

/// What became of a slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// Any of its transactions may still be included, or be undone.
    Open,
    /// This one of them is in a block that cannot be undone.
    Included {
        /// Its hash.
        hash: String,
    },
    /// A transaction that is none of them is in such a block: they are dead.
    Overtaken {
        /// Its hash.
        by: String,
    },
    /// A later sequence of the account is consumed for good, and so is this one; by what does not matter any more.
    Passed,
    /// None of its transactions can ever take effect, though nothing has taken their place: the chain refuses them for
    /// good. Only chains without sequences end a slot so.
    Dead,
}

/// Signed bytes. Once they exist they count as possibly sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// What it is for.
    pub purpose: Purpose,
    /// What is sent, again and again the same.
    pub raw: HexBytes,
    /// The name by which the chain knows it.
    pub hash: String,
}

/// What a transaction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Purpose {
    /// It does what the attempt is about.
    Execute,
    /// It does nothing but consume the sequence, so that no other transaction of the slot can have an effect.
    Void,
}

impl Slot {
    /// A slot with its first transaction.
    #[must_use]
    pub fn new(sequence: u64, transaction: Transaction) -> Self {
        Self { sequence, transactions: vec![transaction], fate: Fate::Open }
    }

    /// The transaction that was signed last: the one that is sent.
    #[must_use]
    pub fn newest(&self) -> &Transaction {
        self.transactions.last().expect("a slot is made with its first transaction")
    }

    /// Its transaction of this name.
    #[must_use]
    pub fn find(&self, hash: &str) -> Option<&Transaction> {
        self.transactions.iter().find(|transaction| transaction.hash == hash)
    }

    /// Whether any of its transactions may still be included, or be undone.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.fate == Fate::Open
    }
}

impl Attempt {
    /// The slots it has taken.
    pub fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.approval.iter().chain(&self.swap)
    }

    /// The same, to be changed.
    pub(super) fn slots_mut(&mut self) -> impl Iterator<Item = &mut Slot> {
        self.approval.iter_mut().chain(&mut self.swap)
    }
}
