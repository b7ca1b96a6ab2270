//! The engine as its clients see it.

use crate::{
    order::{Order, OrderId},
    store::{Claim, Epoch, ListQuery, Page, StoreError},
};
use async_trait::async_trait;
use orderd_sdk::wire::{ExecuteRequest, FieldProblem, OrderStatus};
use std::{collections::BTreeMap, sync::Arc};

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

    /// How many orders that are not over stand in each status.
    fn live_counts(&self) -> BTreeMap<OrderStatus, u64>;

    /// The log's epoch, and the cursor of its last durable event.
    fn position(&self) -> (Epoch, u64);

    /// Whether orders are taken.
    fn phase(&self) -> Phase;
}

/// Whether orders are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// They are.
    Running,
    /// Not any more: the daemon finishes what is in hand and shuts down.
    Draining,
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
