//! What it costs the store's writer to have events counted while others wait for their turn, and what a report costs.

use crate::{
    Criterion,
    life::{NOW, accepted, facts},
};
use criterion::{BatchSize, Throughput};
use orderd::{
    order::{Catalog, ChainEntry, Order, OrderIds},
    stats::Stats,
    telemetry::Clock,
};
use orderd_sdk::timestamp::Timestamp;
use std::{collections::BTreeMap, sync::Arc};

/// Few enough to stay in the processor's cache, as events do that the writer has just encoded.
const ORDERS: usize = 100;
/// Others that wait all the time.
const WAITING: usize = 10_000;

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOW
    }
}

pub(crate) fn bench(criterion: &mut Criterion) -> anyhow::Result<()> {
    let mut ids = OrderIds::new();
    let lives = (0..ORDERS).map(|_| life(&mut ids)).collect::<anyhow::Result<Vec<_>>>()?;
    let waiting: Vec<_> = (0..WAITING).map(|_| Arc::new(accepted(&mut ids))).collect();
    let begin = || {
        let stats = Stats::new(Arc::new(Still), &catalog());
        stats.take_up(&waiting);
        stats
    };
    let counted = begin();
    note(&counted, &lives);
    let mut group = criterion.benchmark_group("stats");
    group.bench_function("reports", |bencher| {
        bencher.iter(|| (counted.queue(BTreeMap::new()), counted.venues()));
    });
    group.throughput(Throughput::Elements((ORDERS * lives[0].len()) as u64));
    group.bench_function("events of 100 lives", |bencher| {
        bencher.iter_batched_ref(begin, |stats| note(stats, &lives), BatchSize::PerIteration);
    });
    group.finish();
    Ok(())
}

fn note(stats: &Stats, lives: &[Vec<Order>]) {
    for step in 0..lives[0].len() {
        for life in lives {
            stats.note(&life[step], &life[step].events[step..]);
        }
    }
}

/// An order after each of its events.
fn life(ids: &mut OrderIds) -> anyhow::Result<Vec<Order>> {
    let mut order = accepted(ids);
    let mut after = vec![order.clone()];
    for fact in facts() {
        order.apply(fact, NOW)?;
        after.push(order.clone());
    }
    Ok(after)
}

fn catalog() -> Catalog {
    let venues = ["alpha", "beta", "gamma"].map(str::to_owned);
    let entry = ChainEntry { venues: venues.into(), ..ChainEntry::default() };
    Catalog { chains: [("ethereum".to_owned(), entry)].into(), ..Catalog::default() }
}
