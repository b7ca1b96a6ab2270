//! The cache: orders as they stand, for everybody to read. Only the coordinator writes it, a batch at a time.
//!
//! It keeps them [`Packed`]: whoever shows a few asks for those in full, whoever looks at all reads them as they are kept.

use super::{
    packed::Packed,
    revisions::{Changes, Revisions},
    submission::{Standing, Submission, Submissions, SubmitError},
};
use crate::wire::OrderDto;
use std::{
    collections::BTreeMap,
    ops::Deref,
    sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard},
};
use tokio::sync::watch;

/// An order of the cache, in full.
#[derive(Clone, Debug)]
pub struct Held {
    /// The order.
    pub order: Arc<OrderDto>,
    /// It stood so at this event of all; `order.seq` is the event of its own.
    pub cursor: u64,
}

impl Deref for Held {
    type Target = OrderDto;

    fn deref(&self) -> &OrderDto {
        &self.order
    }
}

/// An order as the cache keeps it.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) order: Arc<Packed>,
    pub(super) cursor: u64,
}

impl Kept {
    fn unpack(&self) -> Held {
        Held { order: Arc::new(self.order.order()), cursor: self.cursor }
    }
}

/// Orders by id, as they stood at one moment. Cloning gives another view of the same.
///
/// Between two revisions nothing changes, and reading never waits for the network.
#[derive(Clone, Debug)]
pub struct Cache {
    shelf: Arc<RwLock<Shelf>>,
    revision: watch::Receiver<u64>,
}

/// The one end that writes.
#[derive(Debug)]
pub(super) struct CacheWriter {
    shelf: Arc<RwLock<Shelf>>,
    revision: watch::Sender<u64>,
}

#[derive(Debug)]
struct Shelf {
    orders: BTreeMap<Arc<str>, Kept>,
    submissions: Submissions,
    revisions: Revisions,
}

/// Changes that belong together: orders that are new or have changed, and orders that are gone.
#[derive(Debug, Default)]
pub(super) struct Batch(BTreeMap<Arc<str>, Option<Kept>>);

impl Batch {
    pub(super) fn put(&mut self, kept: Kept) {
        self.0.insert(kept.order.id().clone(), Some(kept));
    }

    pub(super) fn remove(&mut self, id: Arc<str>) {
        self.0.insert(id, None);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[cfg(test)]
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Option<Kept>)> {
        self.0.iter()
    }
}

impl Cache {
    /// An empty cache, and the end that fills it.
    pub(super) fn new(max_changed: usize, max_submissions: usize) -> (CacheWriter, Self) {
        let shelf = Shelf {
            orders: BTreeMap::new(),
            submissions: Submissions::new(max_submissions),
            revisions: Revisions::new(max_changed),
        };
        let shelf = Arc::new(RwLock::new(shelf));
        let (sender, revision) = watch::channel(0);
        (CacheWriter { shelf: shelf.clone(), revision: sender }, Self { shelf, revision })
    }

    /// An order, if the cache has it.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Held> {
        // It is unpacked when the lock is free again.
        let kept = self.read().orders.get(id).cloned();
        kept.map(|kept| kept.unpack())
    }

    /// The same as the cache keeps it: costs no more than a pointer.
    #[must_use]
    pub fn packed(&self, id: &str) -> Option<Arc<Packed>> {
        self.read().orders.get(id).map(|kept| kept.order.clone())
    }

    /// Every order in full, oldest first. Many of them take much memory: [`Self::scan`] takes none.
    #[must_use]
    pub fn orders(&self) -> Vec<Held> {
        self.read().orders.values().map(Kept::unpack).collect()
    }

    /// Shows every order to `visit` as the cache keeps it, oldest first. Changes wait until it is done.
    pub fn scan(&self, mut visit: impl FnMut(&Arc<Packed>)) {
        self.read().orders.values().for_each(|kept| visit(&kept.order));
    }

    /// How many orders there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read().orders.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Orders that are being handed in and are not among the others yet, and those that were not accepted.
    #[must_use]
    pub fn submissions(&self) -> Vec<Submission> {
        self.read().submissions.all()
    }

    /// Grows with every batch of changes. The same revision is the same content.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.read().revisions.last()
    }

    /// Tells from now on what changes.
    #[must_use]
    pub fn changes(&self) -> Changes {
        Changes::new(self.clone(), self.revision.clone())
    }

    pub(super) fn with_revisions<T>(&self, read: impl FnOnce(&Revisions) -> T) -> T {
        read(&self.read().revisions)
    }

    fn read(&self) -> RwLockReadGuard<'_, Shelf> {
        self.shelf.read().expect("no writer panics")
    }
}

impl CacheWriter {
    /// Puts changes in place, all at once, and tells readers once.
    pub(super) fn apply(&self, batch: Batch) {
        self.change(|shelf| {
            let ids: Arc<[Arc<str>]> = batch.0.keys().cloned().collect();
            for (id, kept) in batch.0 {
                shelf.submissions.seen(&id);
                match kept {
                    Some(kept) => shelf.orders.insert(id, kept),
                    None => shelf.orders.remove(&id),
                };
            }
            ids
        });
    }

    pub(super) fn get(&self, id: &str) -> Option<Held> {
        let kept = self.shelf.read().expect("no writer panics").orders.get(id).cloned();
        kept.map(|kept| kept.unpack())
    }

    /// An order is being handed in, if there is room for it.
    pub(super) fn begin(&self, submission: Submission) -> Result<(), SubmitError> {
        self.submission(|shelf| shelf.submissions.begin(submission))
    }

    /// How that has come out.
    pub(super) fn end(&self, key: &str, standing: Standing) {
        self.submission(|shelf| {
            let order_id = standing.order_id().cloned();
            shelf.submissions.end(key, standing);
            if let Some(id) = order_id.filter(|id| shelf.orders.contains_key(id)) {
                shelf.submissions.seen(&id);
            }
        });
    }

    /// Nobody wants to see any more that an order was not accepted.
    pub(super) fn dismiss(&self, key: &str) {
        self.submission(|shelf| shelf.submissions.dismiss(key));
    }

    fn submission<T>(&self, change: impl FnOnce(&mut Shelf) -> T) -> T {
        let mut outcome = None;
        self.change(|shelf| {
            outcome = Some(change(shelf));
            Arc::default()
        });
        outcome.expect("the change was made")
    }

    fn change(&self, change: impl FnOnce(&mut Shelf) -> Arc<[Arc<str>]>) {
        let mut shelf = self.write();
        let ids = change(&mut shelf);
        let revision = shelf.revisions.add(ids);
        drop(shelf);
        self.revision.send_replace(revision);
    }

    fn write(&self) -> RwLockWriteGuard<'_, Shelf> {
        self.shelf.write().expect("no reader panics while it holds the lock for writing")
    }
}
