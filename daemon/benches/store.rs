//! Durable commits per second, against sled itself doing the least that one would call durable on the same disk:
//! groups of records of 500 bytes, and of as many bytes as an order's, one batch, flush, fdatasync. And how long a
//! start takes with so many orders in the store. `cargo bench -p orderd --bench store [directory]`.

#![expect(clippy::print_stdout, reason = "the figures are the product")]
#![expect(clippy::float_arithmetic, reason = "figures, not amounts")]

mod life;
#[path = "limits/raw.rs"]
#[expect(dead_code, reason = "shared with `limits`")]
mod raw;

use life::NOW;
use orderd::{
    order::{Order, OrderIds},
    store::{Change, SledSettings, SledStore, Store},
};
use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

const WAITERS: [u64; 3] = [1, 64, 256];
/// Both are measured in turn, so that a noisy machine is noisy for both; the medians are reported.
const ROUNDS: usize = 5;
const SPAN: Duration = Duration::from_secs(1);
const START_ORDERS: u64 = 200_000;
const START_WAITERS: u64 = 1_000;
const RAW_RECORD: usize = 500;

fn main() -> anyhow::Result<()> {
    let dir = match std::env::args().skip(1).find(|argument| !argument.starts_with("--")) {
        Some(parent) => tempfile::tempdir_in(parent)?,
        None => tempfile::tempdir()?,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let order_bytes = postcard::to_stdvec(&life::whole()?)?.len();
    println!("a record of an order has {order_bytes} bytes");
    println!(
        "{:>8} {:>12} {:>12} {:>12} {:>8} {:>8}",
        "waiters", "raw 500 B/s", "raw same/s", "commits/s", "ratio", "ratio"
    );
    for waiters in WAITERS {
        let (mut raw, mut same, mut ours) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let path = |name: &str| dir.path().join(format!("{name}-{waiters}-{round}"));
            raw.push(raw::sled_groups(&path("raw"), waiters, RAW_RECORD, SPAN)?);
            ours.push(runtime.block_on(run_store(&path("store"), waiters))?);
            same.push(raw::sled_groups(&path("same"), waiters, order_bytes, SPAN)?);
        }
        let (raw, same, ours) = (median(raw), median(same), median(ours));
        println!(
            "{waiters:>8} {raw:>12.0} {same:>12.0} {ours:>12.0} {:>8.2} {:>8.2}",
            ours / raw,
            ours / same
        );
    }
    runtime.block_on(run_start(&dir.path().join("start")))
}

/// Fills a store and opens it again.
async fn run_start(path: &Path) -> anyhow::Result<()> {
    let store = Arc::new(SledStore::open(SledSettings::at(path), Box::new(|_| ()))?);
    let pattern = life::whole()?;
    let clients: Vec<_> = (0..START_WAITERS)
        .map(|_| put_orders(store.clone(), pattern.clone(), START_ORDERS / START_WAITERS))
        .map(spawn)
        .collect();
    for client in clients {
        client.await??;
    }
    store.close().await?;
    drop(store);
    let start = Instant::now();
    let store = SledStore::open(SledSettings::at(path), Box::new(|_| ()))?;
    println!("a start with {START_ORDERS} orders takes {} ms", start.elapsed().as_millis());
    store.close().await.map_err(Into::into)
}

async fn put_orders(store: Arc<SledStore>, pattern: Order, count: u64) -> anyhow::Result<()> {
    for _ in 0..count {
        let change = Change { order: Arc::new(fresh(&pattern)), first_new: 0, lane: None, claim: None };
        store.commit(change).await?.durable().await?;
    }
    Ok(())
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// Commits per second, when so many clients wait each for its own order to be durable before the next.
async fn run_store(path: &Path, waiters: u64) -> anyhow::Result<f64> {
    let store = Arc::new(SledStore::open(SledSettings::at(path), Box::new(|_| ()))?);
    let pattern = life::whole()?;
    let start = Instant::now();
    let clients: Vec<_> =
        (0..waiters).map(|_| run_client(store.clone(), pattern.clone(), start)).map(spawn).collect();
    let mut commits = 0;
    for client in clients {
        commits += client.await??;
    }
    let rate = commits as f64 / start.elapsed().as_secs_f64();
    store.close().await?;
    Ok(rate)
}

#[expect(clippy::disallowed_methods, reason = "clients are awaited one by one")]
fn spawn<F>(client: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    tokio::spawn(client)
}

async fn run_client(store: Arc<SledStore>, pattern: Order, start: Instant) -> anyhow::Result<u64> {
    let mut commits = 0;
    while start.elapsed() < SPAN {
        let change = Change { order: Arc::new(fresh(&pattern)), first_new: 0, lane: None, claim: None };
        store.commit(change).await?.durable().await?;
        commits += 1;
    }
    Ok(commits)
}

/// The order once more, with an id and events of its own.
fn fresh(pattern: &Order) -> Order {
    let mut order = pattern.clone();
    static IDS: Mutex<OrderIds> = Mutex::new(OrderIds::new());
    order.id = IDS.lock().expect("nothing panics while it has the ids").next(NOW, 0);
    for event in &mut order.events {
        let (seq, at, kind) = (event.seq, event.at, event.kind.clone());
        *event = Arc::new(orderd::order::Event { seq, at, kind, cursor: Default::default() });
    }
    order
}
