//! What including a transaction led to, with every number, as the journal keeps it.

use crate::{
    receipts::{Receipt, Verdict},
    transaction::TxHash,
};
use orderd_sdk::amount::Amount;
use serde::{Deserialize, Serialize};

/// An included transaction and everything it led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    /// Of its block, counted from 1 without holes.
    pub(crate) number: u64,
    /// Milliseconds since the Unix epoch.
    pub(crate) at: u64,
    pub(crate) hash: TxHash,
    pub(crate) from: String,
    pub(crate) sequence: u64,
    pub(crate) effect: Effect,
}

/// What a transaction led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Effect {
    Swapped(Box<Swapped>),
    Reverted { reason: String },
    Cancelled,
}

/// A swap that took place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Swapped {
    pub(crate) venue: String,
    pub(crate) token_in: String,
    pub(crate) token_out: String,
    pub(crate) amount_in: Amount,
    pub(crate) amount_out: Amount,
    /// The account's balances afterwards.
    pub(crate) balance_in: Amount,
    pub(crate) balance_out: Amount,
    /// The pool's reserves afterwards.
    pub(crate) reserve_in: Amount,
    pub(crate) reserve_out: Amount,
}

/// Why a swap would have no effect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("no pool for this pair at {0}")]
    NoPool(String),
    #[error("the amount is too small or too large for the pool")]
    NoPrice,
    #[error("would give {out}, less than the least of {min_out}")]
    BelowMinimum { out: Amount, min_out: Amount },
    #[error("the deadline has passed")]
    TooLate,
    #[error("funds are missing: holds {held}, sells {amount_in}")]
    NoFunds { held: Amount, amount_in: Amount },
    #[error("only its trader may send it")]
    NotTheTrader,
}

impl From<Refusal> for Effect {
    fn from(refusal: Refusal) -> Self {
        Self::Reverted { reason: refusal.to_string() }
    }
}

impl From<Entry> for Receipt {
    fn from(entry: Entry) -> Self {
        Self {
            number: entry.number,
            at: entry.at,
            hash: entry.hash,
            from: entry.from,
            sequence: entry.sequence,
            verdict: match entry.effect {
                Effect::Swapped(swapped) => {
                    Verdict::Received { token: swapped.token_out, amount: swapped.amount_out }
                }
                Effect::Reverted { reason } => Verdict::Reverted { reason },
                Effect::Cancelled => Verdict::Cancelled,
            },
        }
    }
}
