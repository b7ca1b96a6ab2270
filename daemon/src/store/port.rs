//! What the engine needs of a store, whatever is behind it.

use crate::order::{Lane, Order, OrderId};
use async_trait::async_trait;
use bytes::Bytes;
use orderd_sdk::{timestamp::Timestamp, wire::OrderStatus};
use std::{collections::BTreeMap, fmt, path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::oneshot;

/// Durable memory of orders, lanes and idempotency keys. One contract suite holds for every backend.
#[async_trait]
pub trait Store: Send + Sync {
    /// Takes a change into the log and returns at once when there is room; the receipt says when it is durable.
    ///
    /// Changes take effect in the order in which this is called, but for those that are [soon](Urgency::Soon) enough:
    /// these may come later, though never after another change of their order. Changes of one order that wait together
    /// may be written once. The events from `first_new` on get their [`Cursor`](crate::order::Cursor) as they are written.
    ///
    /// # Errors
    /// When the store is closed or has failed; then nothing of the change is kept.
    async fn commit(&self, change: Change) -> Result<Receipt, StoreError>;

    /// The order as of its last durable change.
    ///
    /// # Errors
    /// When the record cannot be read.
    async fn load(&self, id: OrderId) -> Result<Option<Arc<Order>>, StoreError>;

    /// The same for whoever only shows it. A store may keep how an order that is over was shown, and give that: all who ask
    /// one store have to show an order in the same way.
    ///
    /// # Errors
    /// When the record cannot be read.
    async fn show(&self, id: OrderId, show: Show) -> Result<Option<Seen>, StoreError> {
        let _ = show;
        Ok(self.load(id).await?.map(Seen::Order))
    }

    /// Orders as of their last durable change, newest first.
    ///
    /// # Errors
    /// When a record cannot be read.
    async fn list(&self, query: ListQuery) -> Result<Page, StoreError>;

    /// Every order that is not [over](crate::order::State::is_over), oldest first.
    ///
    /// # Errors
    /// When a record cannot be read.
    async fn live(&self) -> Result<Vec<Arc<Order>>, StoreError>;

    /// How many live orders stand in each status, without reading the disk.
    fn live_counts(&self) -> BTreeMap<OrderStatus, u64>;

    /// The next free sequence of every lane that was ever used.
    ///
    /// # Errors
    /// When a record cannot be read.
    async fn lanes(&self) -> Result<BTreeMap<Lane, u64>, StoreError>;

    /// Names this store's log: cursors can be compared within one epoch.
    fn epoch(&self) -> Epoch;

    /// The cursor of the last durable event.
    fn cursor(&self) -> u64;

    /// To which orders the events after this cursor belong: one id for each event, in the order of cursors, that of the
    /// event `after` + 1 first; at most `limit`, and fewer where the last durable event is reached. Empty when `after`
    /// is the last cursor or lies beyond it; none when the store does not remember so far back. Does not read the disk.
    fn history(&self, after: u64, limit: usize) -> Option<Vec<OrderId>>;

    /// Every live order, oldest first, and the cursor of the last durable event, both as of one moment: every event up
    /// to that cursor is in those orders or in orders that are over, and no later one is. Does not read the disk.
    fn live_at(&self) -> (Vec<Arc<Order>>, u64);

    /// Removes a little of what is past its time at this instant: orders that nothing can happen to any more and whose
    /// last event is older than the store keeps them, and idempotency keys. Also frees a little of the space that is not
    /// wanted any more. What is left for the next sweep is told.
    ///
    /// # Errors
    /// When something cannot be written, or the store is closed.
    async fn sweep(&self, now: Timestamp) -> Result<Swept, StoreError>;

    /// Why nothing can be written any more, once a write has failed. Does not read the disk.
    fn failure(&self) -> Option<StoreError>;

    /// Makes everything durable that was taken in, and takes nothing more.
    ///
    /// # Errors
    /// When the last write failed.
    async fn close(&self) -> Result<(), StoreError>;
}

/// How an order is shown, by nothing but what it is.
pub type Show = fn(&Order) -> Bytes;

/// An order that is to be shown.
#[derive(Clone, Debug)]
pub enum Seen {
    /// As of its last durable event.
    Order(Arc<Order>),
    /// How it is shown, as of its last durable event.
    Shown(Bytes),
}

impl Seen {
    /// How it is shown.
    #[must_use]
    pub fn shown(self, show: Show) -> Bytes {
        match self {
            Self::Order(order) => show(&order),
            Self::Shown(shown) => shown,
        }
    }
}

/// One step of an order, kept whole or not at all.
#[derive(Clone, Debug)]
pub struct Change {
    /// The order after the step.
    pub order: Arc<Order>,
    /// Index of its first event that no earlier change carried.
    pub first_new: usize,
    /// The sequence that the step takes from its lane.
    pub lane: Option<LaneAdvance>,
    /// The idempotency key that the order is accepted under.
    pub claim: Option<Claim>,
    /// When it has to be written.
    pub urgency: Urgency,
}

/// When a change has to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// At once: something waits for it to be durable, or somebody for its order.
    Now,
    /// With the next change of its order, and some milliseconds from now at the latest: nothing depends on it.
    Soon,
}

/// A lane moves on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneAdvance {
    /// The lane.
    pub lane: Lane,
    /// Its next free sequence.
    pub next: u64,
}

/// An idempotency key, and the fingerprint of the request that came with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The client's key.
    pub key: String,
    /// SHA-256 of the request's body.
    pub fingerprint: [u8; 32],
}

/// What became of a durable change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It was kept.
    Kept,
    /// Nothing was kept: its idempotency key belongs to another order.
    Claimed {
        /// That order.
        by: OrderId,
        /// Whether it was accepted from the same request.
        same_request: bool,
    },
}

/// Resolves when a change is durable.
#[derive(Debug)]
pub struct Receipt(oneshot::Receiver<Result<Applied, StoreError>>);

impl Receipt {
    /// A receipt and the end that resolves it.
    #[must_use]
    pub fn pending() -> (oneshot::Sender<Result<Applied, StoreError>>, Self) {
        let (sender, receiver) = oneshot::channel();
        (sender, Self(receiver))
    }

    /// Waits until the change is on stable storage.
    ///
    /// # Errors
    /// When it could not be written. What is on the disk then is not known before the next start.
    pub async fn durable(self) -> Result<Applied, StoreError> {
        self.0.await.unwrap_or(Err(StoreError::Closed))
    }
}

/// Told after changes became durable, in the order of the log, before their receipts resolve. It runs on a
/// thread of the store's, one call after the other, and must not block: who writes waits for it before long.
pub type CommitSink = Box<dyn Fn(&[Committed]) + Send + Sync>;

/// An order with events that have just become durable.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The order.
    pub order: Arc<Order>,
    /// Index of the first of those events.
    pub first_new: usize,
}

/// What to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Only orders older than this one.
    pub before: Option<OrderId>,
    /// Only orders in one of these; empty for all.
    pub statuses: Vec<OrderStatus>,
    /// Only orders whose last event is not older than this. The others are not read.
    pub changed_since: Option<Timestamp>,
    /// At most so many.
    pub limit: usize,
}

/// A page of orders, newest first.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The orders.
    pub orders: Vec<Arc<Order>>,
    /// Where the next page begins; none when there is none. A page may be short, even empty, and have a next one.
    pub next: Option<OrderId>,
}

/// What a sweep has removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Orders, with all of their events.
    pub orders: usize,
    /// Idempotency keys.
    pub keys: usize,
    /// Whether another sweep at the same instant has anything to do.
    pub left: Left,
    /// How long the store should be left alone before that, for the sake of those who write to it.
    pub rest: Duration,
}

/// Whether there is more to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Left {
    /// There is not.
    #[default]
    Nothing,
    /// There may be.
    Something,
}

/// Names a store's log: sixteen random bytes, made with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch(pub u128);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Why a store cannot do what it should.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the data directory.
    #[error("the data directory {} is in use by another daemon", .0.display())]
    Locked(PathBuf),
    /// The data directory cannot be used.
    #[error("cannot open the store at {}: {reason}", path.display())]
    Open {
        /// The directory or file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A record makes no sense: written by a newer version, or damaged.
    #[error("cannot read the record of {what}: {reason}")]
    Corrupt {
        /// Which record.
        what: String,
        /// Why.
        reason: String,
    },
    /// Something that was acknowledged is missing from the disk or cannot be read.
    #[error(
        "{} is damaged: {reason}; `orderd export` reads what can still be read, and docs/storage.md tells the way \
         back",
        file.display()
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The disk refused. Nothing is accepted from then on.
    #[error("cannot write to the store: {0}")]
    Write(String),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}
