//! Has the store remove what is past its time, again and again, also while nothing else is written, and looks how large it
//! is then.

use crate::{
    store::{Left, Store, StoreError, Swept},
    telemetry::{
        Clock, Shutdown,
        metrics::{Exposition, Kind, Source},
        observe, spawn,
    },
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::sleep;

/// From the end of one round to the next. What is past its time is so by hours.
const EVERY: Duration = Duration::from_mins(1);
/// Between two sweeps of a round: orders go first.
const PAUSE: Duration = Duration::from_millis(5);

/// What was removed since the start, and what the store has on the disk since the last round.
#[derive(Debug, Default)]
pub(super) struct Upkeep {
    orders: AtomicUsize,
    keys: AtomicUsize,
    bytes: Arc<AtomicU64>,
}

/// Begins to sweep the store, which lies in this directory if it lies on the disk, until the shutdown.
pub(super) fn begin(
    store: Arc<dyn Store>,
    dir: PathBuf,
    clock: Arc<dyn Clock>,
    shutdown: &Shutdown,
) -> Arc<Upkeep> {
    let (upkeep, shutdown) = (Arc::<Upkeep>::default(), shutdown.clone());
    let noting = upkeep.clone();
    spawn("sweep", async move {
        tokio::select! {
            () = rounds(&*store, &dir, &*clock, &noting) => {}
            () = shutdown.requested() => {}
        }
    });
    upkeep
}

/// Ends with the store: with its failure the daemon comes down anyway.
async fn rounds(store: &dyn Store, dir: &Path, clock: &dyn Clock, upkeep: &Upkeep) {
    loop {
        match round(store, clock).await {
            Ok((orders, keys)) => {
                upkeep.note(orders, keys, size_of(dir).await);
                observe::store_swept(orders, keys);
            }
            Err(_) if store.failure().is_some() => return,
            Err(StoreError::Closed) => return,
            Err(error) => observe::sweep_failed(&error),
        }
        sleep(EVERY).await;
    }
}

/// Sweeps until nothing is left to do at this instant; how many orders and keys were removed.
async fn round(store: &dyn Store, clock: &dyn Clock) -> Result<(usize, usize), StoreError> {
    let now = clock.now();
    let (mut all_orders, mut all_keys) = (0, 0);
    loop {
        let Swept { orders, keys, left } = store.sweep(now).await?;
        (all_orders, all_keys) = (all_orders + orders, all_keys + keys);
        match left {
            Left::Nothing => return Ok((all_orders, all_keys)),
            Left::Something => sleep(PAUSE).await,
        }
    }
}

/// How many bytes the files in this directory have.
async fn size_of(dir: &Path) -> u64 {
    let dir = dir.to_owned();
    tokio::task::spawn_blocking(move || bytes_below(&dir)).await.unwrap_or_default()
}

/// What cannot be looked at, or is removed meanwhile, counts for nothing.
fn bytes_below(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let bytes = |entry: fs::DirEntry| match entry.metadata() {
        Ok(found) if found.is_dir() => bytes_below(&entry.path()),
        found => found.map_or(0, |found| found.len()),
    };
    entries.map(bytes).sum()
}

impl Upkeep {
    /// Where the bytes of the store's files are told; 0 before they were looked up.
    pub(super) fn bytes(&self) -> Arc<AtomicU64> {
        self.bytes.clone()
    }

    fn note(&self, orders: usize, keys: usize, bytes: u64) {
        self.orders.fetch_add(orders, Ordering::Relaxed);
        self.keys.fetch_add(keys, Ordering::Relaxed);
        self.bytes.store(bytes, Ordering::Relaxed);
    }
}

impl Source for Upkeep {
    fn expose(&self, out: &mut Exposition) {
        let help = "Bytes of the store's files, as of the last minute.";
        out.family("orderd_store_bytes", Kind::Gauge, help).sample(&[], self.bytes.load(Ordering::Relaxed));
        let count = |figure: &AtomicUsize| figure.load(Ordering::Relaxed);
        let help = "Orders that were removed, because nothing had happened to them for the time of storage.retention_hours.";
        out.family("orderd_orders_removed_total", Kind::Counter, help).sample(&[], count(&self.orders));
        let help = "Idempotency keys that were removed by a sweep.";
        out.family("orderd_idempotency_keys_removed_total", Kind::Counter, help)
            .sample(&[], count(&self.keys));
    }
}
