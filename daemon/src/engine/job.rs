//! An order in somebody's hands: exactly one owner at a time changes it and writes it down.

use crate::{
    order::{Fact, IllegalTransition, Order},
    store::{Change, LaneAdvance, Receipt, Store, StoreError, Urgency},
    telemetry::Clock,
};
use std::sync::Arc;

/// An order that is being worked on, and how much of it is in the log.
#[derive(Debug)]
pub(super) struct Job {
    /// The store and its readers share its versions, so that nothing is copied before the next step.
    pub(super) order: Arc<Order>,
    /// Events that the log already has.
    logged: usize,
}

/// Why work on an order cannot go on in this process.
#[derive(Debug, thiserror::Error)]
pub(super) enum Halt {
    /// The log is gone; the daemon has to stop.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A bug: the order is set aside as it was, and taken up again at the next start.
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
    /// A bug, here or in a plugin that is linked in: likewise.
    #[error("the work on the order panicked")]
    Panicked,
}

impl Halt {
    /// The part that should have answered is gone.
    pub(super) fn closed() -> Self {
        Self::Store(StoreError::Closed)
    }

    /// How a part of the engine ends by this: well, when the log was closed because the daemon ends.
    pub(super) fn end(self) -> Result<(), Self> {
        match self {
            Self::Store(StoreError::Closed) => Ok(()),
            Self::Store(_) | Self::Illegal(_) | Self::Panicked => Err(self),
        }
    }
}

/// Writes orders down.
#[derive(Clone)]
pub(super) struct Journal {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Job {
    /// An order all of whose events are in the log.
    pub(super) fn logged(order: Arc<Order>) -> Self {
        let logged = order.events.len();
        Self { order, logged }
    }
}

impl Journal {
    pub(super) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// Notes a fact in memory; [`Journal::write`] follows before anything is done about it.
    pub(super) fn note(&self, job: &mut Job, fact: Fact) -> Result<(), Halt> {
        Ok(Arc::make_mut(&mut job.order).apply(fact, self.clock.now())?)
    }

    /// Notes several.
    pub(super) fn note_all(&self, job: &mut Job, facts: impl IntoIterator<Item = Fact>) -> Result<(), Halt> {
        facts.into_iter().try_for_each(|fact| self.note(job, fact))
    }

    /// Puts what was noted into the log. It is durable when the receipt says so.
    pub(super) async fn write(&self, job: &mut Job, lane: Option<LaneAdvance>) -> Result<Receipt, Halt> {
        self.commit(job, lane, Urgency::Now).await
    }

    /// Notes a fact and puts it into the log, for steps that nothing outside depends on.
    pub(super) async fn record(&self, job: &mut Job, fact: Fact) -> Result<(), Halt> {
        self.note(job, fact)?;
        self.write(job, None).await.map(drop)
    }

    /// The same, for steps that another one most often follows at once: one record does for both then.
    pub(super) async fn record_soon(&self, job: &mut Job, fact: Fact) -> Result<(), Halt> {
        self.note(job, fact)?;
        self.commit(job, None, Urgency::Soon).await.map(drop)
    }

    async fn commit(
        &self,
        job: &mut Job,
        lane: Option<LaneAdvance>,
        urgency: Urgency,
    ) -> Result<Receipt, Halt> {
        let (order, first_new) = (job.order.clone(), job.logged);
        job.logged = order.events.len();
        Ok(self.store.commit(Change { order, first_new, lane, claim: None, urgency }).await?)
    }
}
