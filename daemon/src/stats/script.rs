//! Lives that tests make up, on a clock that they set.

use super::Stats;
use crate::{
    order::{
        Catalog, ChainEntry, Fact, Failure, Order, OrderIds, Purpose, QuoteAnswer, QuoteLine, Transaction,
        samples::{self, NOW},
    },
    telemetry::Clock,
};
use orderd_sdk::{
    amount::Amount,
    plugin::{BlockRef, HexBytes},
    timestamp::Timestamp,
    wire::ErrorCode,
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

#[derive(Debug)]
struct Dial(AtomicU64);

impl Clock for Dial {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// Stats of a daemon with the venues `alpha` and `beta`, and what happens there.
pub(super) struct Script {
    pub(super) stats: Stats,
    dial: Arc<Dial>,
    ids: OrderIds,
}

impl Script {
    pub(super) fn new() -> Self {
        let dial = Arc::new(Dial(AtomicU64::new(NOW.0)));
        let venues = ["alpha".to_owned(), "beta".to_owned()].into();
        let chains = [("paper".to_owned(), ChainEntry { venues, ..ChainEntry::default() })].into();
        let stats = Stats::new(dial.clone(), &Catalog { chains, ..Catalog::default() });
        Self { stats, dial, ids: OrderIds::default() }
    }

    pub(super) fn pass(&self, millis: u64) {
        self.dial.0.fetch_add(millis, Ordering::Relaxed);
    }

    /// An order is accepted and may have so many attempts.
    pub(super) fn accept(&mut self, max_attempts: u32) -> Order {
        let mut intent = samples::intent();
        intent.max_attempts = max_attempts;
        let now = self.dial.now();
        let order = Order::accept(self.ids.next(now, 0), intent, 0, now);
        self.stats.note(&order, &order.events);
        order
    }

    /// All of this happens to an order at once, and is made durable at once.
    pub(super) fn step(&self, order: &mut Order, facts: impl IntoIterator<Item = Fact>) {
        let known = order.events.len();
        for fact in facts {
            order.apply(fact, self.dial.now()).unwrap();
        }
        self.stats.note(order, &order.events[known..]);
    }
}

pub(super) fn priced(dex: &str, latency_ms: u64) -> QuoteLine {
    let amount_out = Amount::from(9_u64);
    let answer = QuoteAnswer::Priced { amount_out, net_amount_out: amount_out, price_impact: None };
    QuoteLine { dex: dex.to_owned(), latency_ms, answer }
}

pub(super) fn silent(dex: &str, error: &str) -> QuoteLine {
    let answer = QuoteAnswer::Failed { error: error.to_owned() };
    QuoteLine { dex: dex.to_owned(), latency_ms: 1_000, answer }
}

pub(super) fn asked() -> Fact {
    Fact::QuotesRequested { venues: 2 }
}

pub(super) fn answered(quotes: impl Into<Arc<[QuoteLine]>>) -> Fact {
    Fact::QuotesReceived { quotes: quotes.into() }
}

pub(super) fn chosen(dex: &str) -> Fact {
    Fact::Chosen { quote: priced(dex, 1), min_out: Amount::ZERO, deadline: 9 }
}

pub(super) fn signed() -> Fact {
    let transaction = Transaction { purpose: Purpose::Execute, raw: HexBytes(vec![1]), hash: "0x1".into() };
    Fact::SwapSigned { sequence: 1, transaction }
}

pub(super) fn included() -> Fact {
    Fact::Included { hash: "0x1".into(), block: block(), received: Amount::ZERO }
}

pub(super) fn reverted() -> Fact {
    Fact::Reverted { hash: "0x1".into(), block: block(), reason: "price".into() }
}

pub(super) fn finalized() -> Fact {
    Fact::Final { delay_ms: 40 }
}

pub(super) fn attempt_failed() -> Fact {
    let (code, error) = (ErrorCode::Unavailable, "why".to_owned());
    Fact::AttemptFailed(Failure { code, error, transient: true, delay_ms: 40 })
}

fn block() -> BlockRef {
    BlockRef { number: 7, hash: "0x7".into() }
}
