//! What has come up about orders that somebody has in hand: a client wants one cancelled, a lane has seen that one's
//! approval was undone.
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
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, oneshot};

/// What becomes of a wish: the order as it was stored with it.
pub(super) type Answer = Result<Arc<Order>, CancelError>;

/// What the owners of orders do not know yet.
pub(super) struct Wishes {
    open: Mutex<FxHashMap<OrderId, Wish>>,
    changed: Notify,
}

/// What has come up about one order.
#[derive(Default)]
struct Wish {
    /// A client wants it cancelled.
    cancel: Option<Cancel>,
    /// The approval at this sequence is in no block any more.
    undone: Option<u64>,
}

struct Cancel {
    reason: String,
    clients: Vec<oneshot::Sender<Answer>>,
}

impl Wishes {
    pub(super) fn new() -> Self {
        Self { open: Mutex::default(), changed: Notify::new() }
    }

    /// Puts up that a client wants the order cancelled. Whoever wants the same meanwhile shares its answer.
    pub(super) fn cancel(&self, id: OrderId, reason: String) -> oneshot::Receiver<Answer> {
        let (client, answer) = oneshot::channel();
        let mut open = self.open();
        let cancel = &mut open.entry(id).or_default().cancel;
        cancel.get_or_insert(Cancel { reason, clients: Vec::new() }).clients.push(client);
        drop(open);
        self.changed.notify_waiters();
        answer
    }

    /// Takes a client's wish back that nobody has heeded; false when somebody has.
    pub(super) fn take_back(&self, id: OrderId) -> bool {
        let mut open = self.open();
        let Some(wish) = open.get_mut(&id) else {
            return false;
        };
        let taken = wish.cancel.take().is_some();
        if wish.undone.is_none() {
            open.remove(&id);
        }
        taken
    }

    /// Puts up that an approval of the order was undone.
    pub(super) fn undone(&self, id: OrderId, sequence: u64) {
        self.open().entry(id).or_default().undone = Some(sequence);
        self.changed.notify_waiters();
    }

    /// Whether something has come up about the order.
    pub(super) fn is_wanted(&self, id: OrderId) -> bool {
        self.open().contains_key(&id)
    }

    /// Waits until something has.
    pub(super) async fn raised(&self, id: OrderId) {
        loop {
            // It hears of every change from here on, also before it is waited for.
            let changed = self.changed.notified();
            if self.is_wanted(id) {
                return;
            }
            changed.await;
        }
    }

    /// Notes what has come up about an order, if anything has. A client is told when that is durable.
    pub(super) async fn heed(&self, journal: &Journal, job: &mut Job) -> Result<(), Halt> {
        let Some(Wish { cancel, undone }) = self.open().remove(&job.order.id) else {
            return Ok(());
        };
        if let Some(sequence) = undone.filter(|sequence| job.order.lacks_approval(*sequence)) {
            journal.record(job, Fact::ApprovalUndone { sequence }).await?;
        }
        match cancel {
            Some(cancel) => note_cancel(journal, job, cancel).await,
            None => Ok(()),
        }
    }

    fn open(&self) -> MutexGuard<'_, FxHashMap<OrderId, Wish>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn note_cancel(journal: &Journal, job: &mut Job, cancel: Cancel) -> Result<(), Halt> {
    let Cancel { reason, clients } = cancel;
    if let Some(refusal) = job.order.cancel_refusal() {
        tell(clients, &Err(refusal.into()));
        return Ok(());
    }
    if job.order.withdrawal.is_none() {
        journal.note(job, Fact::CancelRequested { reason })?;
    }
    let receipt = journal.write(job, None).await?;
    let order = job.order.clone();
    spawn("answer", async move {
        let answer = receipt.durable().await.map(|_| order).map_err(CancelError::Store);
        tell(clients, &answer);
    });
    Ok(())
}

/// A client that has gone away wants no answer any more.
fn tell(clients: Vec<oneshot::Sender<Answer>>, answer: &Answer) {
    for client in clients {
        client.send(answer.clone()).ok();
    }
}
