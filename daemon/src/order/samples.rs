//! An intent to test with, for every room's unit tests; each changes what it is about.

use super::{Fact, Failure, Intent, Order, OrderIds, Ppm, Purpose, QuoteAnswer, QuoteLine, Transaction};
use orderd_sdk::{
    amount::Amount,
    plugin::{BlockRef, HexBytes, Token},
    timestamp::Timestamp,
    wire::ErrorCode,
};
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

/// An order that fails on one venue, is included through another, cannot be cancelled any more, is undone and included
/// again.
pub(crate) fn eventful() -> Order {
    let chosen = |dex: &str| {
        let amount = Amount::from(225_000_000_u64);
        let answer = QuoteAnswer::Priced { amount_out: amount, net_amount_out: amount, price_impact: None };
        let quote = QuoteLine { dex: dex.into(), latency_ms: 12, answer };
        Fact::Chosen { quote, min_out: amount, deadline: 1_790_003_600 }
    };
    let failure =
        Failure { code: ErrorCode::Unavailable, error: "busy".into(), transient: true, delay_ms: 10 };
    let transaction = Transaction { purpose: Purpose::Execute, raw: HexBytes(vec![1]), hash: "swap".into() };
    let included = |number: u64| Fact::Included {
        hash: "swap".into(),
        block: BlockRef { number, hash: format!("block-{number}") },
        received: Amount::from(224_000_000_u64),
    };
    let facts = [
        Fact::QuotesRequested { venues: 2 },
        Fact::QuotesReceived { quotes: Vec::new().into() },
        chosen("alpha"),
        Fact::AttemptFailed(failure),
        Fact::QuotesRequested { venues: 2 },
        chosen("beta"),
        Fact::SwapSigned { sequence: 8, transaction },
        Fact::SendAccepted,
        Fact::CancelRequested { reason: "enough".into() },
        Fact::CancelRefused { reason: "not here".into() },
        included(100),
        Fact::Undone,
        included(101),
        Fact::Final { delay_ms: 0 },
    ];
    let mut order = accepted(intent());
    for fact in facts {
        order.apply(fact, NOW).expect("a possible fact");
    }
    (1..).zip(&order.events).for_each(|(cursor, event)| event.cursor.set(cursor));
    order
}
