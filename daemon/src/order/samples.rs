//! An intent to test with, for every room's unit tests; each changes what it is about.

use super::{Intent, Order, OrderIds, Ppm};
use orderd_sdk::{amount::Amount, plugin::Token, timestamp::Timestamp};
use std::collections::BTreeMap;

/// When tests happen.
pub(crate) const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// Sells 1.5 SOL for USDC on the paper chain, in three attempts at the most.
pub(crate) fn intent() -> Intent {
    let token =
        |symbol: &str, decimals| Token { symbol: symbol.into(), address: format!("0x{symbol}"), decimals };
    Intent {
        chain: "paper".into(),
        account: "main".into(),
        token_in: token("SOL", 9),
        token_out: token("USDC", 6),
        amount_in: Amount::from(1_500_000_000_u64),
        slippage: Ppm(5_000),
        venues: Vec::new(),
        deadline: None,
        priority: 5,
        max_price_impact: None,
        labels: BTreeMap::new(),
        max_attempts: 3,
    }
}

/// A new order with this intent. All have the same id.
pub(crate) fn accepted(intent: Intent) -> Order {
    Order::accept(OrderIds::default().next(NOW, 0), intent, 0, NOW)
}
