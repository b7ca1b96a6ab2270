//! What is known of the orders from before the start.

use super::{
    desk::Recovery,
    job::Job,
    signal::{Switch, raised},
};
use crate::{
    order::{Lane, OrderId, Step},
    telemetry::{observe, spawn},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{sync::watch, time::Instant};

/// Counts the orders from before the start, and knows which chains have spoken about all of theirs.
pub(super) struct Progress {
    orders: usize,
    signed: BTreeMap<String, usize>,
    /// By chain; on when it has spoken.
    settled: BTreeMap<String, Switch>,
    begin: Instant,
    took: OnceLock<Duration>,
}

impl Progress {
    /// Begins to watch, and says in the log when every signed order has been looked up.
    pub(super) fn watch(
        jobs: &[Job],
        settled: BTreeMap<String, Switch>,
        closing: watch::Receiver<bool>,
    ) -> Arc<Self> {
        let mut signed = BTreeMap::new();
        for job in jobs.iter().filter(|job| job.order.next_step() == Step::Watch) {
            *signed.entry(job.order.intent.chain.clone()).or_default() += 1;
        }
        let orders = jobs.len();
        let progress =
            Arc::new(Self { orders, signed, settled, begin: Instant::now(), took: OnceLock::new() });
        observe::recovery_started(orders, progress.signed.values().sum());
        spawn("recovery", progress.clone().run(closing));
        progress
    }

    async fn run(self: Arc<Self>, mut closing: watch::Receiver<bool>) {
        tokio::select! {
            biased;
            () = raised(&mut closing) => {}
            () = self.tell() => {}
        }
    }

    async fn tell(&self) {
        for settled in self.settled.values() {
            settled.on().await;
        }
        let took = *self.took.get_or_init(|| self.begin.elapsed());
        observe::recovery_finished(self.orders, self.signed.values().sum(), took);
    }

    pub(super) fn report(&self) -> Recovery {
        let open = self.settled.iter().filter(|(_, settled)| !settled.is_on());
        Recovery {
            orders: self.orders,
            signed: self.signed.clone(),
            waits_for: open.map(|(chain, _)| chain.clone()).collect(),
            took: self.took.get().copied().unwrap_or_else(|| self.begin.elapsed()),
        }
    }
}

/// Lanes of these orders, each with the sequences that are signed and were not in a block when last seen.
pub(super) fn outstanding(jobs: &[Job]) -> BTreeMap<Lane, BTreeSet<u64>> {
    let mut lanes: BTreeMap<Lane, BTreeSet<u64>> = BTreeMap::new();
    for order in jobs.iter().map(|job| &job.order) {
        if let Some(open) = order.open_slot().filter(|_| !order.state.is_in_block() && !order.state.is_over())
        {
            lanes.entry(order.lane()).or_default().insert(open.sequence);
        }
    }
    lanes
}

/// Lanes of these orders, each with the sequences that could still be undone and that no tracker follows, and the orders
/// they are of: approvals of orders that go on.
pub(super) fn unfollowed(jobs: &[Job]) -> BTreeMap<Lane, BTreeMap<u64, OrderId>> {
    let mut lanes: BTreeMap<Lane, BTreeMap<u64, OrderId>> = BTreeMap::new();
    for order in jobs.iter().map(|job| &job.order) {
        let followed = order.open_slot().map(|slot| slot.sequence);
        for slot in order.open_slots().filter(|slot| Some(slot.sequence) != followed) {
            lanes.entry(order.lane()).or_default().insert(slot.sequence, order.id);
        }
    }
    lanes
}
