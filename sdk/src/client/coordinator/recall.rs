//! Brings orders into the cache that are over: it begins with those that are not.

use super::{
    handle::Coordinator,
    jobs::Done,
    task::{Command, RecallReply, Task},
};
use crate::{
    client::{ClientError, OrdersQuery},
    wire::OrderPage,
};
use std::sync::Arc;
use tokio::sync::oneshot;

/// What was brought into the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recalled {
    /// Orders of the page. They are in the cache with its next revision, unless it had them as they are, or keeps others only.
    pub orders: usize,
    /// Where the next page begins; none after the last.
    pub next_cursor: Option<String>,
}

/// Why orders were not brought into the cache.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RecallError {
    /// The daemon could not be asked, or refused.
    #[error(transparent)]
    Call(Arc<ClientError>),
    /// The connection had a gap meanwhile: what was read may be of another store. Asking again helps.
    #[error("the connection had a gap meanwhile")]
    Gap,
    /// The coordinator has ended.
    #[error("the coordinator has ended")]
    Ended,
}

impl Coordinator {
    /// Brings one page of orders into the cache, whatever they are. From then on they are kept current as all others,
    /// until there are too many: then the oldest that are over go first.
    ///
    /// # Errors
    /// When nothing was brought in.
    pub async fn recall(&self, query: OrdersQuery) -> Result<Recalled, RecallError> {
        let (reply, outcome) = oneshot::channel();
        self.command(Command::Recall { query, reply }).await;
        outcome.await.unwrap_or(Err(RecallError::Ended))
    }
}

impl Task {
    pub(super) fn recall(&mut self, query: OrdersQuery, reply: RecallReply) {
        let (client, round) = (self.client.clone(), self.ledger.round());
        self.jobs.spawn(async move {
            let outcome = client.orders(&query).await;
            Done::Recalled { round, reply, outcome }
        });
    }

    pub(super) fn recalled(
        &mut self,
        round: u32,
        outcome: Result<OrderPage, ClientError>,
    ) -> Result<Recalled, RecallError> {
        let page = outcome.map_err(|error| RecallError::Call(Arc::new(error)))?;
        if round != self.ledger.round() {
            return Err(RecallError::Gap);
        }
        let recalled = Recalled { orders: page.orders.len(), next_cursor: page.next_cursor };
        let cursor = self.position.cursor.unwrap_or(0);
        page.orders.into_iter().for_each(|order| self.absorb(order, cursor));
        Ok(recalled)
    }
}
