//! The default store: a log on the local disk that sled indexes, written by one thread, durable against a loss of
//! power.

use super::{
    Change, CommitSink, Epoch, ListQuery, Page, Receipt, Store, StoreError, Swept,
    audit::Audit,
    board::Known,
    committer::Committer,
    disk::{DataDir, DiskTree},
    expiry::{DEFAULT_TTL, Expiry},
    history::DEFAULT_EVENTS,
    ledger::Ledger,
    sweep::Sweeper,
    writer::Writer,
};
use crate::order::{Lane, Order, OrderId};
use async_trait::async_trait;
use orderd_sdk::{timestamp::Timestamp, wire::OrderStatus};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::Semaphore, task};

/// Where and how a [`SledStore`] keeps its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SledSettings {
    /// The data directory. It is made when there is none.
    pub path: PathBuf,
    /// Memory for the index's cache of pages, in bytes.
    pub cache_bytes: u64,
    /// Changes that may wait to be written, and the most that are written at once. A commit waits for room.
    pub queue: usize,
    /// A file of the log that has grown to so many bytes is written no more.
    pub file_bytes: u64,
    /// How long an idempotency key is kept whose order is over.
    pub idempotency_ttl: Duration,
    /// How long an order is kept after its last event, once it is at rest; for good, when not said.
    pub retention: Option<Duration>,
    /// Of how many events the store remembers whose they are.
    pub history_events: usize,
    /// Readers that may wait for the disk at once.
    pub readers: usize,
}

impl SledSettings {
    /// The defaults, in this data directory.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            cache_bytes: 128 << 20,
            queue: 4096,
            file_bytes: 64 << 20,
            idempotency_ttl: DEFAULT_TTL,
            retention: None,
            history_events: DEFAULT_EVENTS,
            readers: 4,
        }
    }
}

/// Keeps orders in a data directory that no other process may use meanwhile.
///
/// The directory stays locked until the store is dropped, even when it was closed before.
pub struct SledStore {
    // Before all others: it has the ledger too.
    audit: Arc<Audit>,
    // Dropped first: its thread must have ended before the ledger lets go of the disk.
    committer: Committer,
    ledger: Arc<Ledger<DiskTree>>,
    readers: Arc<Semaphore>,
    sweeper: Arc<Mutex<Sweeper>>,
}

impl SledStore {
    /// Opens the data directory and reads the live orders. Of the log, what was not read at an earlier start is read and
    /// checked; the rest is checked again behind the start, and damage is told as a [failure](Store::failure) then.
    /// Blocks while the disk is read.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another store has the directory, [`StoreError::Open`] when it cannot be
    /// used, [`StoreError::Damaged`] when something that was acknowledged is missing or cannot be read,
    /// [`StoreError::Corrupt`] when a record makes no sense.
    pub fn open(settings: SledSettings, sink: CommitSink) -> Result<Self, StoreError> {
        let dir = DataDir::lock(settings.path)?;
        let (tree, recent) = dir.open_tree(settings.cache_bytes, settings.file_bytes)?;
        let ledger = Arc::new(Ledger::open(tree, recent, settings.history_events)?);
        let writer = Writer::new(ledger.clone(), sink, Expiry::new(settings.idempotency_ttl));
        let committer = Committer::start(writer, settings.queue)
            .map_err(|error| StoreError::Write(format!("no thread for the writer: {error}")))?;
        let door = committer.door();
        let audit = Audit::start(ledger.clone(), move |damage| door.shut(damage));
        let audit = audit.map_err(|error| StoreError::Write(format!("no thread for the audit: {error}")))?;
        let audit = Arc::new(audit);
        let readers = Arc::new(Semaphore::new(settings.readers.max(1)));
        let sweeper = Arc::new(Mutex::new(Sweeper::new(settings.retention)));
        Ok(Self { audit, committer, ledger, readers, sweeper })
    }

    /// Waits until what the start has believed is proved, or proved wrong.
    #[cfg(test)]
    pub(super) fn prove(&self) {
        self.audit.join();
    }

    /// Does not prove any more of it.
    #[cfg(test)]
    pub(super) fn stop_proving(&self) {
        self.audit.stop();
    }

    /// How many bytes of the log are wanted.
    #[cfg(test)]
    pub(super) fn wanted_bytes(&self) -> u64 {
        self.ledger.tree().wanted_bytes()
    }

    /// Reads from the disk on a thread that may block.
    async fn read<R: Send + 'static>(
        &self,
        read: impl FnOnce(&Ledger<DiskTree>) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        let turn = self.readers.clone().acquire_owned().await;
        let turn = turn.map_err(|_| StoreError::Closed)?;
        let ledger = self.ledger.clone();
        let reading = task::spawn_blocking(move || {
            let _turn = turn;
            read(&ledger)
        });
        reading.await.unwrap_or_else(|error| match error.is_panic() {
            true => Err(StoreError::Corrupt {
                what: "an order".to_owned(),
                reason: "sled has panicked".to_owned(),
            }),
            false => Err(StoreError::Closed),
        })
    }
}

#[async_trait]
impl Store for SledStore {
    async fn commit(&self, change: Change) -> Result<Receipt, StoreError> {
        self.committer.commit(change).await
    }

    async fn load(&self, id: OrderId) -> Result<Option<Arc<Order>>, StoreError> {
        match self.ledger.find(id) {
            Known::Durable(order) => Ok(order),
            Known::InTree => self.read(move |ledger| ledger.load_over(id)).await,
        }
    }

    async fn list(&self, query: ListQuery) -> Result<Page, StoreError> {
        match query.wants_over() {
            true => self.read(move |ledger| ledger.list(&query)).await,
            false => self.ledger.list(&query),
        }
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
        let sweeper = self.sweeper.clone();
        let find = move |ledger: &Ledger<_>| {
            sweeper.lock().unwrap_or_else(PoisonError::into_inner).find(ledger, now)
        };
        self.committer.sweep(self.read(find).await?).await
    }

    fn failure(&self) -> Option<StoreError> {
        self.committer.failure()
    }

    async fn close(&self) -> Result<(), StoreError> {
        let closed = self.committer.close().await;
        let audit = self.audit.clone();
        // It ends within one step of its reading.
        task::spawn_blocking(move || audit.stop()).await.ok();
        closed
    }
}
