//! A store that forgets everything with its process: for tests, and for trying things out.

use super::{
    Change, CommitSink, Epoch, ListQuery, Page, Receipt, Store, StoreError, Swept,
    board::Known,
    expiry::{DEFAULT_TTL, Expiry},
    history::DEFAULT_EVENTS,
    ledger::Ledger,
    port::Left,
    recent::Recent,
    sweep::Sweeper,
    tree::{Batch, Direction, Edit, KeyRange, TimeVisitor, Tree, Visitor},
    writer::{Pending, Writer},
};
use crate::order::{Lane, Order, OrderId};
use async_trait::async_trait;
use orderd_sdk::{timestamp::Timestamp, wire::OrderStatus};
use sled::IVec;
use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    sync::{Arc, Mutex, RwLock},
    time::Duration,
};

/// Between two sweeps: each of them is done on the caller's thread.
const REST: Duration = Duration::from_millis(5);

/// How a [`MemoryStore`] keeps its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemorySettings {
    /// How long an idempotency key is kept whose order is over.
    pub idempotency_ttl: Duration,
    /// How long an order is kept after its last event, once it is at rest; for good, when not said.
    pub retention: Option<Duration>,
    /// Of how many events the store remembers whose they are.
    pub history_events: usize,
}

impl Default for MemorySettings {
    fn default() -> Self {
        Self { idempotency_ttl: DEFAULT_TTL, retention: None, history_events: DEFAULT_EVENTS }
    }
}

/// Keeps everything in memory. It has no thread: a change is kept when `commit` returns, its receipt is
/// resolved, and the sink was called on the caller's thread, so tests with a virtual clock are repeatable.
pub struct MemoryStore {
    ledger: Arc<Ledger<MemoryTree>>,
    /// None when the store is closed.
    writer: Mutex<Option<Writer<MemoryTree>>>,
    sink: CommitSink,
    sweeper: Mutex<Sweeper>,
}

impl MemoryStore {
    /// An empty store with an epoch of its own.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn new(sink: CommitSink) -> Result<Self, StoreError> {
        Self::with(&MemorySettings::default(), sink)
    }

    /// An empty store with these settings.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn with(settings: &MemorySettings, sink: CommitSink) -> Result<Self, StoreError> {
        let ledger =
            Arc::new(Ledger::open(MemoryTree::default(), Recent::default(), settings.history_events)?);
        let writer = Writer::new(ledger.clone(), Expiry::new(settings.idempotency_ttl));
        let sweeper = Mutex::new(Sweeper::new(settings.retention));
        Ok(Self { ledger, writer: Mutex::new(Some(writer)), sink, sweeper })
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn commit(&self, change: Change) -> Result<Receipt, StoreError> {
        let (answer, receipt) = Receipt::pending();
        let pending = Pending { change, receipt: answer };
        let mut writer = self.writer.lock().expect("the sink does not panic");
        let writer = writer.as_mut().ok_or(StoreError::Closed)?;
        writer.write(std::iter::once(pending)).tell(&self.sink);
        Ok(receipt)
    }

    async fn load(&self, id: OrderId) -> Result<Option<Arc<Order>>, StoreError> {
        match self.ledger.find(id) {
            Known::Durable(order) => Ok(order),
            Known::InTree => self.ledger.load_over(id),
        }
    }

    async fn list(&self, query: ListQuery) -> Result<Page, StoreError> {
        self.ledger.list(&query)
    }

    async fn live(&self) -> Result<Vec<Arc<Order>>, StoreError> {
        Ok(self.ledger.live())
    }

    fn live_counts(&self) -> BTreeMap<OrderStatus, u64> {
        self.ledger.live_counts()
    }

    async fn lanes(&self) -> Result<BTreeMap<Lane, u64>, StoreError> {
        Ok(self.ledger.lanes())
    }

    fn epoch(&self) -> Epoch {
        self.ledger.epoch()
    }

    fn cursor(&self) -> u64 {
        self.ledger.cursor()
    }

    fn history(&self, after: u64, limit: usize) -> Option<Vec<OrderId>> {
        self.ledger.history(after, limit)
    }

    fn live_at(&self) -> (Vec<Arc<Order>>, u64) {
        self.ledger.live_at()
    }

    async fn sweep(&self, now: Timestamp) -> Result<Swept, StoreError> {
        let due = self.sweeper.lock().expect("nothing panics while it looks").find(&self.ledger, now)?;
        let mut writer = self.writer.lock().expect("the sink does not panic");
        let swept = writer.as_mut().ok_or(StoreError::Closed)?.sweep(due)?;
        Ok(Swept { rest: REST, ..swept })
    }

    /// Memory does not refuse.
    fn failure(&self) -> Option<StoreError> {
        None
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.writer.lock().expect("the sink does not panic").take();
        Ok(())
    }
}

/// A sorted map.
#[derive(Debug, Default)]
pub(super) struct MemoryTree(RwLock<BTreeMap<IVec, (IVec, Timestamp)>>);

/// Is shown a key, its value and its time.
type EntryVisitor<'a> = dyn FnMut(&[u8], &[u8], Timestamp) -> Result<ControlFlow<()>, StoreError> + 'a;

impl MemoryTree {
    fn visit(
        &self,
        range: &KeyRange,
        direction: Direction,
        visit: &mut EntryVisitor<'_>,
    ) -> Result<(), StoreError> {
        let map = self.0.read().expect("visitors do not panic");
        let mut entries = map.range(range.clone());
        loop {
            let entry = match direction {
                Direction::Up => entries.next(),
                Direction::Down => entries.next_back(),
            };
            let Some((key, (value, at))) = entry else {
                return Ok(());
            };
            if let ControlFlow::Break(()) = visit(key, value, *at)? {
                return Ok(());
            }
        }
    }
}

impl Tree for MemoryTree {
    fn get(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        let map = self.0.read().expect("nothing panics while it has the map");
        Ok(map.get(key).map(|(value, _)| value.clone()))
    }

    fn scan(
        &self,
        range: &KeyRange,
        direction: Direction,
        visit: &mut Visitor<'_>,
    ) -> Result<(), StoreError> {
        self.visit(range, direction, &mut |key, value, _| visit(key, value))
    }

    fn times(
        &self,
        range: &KeyRange,
        direction: Direction,
        visit: &mut TimeVisitor<'_>,
    ) -> Result<(), StoreError> {
        self.visit(range, direction, &mut |key, _, at| visit(key, at))
    }

    fn time(&self, key: &[u8]) -> Result<Option<Timestamp>, StoreError> {
        let map = self.0.read().expect("nothing panics while it has the map");
        Ok(map.get(key).map(|(_, at)| *at))
    }

    fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        let mut map = self.0.write().expect("nothing panics while it has the map");
        for Edit { key, value, at } in batch {
            match value {
                Some(value) => map.insert(key, (value, at)),
                None => map.remove(&key),
            };
        }
        Ok(())
    }

    fn tidy(&self, _: usize) -> Result<Left, StoreError> {
        Ok(Left::Nothing)
    }
}
