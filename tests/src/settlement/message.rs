//! What is said over HTTP, read and written by the service.

use alloy_primitives::{Address, B256};
use orderd_sdk::{
    amount::Amount,
    plugin::{BlockRef, HexBytes},
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// An order, as it was signed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of docs/plugins/intents.md")]
pub struct Order {
    pub sell_token: Address,
    pub buy_token: Address,
    pub receiver: Address,
    pub sell_amount: Amount,
    pub buy_amount: Amount,
    pub valid_to: u32,
    pub salt: Amount,
}

/// An order's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uid {
    /// What was signed.
    pub digest: B256,
    /// By whom.
    pub owner: Address,
    /// Until when it is valid, in Unix seconds.
    pub valid_to: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SignedOrder {
    pub(super) order: Order,
    pub(super) owner: Address,
    pub(super) signature: HexBytes,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SignedCancellation {
    pub(super) uid: String,
    pub(super) signature: HexBytes,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct QuoteQuery {
    #[expect(dead_code, reason = "everybody gets the same price")]
    pub(super) owner: Address,
    pub(super) sell_token: Address,
    pub(super) buy_token: Address,
    pub(super) sell_amount: Amount,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatusQuery {
    pub(super) uids: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ledger {
    pub(super) chain_id: u64,
    pub(super) address: Address,
    pub(super) final_time: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct StatusReply {
    pub(super) settlement: Ledger,
    pub(super) orders: Vec<Entry>,
}

#[derive(Debug, Serialize)]
pub(super) struct Entry {
    pub(super) uid: String,
    pub(super) book: &'static str,
    pub(super) outcome: Option<Outcome>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub(super) enum Outcome {
    Settled {
        block: BlockRef,
        buy_token: Address,
        receiver: Address,
        bought: Amount,
        complete: bool,
        finalized: bool,
    },
    Revoked {
        block: BlockRef,
        finalized: bool,
    },
}

/// Why the service does not do what it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub(super) enum Refusal {
    InvalidOrder,
    InvalidSignature,
    Expired,
    Revoked,
    Settled,
    InsufficientFunds,
    NoMarket,
    RateLimited,
}

impl Uid {
    pub(super) fn to_bytes(self) -> [u8; 56] {
        let mut bytes = [0; 56];
        bytes[..32].copy_from_slice(self.digest.as_slice());
        bytes[32..52].copy_from_slice(self.owner.as_slice());
        bytes[52..].copy_from_slice(&self.valid_to.to_be_bytes());
        bytes
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 56];
        hex::decode_to_slice(text.strip_prefix("0x")?, &mut bytes).ok()?;
        let (digest, owner) = (B256::from_slice(&bytes[..32]), Address::from_slice(&bytes[32..52]));
        let valid_to = u32::from_be_bytes(bytes[52..].try_into().ok()?);
        Some(Self { digest, owner, valid_to })
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.to_bytes()))
    }
}
