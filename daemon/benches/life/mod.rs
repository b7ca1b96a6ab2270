//! An order whose whole life goes well, for benches: eight events, one of them with three quotes, and a transaction as
//! large as a swap's.

use orderd::order::{Fact, Intent, Order, OrderIds, Ppm, Purpose, QuoteAnswer, QuoteLine, Transaction};
use orderd_sdk::{
    amount::Amount,
    plugin::{BlockRef, HexBytes, Token},
    timestamp::Timestamp,
};
use std::collections::BTreeMap;

/// When all of it happens.
pub(crate) const NOW: Timestamp = Timestamp(1_790_000_000_000);
/// Who is asked for quotes; the first has the best.
const VENUES: [&str; 3] = ["alpha", "beta", "gamma"];
const SIGNED_BYTES: usize = 500;

/// The order at its end, with its events numbered as the store numbers them.
pub(crate) fn whole() -> anyhow::Result<Order> {
    let mut order = accepted(&mut OrderIds::new());
    for fact in facts() {
        order.apply(fact, NOW)?;
    }
    (1..).zip(&order.events).for_each(|(cursor, event)| event.cursor.set(cursor));
    Ok(order)
}

/// The order at its beginning.
pub(crate) fn accepted(ids: &mut OrderIds) -> Order {
    Order::accept(ids.next(NOW, 0), intent(), 12, NOW)
}

/// What happens to it in between.
pub(crate) fn facts() -> [Fact; 7] {
    [
        Fact::QuotesRequested { venues: 3 },
        Fact::QuotesReceived { quotes: VENUES.map(quote).into() },
        Fact::Chosen {
            quote: quote(VENUES[0]),
            min_out: Amount::from(1_492_500_000_u64),
            deadline: 1_790_003_600,
        },
        Fact::SwapSigned {
            sequence: 41,
            transaction: Transaction {
                purpose: Purpose::Execute,
                raw: HexBytes(vec![0xab; SIGNED_BYTES]),
                hash: hash(),
            },
        },
        Fact::SendAccepted,
        Fact::Included { hash: hash(), block: block(), received: Amount::from(1_498_000_000_u64) },
        Fact::Final { delay_ms: 0 },
    ]
}

fn quote(dex: &str) -> QuoteLine {
    QuoteLine {
        dex: dex.to_owned(),
        latency_ms: 37,
        answer: QuoteAnswer::Priced {
            amount_out: Amount::from(1_500_000_000_u64),
            net_amount_out: Amount::from(1_499_000_000_u64),
            price_impact: Some(Ppm(120)),
        },
    }
}

fn hash() -> String {
    format!("0x{}", "5e".repeat(32))
}

fn block() -> BlockRef {
    BlockRef { number: 21_000_000, hash: format!("0x{}", "b1".repeat(32)) }
}

fn intent() -> Intent {
    let token = |symbol: &str, decimals| Token {
        symbol: symbol.to_owned(),
        address: format!("0x{}", "c0".repeat(20)),
        decimals,
    };
    Intent {
        chain: "ethereum".to_owned(),
        account: "treasury".to_owned(),
        token_in: token("WETH", 18),
        token_out: token("USDC", 6),
        amount_in: Amount::from(500_000_000_000_000_000_u64),
        slippage: Ppm(5_000),
        venues: Vec::new(),
        deadline: None,
        priority: 5,
        max_price_impact: None,
        labels: BTreeMap::new(),
        max_attempts: 3,
    }
}
