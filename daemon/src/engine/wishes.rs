//! What clients want of orders that somebody has in hand.
//!
//! An order has one owner at a time, and only the owner changes it. A wish is put up here, and whoever has the order or
//! gets it next heeds it: the dispatcher, a worker, a lane before it signs, a tracker.

use super::{
    desk::CancelError,
    job::{Halt, Job, Journal},
};
use crate::{
    order::{Fact, Order, OrderId},
    telemetry::spawn,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{oneshot, watch};

/// What becomes of a wish: the order as it was stored with it.
pub(super) type Answer = Result<Arc<Order>, CancelError>;

/// Orders that clients want cancelled and whose owners do not know yet.
pub(super) struct Wishes {
    open: Mutex<HashMap<OrderId, Wish>>,
    changed: watch::Sender<()>,
}

struct Wish {
    reason: String,
    clients: Vec<oneshot::Sender<Answer>>,
}

impl Wishes {
    pub(super) fn new() -> Self {
        Self { open: Mutex::default(), changed: watch::Sender::new(()) }
    }

    /// Puts up a wish. Whoever wants the same of the order meanwhile shares its answer.
    pub(super) fn put(&self, id: OrderId, reason: String) -> oneshot::Receiver<Answer> {
        let (client, answer) = oneshot::channel();
        let mut open = self.open();
        open.entry(id).or_insert(Wish { reason, clients: Vec::new() }).clients.push(client);
        drop(open);
        self.changed.send_replace(());
        answer
    }

    /// Takes a wish back that nobody has heeded; false when somebody has.
    pub(super) fn take_back(&self, id: OrderId) -> bool {
        self.open().remove(&id).is_some()
    }

    /// Whether something is wanted of the order.
    pub(super) fn is_wanted(&self, id: OrderId) -> bool {
        self.open().contains_key(&id)
    }

    /// Waits until something is wanted of the order.
    pub(super) async fn raised(&self, id: OrderId) {
        let mut changed = self.changed.subscribe();
        while !self.is_wanted(id) {
            if changed.changed().await.is_err() {
                std::future::pending().await
            }
        }
    }

    /// Notes what is wanted of an order, if anything is. The client is told when that is durable.
    pub(super) async fn heed(&self, journal: &Journal, job: &mut Job) -> Result<(), Halt> {
        let Some(Wish { reason, clients }) = self.open().remove(&job.order.id) else {
            return Ok(());
        };
        if let Some(refusal) = job.order.cancel_refusal() {
            tell(clients, &Err(refusal.into()));
            return Ok(());
        }
        if job.order.withdrawal.is_none() {
            journal.note(job, Fact::CancelRequested { reason })?;
        }
        let receipt = journal.write(job, None).await?;
        let order = Arc::new(job.order.clone());
        spawn("answer", async move {
            let answer = receipt.durable().await.map(|_| order).map_err(CancelError::Store);
            tell(clients, &answer);
        });
        Ok(())
    }

    fn open(&self) -> MutexGuard<'_, HashMap<OrderId, Wish>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client that has gone away wants no answer any more.
fn tell(clients: Vec<oneshot::Sender<Answer>>, answer: &Answer) {
    for client in clients {
        client.send(answer.clone()).ok();
    }
}
