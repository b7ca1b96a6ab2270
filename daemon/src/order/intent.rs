//! What a client wants.

use super::Ppm;
use orderd_sdk::{amount::Amount, plugin::Token, timestamp::Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A validated wish: every name is known, every amount exact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The chain to settle on.
    pub chain: String,
    /// The account that trades.
    pub account: String,
    /// The token to sell.
    pub token_in: Token,
    /// The token to buy.
    pub token_out: Token,
    /// How much to sell, in base units; not zero.
    pub amount_in: Amount,
    /// The most the price may worsen against the quote.
    pub slippage: Ppm,
    /// The venues that may execute the order; empty for all of the chain.
    pub venues: Vec<String>,
    /// No attempt begins after it, and none takes effect after it.
    pub deadline: Option<Timestamp>,
    /// 0 to 9, higher goes first.
    pub priority: u8,
    /// Quotes that move the price by more are left out.
    pub max_price_impact: Option<Ppm>,
    /// The client's own labels.
    pub labels: BTreeMap<String, String>,
    /// Attempts at the most.
    pub max_attempts: u32,
}
