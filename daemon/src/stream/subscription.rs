//! One reader's place in the life of one order.

use super::{Bell, Hub, Numbered, topic::Topic};
use crate::order::{Order, OrderId};
use std::sync::Arc;

/// Reads the events of one order, each once, in order. Dropping it ends the subscription.
#[derive(Debug)]
pub struct Subscription {
    hub: Arc<Hub>,
    id: OrderId,
    topic: Arc<Topic>,
    reader: u64,
    bell: Arc<Bell>,
    next: u64,
}

impl Subscription {
    pub(super) fn new(
        hub: Arc<Hub>,
        id: OrderId,
        topic: Arc<Topic>,
        (reader, bell): (u64, Arc<Bell>),
        next: u64,
    ) -> Self {
        Self { hub, id, topic, reader, bell, next }
    }

    /// Adds what was loaded after the subscription began; all readers of the order profit.
    pub fn offer(&self, order: &Arc<Order>) {
        self.topic.offer(order);
    }

    /// The next event, if it has happened.
    pub fn next_frame(&mut self) -> Option<Numbered> {
        let frame = self.topic.frame(self.next, |cursor, make| self.hub.share(cursor, make))?;
        self.next += 1;
        Some(frame)
    }

    /// Waits until there is more to read. May return although there is not. Cancelling it loses nothing.
    pub async fn changed(&self) {
        self.bell.rung().await;
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.topic.leave(self.reader);
        self.hub.leave(self.id);
    }
}
