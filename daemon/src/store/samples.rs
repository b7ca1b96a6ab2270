//! Orders to test with: made by the order's own rules, and with ids that a test can choose.

use super::{Change, Claim, CommitSink, Committed, LaneAdvance, Urgency};
use crate::order::{
    Fact, Failure, Intent, Lane, Order, OrderId, Ppm, Purpose, QuoteAnswer, QuoteLine, Transaction,
};
use bytes::Bytes;
use orderd_sdk::{
    amount::Amount,
    plugin::{BlockRef, HexBytes, Token},
    timestamp::Timestamp,
    wire::ErrorCode,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

pub(super) const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// A valid id; they sort as the numbers do.
pub(super) fn id(number: u64) -> OrderId {
    const VERSION_7: u128 = 0x7000 << 64;
    const VARIANT: u128 = 0x8 << 60;
    let number = u128::from(number);
    let high = number >> 48 << 80;
    OrderId::from_bytes((high | VERSION_7 | VARIANT | number & 0xffff_ffff_ffff).to_be_bytes())
}

/// The number that an id was made from, when it has at most 48 bits.
pub(super) fn number(id: OrderId) -> u64 {
    let low = u128::from_be_bytes(id.to_bytes()) & 0xffff_ffff_ffff;
    u64::try_from(low).expect("48 bits")
}

pub(super) fn intent() -> Intent {
    let token = |symbol: &str, decimals| Token {
        symbol: symbol.to_owned(),
        address: format!("0x{symbol}"),
        decimals,
    };
    Intent {
        chain: "paper".to_owned(),
        account: "main".to_owned(),
        token_in: token("SOL", 9),
        token_out: token("USDC", 6),
        amount_in: Amount::from(10_000_000_000_u64),
        slippage: Ppm(5_000),
        venues: vec!["alpha".to_owned()],
        deadline: Some(NOW.plus_millis(3_600_000)),
        priority: 5,
        max_price_impact: Some(Ppm(30_000)),
        labels: BTreeMap::from([("desk".to_owned(), "one".to_owned())]),
        max_attempts: 3,
    }
}

pub(super) fn accepted(number: u64) -> Order {
    Order::accept(id(number), intent(), 0, NOW)
}

/// One that is accepted so many milliseconds later.
pub(super) fn accepted_later(number: u64, millis: u64) -> Order {
    Order::accept(id(number), intent(), 0, NOW.plus_millis(millis))
}

/// The order after one more fact.
pub(super) fn after(order: &Order, fact: Fact) -> Order {
    let mut next = order.clone();
    next.apply(fact, NOW).expect("a possible fact");
    next
}

/// Shows all of an order.
pub(super) fn show(order: &Order) -> Bytes {
    Bytes::from(format!("{order:?}"))
}

pub(super) fn routing() -> Fact {
    Fact::QuotesRequested { venues: 2 }
}

pub(super) fn expired() -> Fact {
    Fact::Expired { reason: "no quote".to_owned() }
}

pub(super) fn failed() -> Fact {
    failure(ErrorCode::Refused, "no venue", false)
}

pub(super) fn retry_later() -> Fact {
    failure(ErrorCode::Unavailable, "busy", true)
}

fn failure(code: ErrorCode, error: &str, transient: bool) -> Fact {
    Fact::AttemptFailed(Failure { code, error: error.to_owned(), transient, delay_ms: 10 })
}

/// An approval is signed at this sequence and included.
pub(super) fn approved(sequence: u64) -> [Fact; 2] {
    let (raw, hash) = (HexBytes(vec![0xab; 40]), format!("approval-{sequence}"));
    let signed = Fact::ApprovalSigned {
        sequence,
        transaction: Transaction { purpose: Purpose::Execute, raw, hash: hash.clone() },
        token: "SOL".to_owned(),
        spender: "router".to_owned(),
    };
    let block = BlockRef { number: sequence, hash: format!("block-{sequence}") };
    [signed, Fact::ApprovalIncluded { hash, block }]
}

/// What happens to an order between its acceptance and its end, when all goes well and it is signed at this
/// sequence.
pub(super) fn life(sequence: u64) -> Vec<Fact> {
    let quote = QuoteLine {
        dex: "alpha".to_owned(),
        latency_ms: 12,
        answer: QuoteAnswer::Priced {
            amount_out: Amount::from(1_500_000_u64),
            net_amount_out: Amount::from(1_499_000_u64),
            price_impact: None,
        },
    };
    let min_out = Amount::from(1_492_500_u64);
    let (raw, hash) = (HexBytes(vec![0xab; 200]), format!("swap-{sequence}"));
    let transaction = Transaction { purpose: Purpose::Execute, raw, hash: hash.clone() };
    let block = BlockRef { number: sequence, hash: format!("block-{sequence}") };
    vec![
        routing(),
        Fact::Chosen { quote, min_out, deadline: 1_790_003_600 },
        Fact::SwapSigned { sequence, transaction },
        Fact::SendAccepted,
        Fact::Included { hash, block, received: Amount::from(1_498_000_u64) },
        Fact::Final { delay_ms: 0 },
    ]
}

/// An order with an event of every kind that can be reached.
pub(super) fn whole_life() -> Order {
    let quote = QuoteLine {
        dex: "alpha".to_owned(),
        latency_ms: 12,
        answer: QuoteAnswer::Priced {
            amount_out: Amount::from(1_500_000_u64),
            net_amount_out: Amount::from(1_499_000_u64),
            price_impact: Some(Ppm(120)),
        },
    };
    let unpriced = QuoteLine {
        dex: "beta".to_owned(),
        latency_ms: 900,
        answer: QuoteAnswer::Failed { error: "no pool".to_owned() },
    };
    let signed =
        |purpose, name: &str| Transaction { purpose, raw: HexBytes(vec![0xab; 40]), hash: name.to_owned() };
    let replaced = |purpose, name: &str| Fact::Replaced { sequence: 8, transaction: signed(purpose, name) };
    let hash = |name: &str| name.to_owned();
    let block = |number| BlockRef { number, hash: format!("block-{number}") };
    let chosen = || Fact::Chosen {
        quote: quote.clone(),
        min_out: Amount::from(1_492_500_u64),
        deadline: 1_790_003_600,
    };
    let quotes = Fact::QuotesReceived { quotes: [quote.clone(), unpriced].into() };
    let facts = [
        routing(),
        quotes,
        chosen(),
        retry_later(),
        routing(),
        chosen(),
        Fact::ApprovalSigned {
            sequence: 7,
            transaction: signed(Purpose::Execute, "approval"),
            token: "SOL".to_owned(),
            spender: "router".to_owned(),
        },
        Fact::ApprovalIncluded { hash: hash("approval"), block: block(99) },
        Fact::SwapSigned { sequence: 8, transaction: signed(Purpose::Execute, "swap") },
        Fact::SendRefused { reason: "node is away".to_owned(), delay_ms: 200 },
        Fact::Doubted { reason: "timed out".to_owned() },
        Fact::SendAccepted,
        replaced(Purpose::Execute, "bump"),
        Fact::Included { hash: hash("bump"), block: block(100), received: Amount::from(1_498_000_u64) },
        Fact::Undone,
        Fact::CancelRequested { reason: "enough".to_owned() },
        Fact::CancelRefused { reason: "not here".to_owned() },
        Fact::CancelRequested { reason: "enough".to_owned() },
        replaced(Purpose::Void, "void"),
        Fact::Voided { hash: hash("void"), block: block(101) },
        Fact::Undone,
        Fact::Reverted { hash: hash("swap"), block: block(101), reason: "slippage".to_owned() },
    ];
    let start =
        Order::accept(OrderId::from_bytes(0x7000_8000_0000_0000_0001_u128.to_be_bytes()), intent(), 3, NOW);
    facts.into_iter().fold(start, |order, fact| after(&order, fact))
}

/// An order's step that brings its last `new` events.
pub(super) fn step(order: &Order, new: usize) -> Change {
    Change {
        order: Arc::new(order.clone()),
        first_new: order.events.len() - new,
        lane: None,
        claim: None,
        urgency: Urgency::Now,
    }
}

pub(super) fn with_claim(change: Change, key: &str, fingerprint: u8) -> Change {
    Change { claim: Some(Claim { key: key.to_owned(), fingerprint: [fingerprint; 32] }), ..change }
}

pub(super) fn with_lane(change: Change, account: &str, next: u64) -> Change {
    Change { lane: Some(LaneAdvance { lane: lane(account), next }), ..change }
}

pub(super) fn lane(account: &str) -> Lane {
    Lane { chain: "paper".to_owned(), account: account.to_owned() }
}

/// What a sink was told, as (order, seq, cursor), event by event.
#[derive(Clone, Debug, Default)]
pub(super) struct Told(Arc<Mutex<Vec<(OrderId, u64, u64)>>>);

impl Told {
    pub(super) fn sink(&self) -> CommitSink {
        let told = self.clone();
        Box::new(move |committed| told.note(committed))
    }

    pub(super) fn events(&self) -> Vec<(OrderId, u64, u64)> {
        self.0.lock().unwrap().clone()
    }

    fn note(&self, committed: &[Committed]) {
        let events = committed.iter().flat_map(|Committed { order, first_new }| {
            order.events[*first_new..].iter().map(|event| (order.id, event.seq, event.cursor.get()))
        });
        self.0.lock().unwrap().extend(events);
    }
}
