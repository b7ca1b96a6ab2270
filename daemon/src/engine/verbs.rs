//! What clients and operators ask of an order that is there: to cancel it, to try it again.

use super::{
    desk::{CancelError, RetryError},
    handle::Shared,
    job::Job,
    signing::Note,
};
use crate::{
    order::{Fact, Order, OrderId, State},
    store::{Change, Urgency},
};
use orderd_sdk::timestamp::Timestamp;
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How long whoever has an order in hand may take to heed a wish.
const HEED: Duration = Duration::from_secs(5);

/// Orders that are being given an attempt at this moment: nobody has them in hand, so nobody else keeps two clients
/// from doing the same.
#[derive(Debug, Default)]
pub(super) struct Grants(Mutex<HashSet<OrderId>>);

/// The right to give an order an attempt.
struct Grant<'a> {
    of: &'a Grants,
    id: OrderId,
}

impl Grants {
    fn begin(&self, id: OrderId) -> Option<Grant<'_>> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.insert(id).then_some(Grant { of: self, id })
    }
}

impl Drop for Grant<'_> {
    fn drop(&mut self) {
        self.of.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

impl Shared {
    pub(super) async fn cancel(
        &self,
        id: OrderId,
        reason: String,
    ) -> Result<Option<Arc<Order>>, CancelError> {
        let Some(order) = self.store.load(id).await? else {
            return Ok(None);
        };
        if matches!(order.state, State::Cancelled) || order.withdrawal.is_some() {
            return Ok(Some(order));
        }
        if let Some(refusal) = order.cancel_refusal() {
            return Err(refusal.into());
        }
        let mut answer = self.wishes.cancel(id, reason);
        self.point_out(&order).await;
        let answered = match tokio::time::timeout(HEED, &mut answer).await {
            Ok(answered) => answered,
            Err(_) if self.wishes.take_back(id) => return Err(CancelError::Busy),
            Err(_) => answer.await,
        };
        answered.unwrap_or(Err(CancelError::Busy)).map(Some)
    }

    /// Tells everybody who may have the order in hand that something is wanted of it.
    async fn point_out(&self, order: &Order) {
        self.dispatcher.heed(order.id).await;
        if let Some(lane) = self.lanes.get(&order.lane()) {
            lane.tell(Note::Heed).await;
        }
        if let Some(tracker) = self.trackers.get(&order.intent.chain) {
            tracker.heed(order.id).await;
        }
    }

    pub(super) async fn retry(&self, id: OrderId) -> Result<Option<Arc<Order>>, RetryError> {
        let _grant = self.grants.begin(id).ok_or(RetryError::Busy)?;
        let Some(order) = self.store.load(id).await? else {
            return Ok(None);
        };
        if matches!(order.state, State::RetryPending { .. }) {
            self.dispatcher.hurry(id).await;
            return Ok(Some(order));
        }
        let now = self.clock.now();
        if let Some(refusal) = self.retry_refusal(&order, now) {
            return Err(refusal);
        }
        if !self.admission.enter() {
            return Err(RetryError::QueueFull { limit: self.admission.limit() });
        }
        let granted = self.grant_attempt(Arc::unwrap_or_clone(order), now).await;
        if granted.is_err() {
            self.admission.leave();
        }
        granted.map(Some)
    }

    /// Why an order is given no attempt by hand, if it is given none. One that waits for its next attempt only has it sooner.
    pub(super) fn retry_refusal(&self, order: &Order, now: Timestamp) -> Option<RetryError> {
        if matches!(order.state, State::RetryPending { .. }) {
            return None;
        }
        if let Some(refusal) = order.retry_refusal(now) {
            return Some(refusal.into());
        }
        let is_served = self.lanes.contains_key(&order.lane());
        (!is_served).then(|| RetryError::NotServed(order.lane()))
    }

    /// Stores the attempt that was granted and hands the order to the dispatcher.
    async fn grant_attempt(&self, mut order: Order, now: Timestamp) -> Result<Arc<Order>, RetryError> {
        let (first_new, queue_position) = (order.events.len(), self.dispatcher.waiting());
        order
            .apply(Fact::RetryRequested { queue_position }, now)
            .expect("nothing speaks against it at this instant");
        let order = Arc::new(order);
        let change =
            Change { order: order.clone(), first_new, lane: None, claim: None, urgency: Urgency::Now };
        self.store.commit(change).await?.durable().await?;
        self.dispatcher.place(Job::logged(order.clone())).await;
        Ok(order)
    }
}
