//! The engine's handle: takes orders in, looks them up, and shuts down in order.

use super::{
    CancelError, Desk, Gate, Phase, Readiness, RetryError, SubmitError, Submitted,
    admission::Admission,
    dispatcher::DispatcherHandle,
    following::TrackerHandle,
    job::Job,
    recovery::Progress,
    signal::{Switch, raised},
    signing::LaneHandle,
    verbs::Grants,
    wishes::Wishes,
};
use crate::{
    order::{Catalog, Intent, Lane, Order, OrderId, OrderIds, read_request},
    store::{Applied, Change, Claim, Epoch, ListQuery, Page, Seen, Show, Store, StoreError, Urgency},
    telemetry::{Clock, Entropy, Shutdown, observe, spawn},
};
use async_trait::async_trait;
use orderd_sdk::{
    timestamp::Timestamp,
    wire::{ExecuteRequest, OrderStatus, Workers},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::watch, task::JoinHandle};

/// How long those who work are waited for after they were told to let go of the store. It takes no time, unless code
/// that is linked in blocks its thread.
const RELEASE: Duration = Duration::from_secs(1);

/// The engine. Cheap to clone; every clone is the same engine.
#[derive(Clone)]
pub struct Engine(Arc<Shared>);

pub(super) struct Shared {
    pub(super) catalog: Catalog,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) ids: Mutex<OrderIds>,
    pub(super) shutdown: Shutdown,
    pub(super) admission: Arc<Admission>,
    pub(super) dispatcher: DispatcherHandle,
    pub(super) lanes: BTreeMap<Lane, LaneHandle>,
    /// By chain.
    pub(super) trackers: BTreeMap<String, TrackerHandle>,
    pub(super) wishes: Arc<Wishes>,
    pub(super) grants: Grants,
    pub(super) recovery: Arc<Progress>,
    /// How many workers there may be.
    pub(super) workers: u64,
    pub(super) gate: watch::Sender<Gate>,
    pub(super) draining: Switch,
    pub(super) closing: watch::Sender<bool>,
    pub(super) drained: watch::Receiver<bool>,
}

impl Engine {
    pub(super) fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }

    /// Has attempts begun, or no more of them begun: what was begun goes on. It holds until the engine ends.
    pub fn switch(&self, gate: Gate) {
        self.0.gate.send_replace(gate);
    }

    /// Who carries out attempts.
    #[must_use]
    pub fn workers(&self) -> Workers {
        Workers { busy: self.0.dispatcher.busy(), max: self.0.workers }
    }

    /// Takes no more orders, lets attempts in hand come to a rest for so long at the most, and closes the store.
    /// What is open then is taken up at the next start.
    ///
    /// # Errors
    /// When the store could not write everything; what was acknowledged is durable all the same.
    pub async fn shut_down(&self, grace: Duration) -> Result<(), StoreError> {
        self.0.shutdown.request();
        self.0.draining.turn_on();
        let mut drained = self.0.drained.clone();
        tokio::time::timeout(grace, raised(&mut drained)).await.ok();
        self.0.closing.send_replace(true);
        let closed = self.0.store.close().await;
        // Everybody who works with the store listens for its closing.
        tokio::time::timeout(RELEASE, self.0.closing.closed()).await.ok();
        closed
    }
}

impl Shared {
    /// Why nothing new is taken while the daemon ends: because it was told to, or because its store has failed.
    fn refusal<E: From<StoreError>>(&self, draining: E) -> E {
        self.store.failure().map_or(draining, E::from)
    }

    fn next_id(&self, now: Timestamp) -> OrderId {
        let chance = (u128::from(self.entropy.bits()) << 64) | u128::from(self.entropy.bits());
        self.ids.lock().expect("nothing panics while it has the ids").next(now, chance)
    }

    /// Stores an order that has a place and hands it to the dispatcher.
    async fn accept(&self, intent: Intent, claim: Option<Claim>) -> Result<Submitted, SubmitError> {
        let now = self.clock.now();
        let order = Arc::new(Order::accept(self.next_id(now), intent, self.dispatcher.waiting(), now));
        let change = Change { order: order.clone(), first_new: 0, lane: None, claim, urgency: Urgency::Now };
        match self.store.commit(change).await?.durable().await? {
            Applied::Kept => {
                observe::order_accepted(&order);
                self.dispatcher.place(Job::logged(order.clone())).await;
                Ok(Submitted { order, replayed: false })
            }
            Applied::Claimed { same_request: false, .. } => Err(SubmitError::KeyReused),
            Applied::Claimed { by, same_request: true } => {
                let missing = StoreError::Corrupt {
                    what: format!("order {by}"),
                    reason: "an idempotency key names it, but it is not there".to_owned(),
                };
                let order = self.store.load(by).await?.ok_or(missing)?;
                Ok(Submitted { order, replayed: true })
            }
        }
    }
}

#[async_trait]
impl Desk for Engine {
    async fn submit(&self, request: ExecuteRequest, claim: Option<Claim>) -> Result<Submitted, SubmitError> {
        let shared = self.0.clone();
        let intent =
            read_request(&request, &shared.catalog, shared.clock.now()).map_err(SubmitError::Invalid)?;
        if self.phase() == Phase::Draining {
            return Err(shared.refusal(SubmitError::Draining));
        }
        if !shared.admission.enter() {
            return Err(SubmitError::QueueFull { limit: shared.admission.limit() });
        }
        // In a task of its own: a client that hangs up must not leave an order stored and never executed.
        let accepting: JoinHandle<_> = spawn("accept", async move {
            let accepted = shared.accept(intent, claim).await;
            if !matches!(accepted, Ok(Submitted { replayed: false, .. })) {
                shared.admission.leave();
            }
            accepted
        });
        accepting.await.unwrap_or(Err(SubmitError::Store(StoreError::Closed)))
    }

    async fn load(&self, id: OrderId) -> Result<Option<Arc<Order>>, StoreError> {
        self.0.store.load(id).await
    }

    async fn show(&self, id: OrderId, show: Show) -> Result<Option<Seen>, StoreError> {
        self.0.store.show(id, show).await
    }

    async fn list(&self, query: ListQuery) -> Result<Page, StoreError> {
        self.0.store.list(query).await
    }

    async fn cancel(&self, id: OrderId, reason: String) -> Result<Option<Arc<Order>>, CancelError> {
        match self.phase() {
            Phase::Running => self.0.cancel(id, reason).await,
            Phase::Draining => Err(self.0.refusal(CancelError::Draining)),
        }
    }

    async fn retry(&self, id: OrderId) -> Result<Option<Arc<Order>>, RetryError> {
        if self.phase() == Phase::Draining {
            return Err(self.0.refusal(RetryError::Draining));
        }
        let shared = self.0.clone();
        // In a task of its own: a client that hangs up must not leave an order pending that nobody has in hand.
        let retrying: JoinHandle<_> = spawn("retry", async move { shared.retry(id).await });
        retrying.await.unwrap_or(Err(RetryError::Store(StoreError::Closed)))
    }

    fn retry_refusal(&self, order: &Order) -> Option<RetryError> {
        self.0.retry_refusal(order, self.0.clock.now())
    }

    fn live_counts(&self) -> BTreeMap<OrderStatus, u64> {
        self.0.store.live_counts()
    }

    fn position(&self) -> (Epoch, u64) {
        (self.0.store.epoch(), self.0.store.cursor())
    }

    fn history(&self, after: u64, limit: usize) -> Option<Vec<OrderId>> {
        self.0.store.history(after, limit)
    }

    fn live_at(&self) -> (Vec<Arc<Order>>, u64) {
        self.0.store.live_at()
    }

    fn phase(&self) -> Phase {
        match self.0.draining.is_on() {
            true => Phase::Draining,
            false => Phase::Running,
        }
    }

    fn readiness(&self) -> Readiness {
        let standing = |(lane, handle): (&Lane, &LaneHandle)| (lane.clone(), handle.standing());
        Readiness { recovery: self.0.recovery.report(), lanes: self.0.lanes.iter().map(standing).collect() }
    }
}
