//! The events that are published: orders that get quotes, again and again.

use orderd::order::{Fact, Intent, Order, OrderIds, Ppm, QuoteAnswer, QuoteLine};
use orderd_sdk::{amount::Amount, plugin::Token, timestamp::Timestamp};
use std::{collections::BTreeMap, sync::Arc};

const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// Orders that take turns in having an event.
pub(super) struct Script {
    orders: Vec<Arc<Order>>,
    turn: usize,
    cursor: u64,
}

impl Script {
    /// So many orders, each of which has been accepted and has asked for quotes.
    pub(super) fn new(orders: usize) -> anyhow::Result<Self> {
        let (mut ids, mut cursor) = (OrderIds::new(), 0);
        let mut accept = || {
            let mut order = Order::accept(ids.next(NOW, 0), intent(), 0, NOW);
            order.apply(Fact::QuotesRequested { venues: 3 }, NOW)?;
            number(&order, &mut cursor);
            anyhow::Ok(Arc::new(order))
        };
        let orders = (0..orders).map(|_| accept()).collect::<Result<_, _>>()?;
        Ok(Self { orders, turn: 0, cursor })
    }

    /// The orders as they stand.
    pub(super) fn orders(&self) -> &[Arc<Order>] {
        &self.orders
    }

    /// The cursor of the last event.
    pub(super) fn cursor(&self) -> u64 {
        self.cursor
    }

    /// An order with its next event.
    pub(super) fn next(&mut self) -> anyhow::Result<Arc<Order>> {
        let quotes: Arc<[QuoteLine]> = ["alpha", "beta", "gamma"].map(quote).into();
        let turn = self.turn % self.orders.len();
        let mut order = Order::clone(&self.orders[turn]);
        order.apply(Fact::QuotesReceived { quotes }, NOW)?;
        number(&order, &mut self.cursor);
        self.turn += 1;
        self.orders[turn] = Arc::new(order);
        Ok(Arc::clone(&self.orders[turn]))
    }
}

fn number(order: &Order, cursor: &mut u64) {
    for event in order.events.iter().filter(|event| event.cursor.get() == 0) {
        *cursor += 1;
        event.cursor.set(*cursor);
    }
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
