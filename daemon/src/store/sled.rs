//! The default store: a log on the local disk and its index, written by one thread, durable against a loss of power.

use super::{
    Change, CommitSink, Epoch, ListQuery, Page, Receipt, Seen, Show, Store, StoreError, Swept,
    audit::Audit,
    board::Known,
    committer::Committer,
    disk::{DataDir, DiskTree},
    ended::Ask,
    expiry::{DEFAULT_TTL, Expiry},
    history::DEFAULT_EVENTS,
    ledger::{self, Ledger},
    loads::Loads,
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

/// What part of the cache is for orders that are over; the rest is for blocks of the index.
const ENDED_SHARE: u64 = 4;

/// Where and how a [`SledStore`] keeps its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SledSettings {
    /// The data directory. It is made when there is none.
    pub path: PathBuf,
    /// Memory for blocks of the index that were read lately and, a quarter of it, for orders that are over, in bytes.
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
    /// Readers that may wait for the disk at once: so many for orders, and so many for lists of them.
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
            file_bytes: 32 << 20,
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
    loads: Arc<Loads<DiskTree>>,
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
        let for_ended = settings.cache_bytes / ENDED_SHARE;
        let (tree, recent) = dir.open_tree(settings.cache_bytes - for_ended, settings.file_bytes)?;
        let ledger = Ledger::open(tree, recent, settings.history_events)?;
        let ledger = Arc::new(ledger.keeping(usize::try_from(for_ended).unwrap_or(usize::MAX)));
        let writer = Writer::new(ledger.clone(), Expiry::new(settings.idempotency_ttl));
        let committer = Committer::start(writer, sink, settings.queue)
            .map_err(|error| StoreError::Write(format!("no threads for the writer: {error}")))?;
        let door = committer.door();
        let audit = Audit::start(ledger.clone(), move |damage| door.shut(damage));
        let audit = audit.map_err(|error| StoreError::Write(format!("no thread for the audit: {error}")))?;
        let audit = Arc::new(audit);
        let loads = Loads::new(ledger.clone(), settings.readers);
        let readers = Arc::new(Semaphore::new(settings.readers.max(1)));
        let sweeper = Arc::new(Mutex::new(Sweeper::new(settings.retention)));
        Ok(Self { audit, committer, ledger, loads, readers, sweeper })
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

    /// What is wanted of the log.
    #[cfg(test)]
    pub(super) fn wanted(&self) -> super::index::Wanted {
        self.ledger.tree().wanted()
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
                reason: "reading it has panicked".to_owned(),
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
            Known::InTree => Ok(self.loads.load(id, Ask::Order).await?.map(ledger::order_of)),
        }
    }

    async fn show(&self, id: OrderId, show: Show) -> Result<Option<Seen>, StoreError> {
        let ask = Ask::Shown(show);
        match self.ledger.look_up(id, ask) {
            Known::Durable(seen) => Ok(seen),
            Known::InTree => self.loads.load(id, ask).await,
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
        let (swept, effort) = self.committer.sweep(self.read(find).await?).await?;
        let rest = self.sweeper.lock().unwrap_or_else(PoisonError::into_inner).note(effort);
        Ok(Swept { rest, ..swept })
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
