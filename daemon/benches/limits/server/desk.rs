//! A desk without an engine: its orders are there to be looked up, and nothing can be done to them.

use async_trait::async_trait;
use orderd::{
    engine::{CancelError, Desk, Phase, Readiness, RetryError, SubmitError, Submitted},
    order::{Order, OrderId},
    store::{Claim, Epoch, ListQuery, Page, StoreError},
};
use orderd_sdk::wire::{ExecuteRequest, OrderStatus};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

/// Its cursors are of this epoch.
pub(super) const EPOCH: Epoch = Epoch(7);

/// Orders as they stand.
#[derive(Default)]
pub(super) struct StagedDesk {
    book: RwLock<Book>,
}

#[derive(Default)]
struct Book {
    orders: HashMap<OrderId, Arc<Order>>,
    /// The order of each event, by cursor from 1 on.
    log: Vec<OrderId>,
}

impl StagedDesk {
    /// From now on the order stands so.
    pub(super) fn show(&self, order: &Arc<Order>) {
        let mut book = self.book.write().unwrap_or_else(PoisonError::into_inner);
        let shown = book.orders.get(&order.id).map_or(0, |order| order.seq());
        book.log.extend((shown..order.seq()).map(|_| order.id));
        book.orders.insert(order.id, Arc::clone(order));
    }

    fn book(&self) -> RwLockReadGuard<'_, Book> {
        self.book.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Desk for StagedDesk {
    async fn submit(&self, _: ExecuteRequest, _: Option<Claim>) -> Result<Submitted, SubmitError> {
        Err(SubmitError::Draining)
    }

    async fn load(&self, id: OrderId) -> Result<Option<Arc<Order>>, StoreError> {
        Ok(self.book().orders.get(&id).cloned())
    }

    async fn list(&self, _: ListQuery) -> Result<Page, StoreError> {
        Ok(Page::default())
    }

    async fn cancel(&self, _: OrderId, _: String) -> Result<Option<Arc<Order>>, CancelError> {
        Err(CancelError::Draining)
    }

    async fn retry(&self, _: OrderId) -> Result<Option<Arc<Order>>, RetryError> {
        Err(RetryError::Draining)
    }

    fn retry_refusal(&self, _: &Order) -> Option<RetryError> {
        Some(RetryError::Draining)
    }

    fn live_counts(&self) -> BTreeMap<OrderStatus, u64> {
        BTreeMap::new()
    }

    fn position(&self) -> (Epoch, u64) {
        (EPOCH, self.book().log.len() as u64)
    }

    fn history(&self, after: u64, limit: usize) -> Option<Vec<OrderId>> {
        let book = self.book();
        let after = usize::try_from(after).ok()?;
        Some(book.log.get(after..)?.iter().take(limit).copied().collect())
    }

    fn live_at(&self) -> (Vec<Arc<Order>>, u64) {
        let book = self.book();
        (book.orders.values().cloned().collect(), book.log.len() as u64)
    }

    fn phase(&self) -> Phase {
        Phase::Running
    }

    fn readiness(&self) -> Readiness {
        Readiness::default()
    }
}
