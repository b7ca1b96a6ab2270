//! The order as HTTP returns it and as every stream message carries it.

use super::{Decimal, ErrorCode};
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// Where an order stands; also the `type` of the event that brought it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OrderStatus {
    /// Accepted and stored, waiting for its turn.
    Pending,
    /// Quotes are requested or compared.
    Routing,
    /// A venue is chosen; its transaction is being built and signed.
    Building,
    /// The chain's node has the transaction.
    Submitted,
    /// An attempt failed; what follows is not decided before the failure is final.
    ExecutionFailed,
    /// Waiting for the next attempt.
    RetryPending,
    /// The outcome cannot be proven yet; nothing guesses.
    Unknown,
    /// Included in the chain with success.
    Confirmed,
    /// Included in a block that cannot be undone.
    Finalized,
    /// The block that held the transaction was undone.
    Reorged,
    /// Ended without effect, all attempts used or a permanent error.
    Failed,
    /// Ended without effect at the client's wish.
    Cancelled,
    /// Ended without effect at its deadline.
    Expired,
}

impl OrderStatus {
    /// Every status, in the order of an order's life.
    pub const ALL: [Self; 13] = [
        Self::Pending,
        Self::Routing,
        Self::Building,
        Self::Submitted,
        Self::ExecutionFailed,
        Self::RetryPending,
        Self::Unknown,
        Self::Confirmed,
        Self::Finalized,
        Self::Reorged,
        Self::Failed,
        Self::Cancelled,
        Self::Expired,
    ];

    /// The name on the wire, such as `retry-pending`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Routing => "routing",
            Self::Building => "building",
            Self::Submitted => "submitted",
            Self::ExecutionFailed => "execution-failed",
            Self::RetryPending => "retry-pending",
            Self::Unknown => "unknown",
            Self::Confirmed => "confirmed",
            Self::Finalized => "finalized",
            Self::Reorged => "reorged",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// Whether the order's outcome is decided. `confirmed` counts: only an undone block reopens it.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Confirmed | Self::Finalized | Self::Failed | Self::Cancelled | Self::Expired)
    }
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for OrderStatus {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(UnknownStatus)
    }
}

/// A text names no order status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an order status")]
pub struct UnknownStatus;

/// An order, as every interface shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrderDto {
    /// The order's id, a UUID version 7.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uuid")))]
    pub id: String,
    /// The id of the order's entry in the queue.
    pub job_id: String,
    /// `market`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["market"])))]
    pub order_type: String,
    /// Symbol of the token that is sold.
    pub token_in: String,
    /// Symbol of the token that is bought.
    pub token_out: String,
    /// What is sold, as a decimal text in units of the token.
    pub amount: String,
    /// The most the price may worsen against the quote, in percent.
    #[cfg_attr(feature = "schema", schemars(schema_with = "super::schema::percent"))]
    pub slippage: Decimal,
    /// Where the order stands.
    pub status: OrderStatus,
    /// 0 to 100.
    #[cfg_attr(feature = "schema", schemars(range(max = 100)))]
    pub progress: u8,
    /// What is happening, for people.
    pub message: String,
    /// The chain it is settled on.
    pub chain: String,
    /// The account that trades.
    pub account: String,
    /// The venue that executes it, once chosen.
    pub dex: Option<String>,
    /// What the venues answered in the last round of quotes, best first.
    pub quotes: Vec<QuoteDto>,
    /// What was received, read from the chain, as a decimal text in units of the token.
    pub amount_out: Option<String>,
    /// The hash of the last transaction that was handed to the chain.
    pub tx_hash: Option<String>,
    /// Attempts begun so far.
    pub attempts: u32,
    /// Attempts at the most.
    pub max_attempts: u32,
    /// Why the last attempt failed or its outcome is unknown.
    pub last_error: Option<String>,
    /// The same for programs; none while the outcome is unknown.
    #[serde(default)]
    pub last_error_code: Option<ErrorCode>,
    /// Whether its end without effect was asked for and is not decided yet.
    #[serde(default)]
    pub cancel_requested: bool,
    /// The client's own labels.
    pub labels: BTreeMap<String, String>,
    /// The number of the last event; events count 1, 2, 3, … without a hole.
    pub seq: u64,
    /// When the order was accepted.
    pub created_at: Timestamp,
    /// When its last event happened.
    pub updated_at: Timestamp,
}

/// A venue's answer in a round of quotes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct QuoteDto {
    /// The venue.
    pub dex: String,
    /// What the swap gives, as a decimal text in units of the bought token; none when the venue failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_out: Option<String>,
    /// `amountOut` less the network's fee where that is known in the bought token: what quotes are compared by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net_amount_out: Option<String>,
    /// How much the swap itself moves the price, in percent, as a decimal text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_impact: Option<String>,
    /// Milliseconds until the venue answered.
    pub latency_ms: u64,
    /// Why there is no quote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
