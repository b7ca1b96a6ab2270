//! The store as the engine sees it: what it takes in becomes durable a while later, in windows and in order.

use crate::{
    disk::{DiskPhase, Written},
    faults::Fault,
    laws::Law,
    life::Life,
    sabotage::Sabotage,
    time::pause,
    world::State,
};
use async_trait::async_trait;
use orderd::{
    order::{Lane, Order, OrderId},
    store::{Applied, Change, Epoch, ListQuery, MemoryStore, Page, Receipt, Store, StoreError, Swept},
};
use orderd_sdk::{timestamp::Timestamp, wire::OrderStatus};
use std::{collections::BTreeMap, sync::Arc};

/// The store, for one life of the engine.
pub(crate) struct SimStore {
    pub(crate) life: Life,
    pub(crate) durable: Arc<MemoryStore>,
}

#[async_trait]
impl Store for SimStore {
    async fn commit(&self, change: Change) -> Result<Receipt, StoreError> {
        self.life.pass("commit").await;
        self.life.with(|state| state.take_in(change)).await
    }

    async fn load(&self, id: OrderId) -> Result<Option<Arc<Order>>, StoreError> {
        self.life.yields().await;
        self.durable.load(id).await
    }

    async fn list(&self, query: ListQuery) -> Result<Page, StoreError> {
        self.life.yields().await;
        self.durable.list(query).await
    }

    /// As read from a disk: every order is what its record says.
    async fn live(&self) -> Result<Vec<Arc<Order>>, StoreError> {
        let live = self.durable.live().await?;
        let read: Vec<_> = live.iter().map(|order| Arc::new(written_and_read(order))).collect();
        let held = Law::AcceptedIsDurable
            .holds(read == live, || "a record says something else than what was written".to_owned());
        self.life.with(|state| state.hold(held)).await;
        Ok(read)
    }

    fn live_counts(&self) -> BTreeMap<OrderStatus, u64> {
        self.durable.live_counts()
    }

    async fn lanes(&self) -> Result<BTreeMap<Lane, u64>, StoreError> {
        self.durable.lanes().await
    }

    fn epoch(&self) -> Epoch {
        self.durable.epoch()
    }

    fn cursor(&self) -> u64 {
        self.durable.cursor()
    }

    fn history(&self, after: u64, limit: usize) -> Option<Vec<OrderId>> {
        self.durable.history(after, limit)
    }

    fn live_at(&self) -> (Vec<Arc<Order>>, u64) {
        self.durable.live_at()
    }

    /// Orders of this world are kept for good.
    async fn sweep(&self, _now: Timestamp) -> Result<Swept, StoreError> {
        Ok(Swept::default())
    }

    /// A disk of this world loses power, but it refuses nothing.
    fn failure(&self) -> Option<StoreError> {
        None
    }

    async fn close(&self) -> Result<(), StoreError> {
        loop {
            let closed = self.life.with(State::close).await;
            match closed {
                Some(result) => return result,
                None => pause(1).await,
            }
        }
    }
}

fn written_and_read(order: &Order) -> Order {
    let record = postcard::to_stdvec(order).expect("an order can be written");
    postcard::from_bytes(&record).expect("what was written can be read")
}

/// Writes windows until the life ends.
pub(crate) async fn write_windows(life: Life) {
    let wake = life.with(|state| state.disk.wake.clone()).await;
    loop {
        wake.notified().await;
        while life.with(|state| !state.disk.waiting.is_empty() && state.disk.phase != DiskPhase::Failed).await
        {
            write_window(&life).await;
        }
    }
}

async fn write_window(life: &Life) {
    let (gather, sync) = life.with(State::disk_delays).await;
    pause(gather).await;
    life.with(|state| state.disk.begin_window(&mut state.weather)).await;
    life.pass("sync").await;
    pause(sync).await;
    let Written { told, answers, .. } = life.with(State::end_window).await;
    life.pass("synced").await;
    let hub = life.with(|state| state.disk.hub.clone()).await;
    told.iter().for_each(|committed| hub.publish(&committed.order, committed.first_new));
    for (answer, result) in answers {
        answer.send(result).ok();
    }
}

impl State {
    fn take_in(&mut self, change: Change) -> Result<Receipt, StoreError> {
        match self.disk.phase {
            DiskPhase::Open => {}
            DiskPhase::Closed => return Err(StoreError::Closed),
            DiskPhase::Failed => return Err(StoreError::Write("the disk has failed".to_owned())),
        }
        self.trace.note(|| format!("commit {} {:?}", change.order.intent.amount_in, change.order.state));
        let held = self.check_begun(&change).and_then(|()| self.witness.check_change(&change, &self.chain));
        self.hold(held);
        let (mut answer, receipt) = Receipt::pending();
        if self.plan.sabotage == Sabotage::EarlyReceipts {
            answer.send(Ok(Applied::Kept)).ok();
            answer = Receipt::pending().0;
        }
        self.disk.waiting.push_back((change, answer));
        self.disk.wake.notify_one();
        Ok(receipt)
    }

    fn disk_delays(&mut self) -> (u64, u64) {
        let longest = if self.weather.strikes(Fault::SlowDisk) { 300 } else { 8 };
        (self.weather.chance.below(4), self.weather.chance.below(longest))
    }

    fn end_window(&mut self) -> Written {
        let written = self.disk.end_window(self.plan.sabotage);
        if self.disk.phase == DiskPhase::Failed {
            self.trace.note(|| "the disk refuses".to_owned());
            self.disk.failed_at = Some(self.now);
        }
        self.became_durable(written.kept.clone());
        written
    }

    /// None as long as something has to be written before.
    fn close(&mut self) -> Option<Result<(), StoreError>> {
        match self.disk.phase {
            DiskPhase::Failed => Some(Err(StoreError::Write("the disk has failed".to_owned()))),
            DiskPhase::Open | DiskPhase::Closed => {
                self.disk.phase = DiskPhase::Closed;
                (self.disk.waiting.is_empty() && self.disk.writing.is_empty()).then_some(Ok(()))
            }
        }
    }
}
