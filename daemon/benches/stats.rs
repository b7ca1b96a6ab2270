//! What it costs the store's writer to have an event counted while others wait for their turn, and what a report costs.
//! `cargo bench -p orderd --bench stats`.

#![expect(clippy::print_stdout, reason = "the figures are the product")]

use orderd::{
    order::{
        Catalog, ChainEntry, Fact, Intent, Order, OrderIds, Ppm, Purpose, QuoteAnswer, QuoteLine, Transaction,
    },
    stats::Stats,
    telemetry::Clock,
};
use orderd_sdk::{
    amount::Amount,
    plugin::{BlockRef, HexBytes, Token},
    timestamp::Timestamp,
};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// Few enough to stay in the processor's cache, as events do that the writer has just encoded.
const ORDERS: u64 = 1_000;
/// Others that wait all the time.
const WAITING: u64 = 10_000;
const ROUNDS: usize = 21;
/// Within a quarter of an hour, so that every part is in use.
const SPAN_MS: u64 = 800_000;
const BEGIN: Timestamp = Timestamp(1_790_000_000_000);
const VENUES: [&str; 3] = ["alpha", "beta", "gamma"];

struct End;

impl Clock for End {
    fn now(&self) -> Timestamp {
        BEGIN.plus_millis(SPAN_MS)
    }
}

fn main() -> anyhow::Result<()> {
    let lives = (0..ORDERS).map(life).collect::<anyhow::Result<Vec<_>>>()?;
    let steps = lives[0].len();
    let waiting: Vec<_> = (0..WAITING).map(|number| Arc::new(accepted(2 * number + 1))).collect();
    let mut spent = vec![Vec::new(); steps];
    let mut reports = Vec::new();
    for _ in 0..ROUNDS {
        let stats = Stats::new(Arc::new(End), &catalog());
        stats.take_up(&waiting);
        for step in 0..steps {
            let start = Instant::now();
            for life in &lives {
                let order = &life[step];
                stats.note(order, &order.events[step..]);
            }
            spent[step].push(start.elapsed());
        }
        let start = Instant::now();
        let told = (stats.queue(BTreeMap::new()), stats.venues());
        reports.push(start.elapsed());
        anyhow::ensure!(told.0.rates[2].confirmed == ORDERS, "all are counted");
    }
    println!("one event of {ORDERS} orders at a time, median of {ROUNDS} rounds:");
    let mut whole = Duration::ZERO;
    for (step, spent) in spent.into_iter().enumerate() {
        let median = median(spent);
        whole += median;
        let event = &lives[0][step].events[step];
        let status = event.kind.status().map_or("", |status| status.as_str());
        println!("{status:>12} {:>6} ns", median.as_nanos() / u128::from(ORDERS));
    }
    println!("{:>12} {:>6} ns", "an event", whole.as_nanos() / u128::from(ORDERS * steps as u64));
    println!("{:>12} {:>6} ns", "both reports", median(reports).as_nanos());
    Ok(())
}

fn median(mut rounds: Vec<Duration>) -> Duration {
    rounds.sort_unstable();
    rounds[rounds.len() / 2]
}

/// A new order. Odd ones wait, even ones have a life; both are spread over the span.
fn accepted(number: u64) -> Order {
    let begin = BEGIN.plus_millis(number * (SPAN_MS / 4) / WAITING);
    Order::accept(OrderIds::new().next(begin, number.into()), intent(), 12, begin)
}

/// An order after each of its events.
fn life(number: u64) -> anyhow::Result<Vec<Order>> {
    let facts = [
        Fact::QuotesRequested { venues: 3 },
        Fact::QuotesReceived { quotes: VENUES.map(|dex| quote(dex, number)).into() },
        Fact::Chosen { quote: quote("alpha", number), min_out: Amount::ZERO, deadline: 9 },
        Fact::SwapSigned {
            sequence: number,
            transaction: Transaction {
                purpose: Purpose::Execute,
                raw: HexBytes(vec![1]),
                hash: "0x1".to_owned(),
            },
        },
        Fact::SendAccepted,
        Fact::Included { hash: "0x1".to_owned(), block: block(), received: Amount::ZERO },
        Fact::Final { delay_ms: 0 },
    ];
    let mut order = accepted(2 * number * WAITING / ORDERS);
    let begin = order.events[0].at;
    let mut after = vec![order.clone()];
    for (step, fact) in (1..).zip(facts) {
        order.apply(fact, begin.plus_millis(step * (number % 5_000 + 1)))?;
        after.push(order.clone());
    }
    Ok(after)
}

fn quote(dex: &str, number: u64) -> QuoteLine {
    let amount_out = Amount::from(9_u64);
    let answer = QuoteAnswer::Priced { amount_out, net_amount_out: amount_out, price_impact: None };
    QuoteLine { dex: dex.to_owned(), latency_ms: number % 700, answer }
}

fn block() -> BlockRef {
    BlockRef { number: 7, hash: "0x7".to_owned() }
}

fn catalog() -> Catalog {
    let entry = ChainEntry { venues: VENUES.map(str::to_owned).into(), ..ChainEntry::default() };
    Catalog { chains: [("paper".to_owned(), entry)].into(), ..Catalog::default() }
}

fn intent() -> Intent {
    let token = |symbol: &str| Token { symbol: symbol.to_owned(), address: symbol.to_owned(), decimals: 9 };
    Intent {
        chain: "paper".to_owned(),
        account: "main".to_owned(),
        token_in: token("SOL"),
        token_out: token("USDC"),
        amount_in: Amount::from(1_u64),
        slippage: Ppm(5_000),
        venues: Vec::new(),
        deadline: None,
        priority: 5,
        max_price_impact: None,
        labels: BTreeMap::new(),
        max_attempts: 3,
    }
}
