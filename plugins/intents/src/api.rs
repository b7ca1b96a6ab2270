//! What is said over HTTP, message by message. Amounts and salts are decimal text, addresses and bytes `0x…`.

use crate::order::Domain;
use alloy_primitives::Address;
use orderd_sdk::{
    amount::Amount,
    plugin::{BlockRef, HexBytes},
};
use serde::{Deserialize, Serialize};

/// The longest code of a refusal that is repeated to people.
const LONGEST_CODE: usize = 64;

/// An order: to sell all of an amount, for at least another, until a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Order {
    pub(crate) sell_token: Address,
    pub(crate) buy_token: Address,
    pub(crate) receiver: Address,
    pub(crate) sell_amount: Amount,
    /// The least to receive.
    pub(crate) buy_amount: Amount,
    /// Unix seconds of the last block in which it may settle.
    pub(crate) valid_to: u32,
    /// Tells it apart from any other order with the same content.
    pub(crate) salt: Amount,
}

/// `POST /v1/orders`: what an order's bytes are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SignedOrder {
    pub(crate) order: Order,
    pub(crate) owner: Address,
    /// `r`, `s` and `v`, 65 bytes.
    pub(crate) signature: HexBytes,
}

/// `POST /v1/cancellations`: what a cancellation's bytes are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SignedCancellation {
    pub(crate) uid: String,
    /// As in [`SignedOrder`].
    pub(crate) signature: HexBytes,
}

/// The answer to both.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Taken {
    /// The order that was taken, or is to be revoked.
    pub(crate) uid: String,
}

/// `POST /v1/quote`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QuoteQuery {
    pub(crate) owner: Address,
    pub(crate) sell_token: Address,
    pub(crate) buy_token: Address,
    pub(crate) sell_amount: Amount,
}

/// Its answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QuoteReply {
    /// What an order signed now would get, after all fees.
    pub(crate) buy_amount: Amount,
}

/// `POST /v1/status`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct StatusQuery {
    pub(crate) uids: Vec<String>,
}

/// Its answer: one state of the settlement, and what it holds of each order, in the order of the query.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusReply {
    pub(crate) settlement: Ledger,
    pub(crate) orders: Vec<Entry>,
}

/// `GET /v1/settlement`: which settlement it is, and how far.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ledger {
    pub(crate) chain_id: u64,
    pub(crate) address: Address,
    /// Unix seconds of its newest block that cannot be undone: nothing is added at or before it any more.
    pub(crate) final_time: u64,
}

/// What is known of an order.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    pub(crate) uid: String,
    pub(crate) book: Book,
    /// What is in the settlement, if anything is.
    pub(crate) outcome: Option<Outcome>,
}

/// Whether the order book, which may forget, has an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Book {
    /// It does not, or not any more.
    None,
    /// It offers it to whoever settles.
    Open,
    /// Somebody wants it revoked.
    Cancelling,
}

/// What the settlement has done with an order: one of these, once.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub(crate) enum Outcome {
    /// It was settled.
    Settled {
        block: BlockRef,
        /// The token that was bought, and who got it.
        buy_token: Address,
        receiver: Address,
        /// How much of it.
        bought: Amount,
        /// Whether all was sold that should be. Anything else breaks what was signed.
        complete: bool,
        /// Whether the block cannot be undone.
        finalized: bool,
    },
    /// It was revoked: it cannot be settled while that stands.
    Revoked {
        block: BlockRef,
        /// As above.
        finalized: bool,
    },
}

/// `GET /v1/balances/{owner}/{token}`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Balance {
    pub(crate) balance: Amount,
}

/// The body of a 4xx answer.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Refusal {
    code: String,
}

/// Why the service does not do what it was asked. What it does not know by name is [`Reason::Other`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    InvalidOrder,
    InvalidSignature,
    Expired,
    Revoked,
    Settled,
    InsufficientFunds,
    NoMarket,
    RateLimited,
    Other,
}

impl Ledger {
    /// Whether it is the settlement that signatures are bound to: what another one has nothing of is not dead.
    pub(crate) fn is_of(&self, domain: &Domain) -> bool {
        (self.chain_id, self.address) == (domain.chain_id, domain.settlement)
    }
}

impl Refusal {
    /// Its reason.
    pub(crate) fn reason(&self) -> Reason {
        match self.code.as_str() {
            "invalid-order" => Reason::InvalidOrder,
            "invalid-signature" => Reason::InvalidSignature,
            "expired" => Reason::Expired,
            "revoked" => Reason::Revoked,
            "settled" => Reason::Settled,
            "insufficient-funds" => Reason::InsufficientFunds,
            "no-market" => Reason::NoMarket,
            "rate-limited" => Reason::RateLimited,
            _ => Reason::Other,
        }
    }

    /// For people. The service's own prose is not repeated: nobody knows what is in it.
    pub(crate) fn message(&self) -> String {
        let code: String = self.code.chars().filter(char::is_ascii_graphic).take(LONGEST_CODE).collect();
        format!("the service refuses: {code}")
    }
}
