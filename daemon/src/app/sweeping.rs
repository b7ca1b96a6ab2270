//! Has the store remove what is past its time, again and again, also while nothing else is written.

use crate::{
    store::{Left, Store, StoreError, Swept},
    telemetry::{
        Clock, Shutdown,
        metrics::{Exposition, Kind, Source},
        observe, spawn,
    },
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::sleep;

/// From the end of one round to the next. What is past its time is so by hours.
const EVERY: Duration = Duration::from_mins(1);
/// Between two sweeps of a round: orders go first.
const PAUSE: Duration = Duration::from_millis(5);

/// What was removed since the start.
#[derive(Debug, Default)]
pub(super) struct Removed {
    orders: AtomicUsize,
    keys: AtomicUsize,
}

/// Begins to sweep, until the shutdown. What was removed can be asked for.
pub(super) fn begin(store: Arc<dyn Store>, clock: Arc<dyn Clock>, shutdown: &Shutdown) -> Arc<Removed> {
    let (removed, shutdown) = (Arc::<Removed>::default(), shutdown.clone());
    let counting = removed.clone();
    spawn("sweep", async move {
        tokio::select! {
            () = rounds(&*store, &*clock, &counting) => {}
            () = shutdown.requested() => {}
        }
    });
    removed
}

/// Ends with the store: with its failure the daemon comes down anyway.
async fn rounds(store: &dyn Store, clock: &dyn Clock, removed: &Removed) {
    loop {
        match round(store, clock).await {
            Ok((orders, keys)) => {
                removed.note(orders, keys);
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

impl Removed {
    fn note(&self, orders: usize, keys: usize) {
        self.orders.fetch_add(orders, Ordering::Relaxed);
        self.keys.fetch_add(keys, Ordering::Relaxed);
    }
}

impl Source for Removed {
    fn expose(&self, out: &mut Exposition) {
        let count = |figure: &AtomicUsize| figure.load(Ordering::Relaxed);
        let help = "Orders that were removed, because nothing had happened to them for the time of storage.retention_hours.";
        out.family("orderd_orders_removed_total", Kind::Counter, help).sample(&[], count(&self.orders));
        let help = "Idempotency keys that were removed by a sweep.";
        out.family("orderd_idempotency_keys_removed_total", Kind::Counter, help)
            .sample(&[], count(&self.keys));
    }
}
