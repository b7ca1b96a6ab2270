//! The engine as its clients see it.

use super::place::Standing;
use crate::{
    order::{CancelRefusal, Lane, Order, OrderId, RetryRefusal},
    store::{Claim, Epoch, ListQuery, Page, StoreError},
};
use async_trait::async_trait;
use orderd_sdk::wire::{ExecuteRequest, FieldProblem, OrderStatus};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

/// Where orders are handed in and looked up.
#[async_trait]
pub trait Desk: Send + Sync {
    /// Takes an order. When this returns, the order is on stable storage and will be executed, whatever happens
    /// to the caller. With a claim, the same request under the same key gives the same order again.
    ///
    /// # Errors
    /// When nothing was accepted; see [`SubmitError`].
    async fn submit(&self, request: ExecuteRequest, claim: Option<Claim>) -> Result<Submitted, SubmitError>;

    /// An order as of its last durable event.
    ///
    /// # Errors
    /// When its record cannot be read.
    async fn load(&self, id: OrderId) -> Result<Option<Arc<Order>>, StoreError>;

    /// Orders as of their last durable event, newest first.
    ///
    /// # Errors
    /// When a record cannot be read.
    async fn list(&self, query: ListQuery) -> Result<Page, StoreError>;

    /// Has an order end without effect, if that can still be: at once when nothing of it was signed, else by putting a
    /// transaction without effect in the place of what was; what the chain includes decides. When this returns, the wish
    /// is on stable storage. Wishing for it twice does no harm. None when there is no such order.
    ///
    /// # Errors
    /// When it cannot be cancelled, or not now; see [`CancelError`].
    async fn cancel(&self, id: OrderId, reason: String) -> Result<Option<Arc<Order>>, CancelError>;

    /// Gives a failed order one more attempt, under all the rules of any other; an order that waits for its next attempt
    /// has it at once. When this returns, that is on stable storage. None when there is no such order.
    ///
    /// # Errors
    /// When it gets none; see [`RetryError`].
    async fn retry(&self, id: OrderId) -> Result<Option<Arc<Order>>, RetryError>;

    /// Why an order that stands so would be given no attempt by [`retry`](Self::retry) now, if it would not: the same rules,
    /// and nothing is done. Whether there is a place for it is told then only.
    fn retry_refusal(&self, order: &Order) -> Option<RetryError>;

    /// How many orders that are not over stand in each status.
    fn live_counts(&self) -> BTreeMap<OrderStatus, u64>;

    /// The log's epoch, and the cursor of its last durable event.
    fn position(&self) -> (Epoch, u64);

    /// To which orders the events after this cursor belong; see [`Store::history`](crate::store::Store::history).
    fn history(&self, after: u64, limit: usize) -> Option<Vec<OrderId>>;

    /// Every order that is not over, and the cursor of the last event that they and all others may hold; see
    /// [`Store::live_at`](crate::store::Store::live_at).
    fn live_at(&self) -> (Vec<Arc<Order>>, u64);

    /// Whether orders are taken.
    fn phase(&self) -> Phase;

    /// How far the start has come, and which lanes sign.
    fn readiness(&self) -> Readiness;
}

/// Whether orders are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// They are.
    Running,
    /// Not any more: the daemon finishes what is in hand and shuts down.
    Draining,
}

/// How far the start has come, and which lanes sign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    /// What became of the orders from before the start.
    pub recovery: Recovery,
    /// Every lane.
    pub lanes: Vec<(Lane, Standing)>,
}

/// The orders from before the start. No lane signs before those that were signed have been looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Orders that were open.
    pub orders: usize,
    /// Those of them that were signed, by chain: they are looked up.
    pub signed: BTreeMap<String, usize>,
    /// Chains that have not spoken about all of theirs.
    pub waits_for: BTreeSet<String>,
    /// How long it took, or has taken so far.
    pub took: Duration,
}

/// An accepted order.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// The order.
    pub order: Arc<Order>,
    /// Whether it was accepted from an earlier request with the same idempotency key.
    pub replayed: bool,
}

/// Why an order was not accepted. Nothing of it is kept.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SubmitError {
    /// Fields were refused.
    #[error("the order has {} problems", .0.len())]
    Invalid(Vec<FieldProblem>),
    /// Too many orders are open.
    #[error("{limit} orders are open, no more are taken for now")]
    QueueFull {
        /// How many may be.
        limit: usize,
    },
    /// The daemon is shutting down.
    #[error("the daemon is shutting down")]
    Draining,
    /// The idempotency key was used with another request.
    #[error("the idempotency key belongs to another request")]
    KeyReused,
    /// It could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an order was not cancelled. Nothing was changed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CancelError {
    /// It cannot be.
    #[error(transparent)]
    Refused(#[from] CancelRefusal),
    /// Whoever has the order in hand did not come to it in time.
    #[error("the order is in hand and could not be reached in time")]
    Busy,
    /// The daemon is shutting down.
    #[error("the daemon is shutting down")]
    Draining,
    /// It could not be read or stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an order got no attempt by hand. Nothing was changed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RetryError {
    /// It may not have one.
    #[error(transparent)]
    Refused(#[from] RetryRefusal),
    /// Its account is not configured any more.
    #[error("account {0} is not configured")]
    NotServed(Lane),
    /// Somebody else is giving it one at this moment.
    #[error("the order is being retried already")]
    Busy,
    /// Too many orders are open.
    #[error("{limit} orders are open, no more are taken for now")]
    QueueFull {
        /// How many may be.
        limit: usize,
    },
    /// The daemon is shutting down.
    #[error("the daemon is shutting down")]
    Draining,
    /// It could not be read or stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}
