//! One reader's place in the life of one order.

use super::{Bus, Frame, topic::Topic};
use crate::order::{Order, OrderId};
use std::sync::Arc;
use tokio::sync::watch;

/// Reads the events of one order, each once, in order. Dropping it ends the subscription.
#[derive(Debug)]
pub struct Subscription {
    bus: Arc<Bus>,
    id: OrderId,
    topic: Arc<Topic>,
    newest: watch::Receiver<Option<Arc<Order>>>,
    next: u64,
}

impl Subscription {
    pub(super) fn new(bus: Arc<Bus>, id: OrderId, topic: Arc<Topic>, next: u64) -> Self {
        let newest = topic.watch();
        Self { bus, id, topic, newest, next }
    }

    /// Adds what was loaded after the subscription began; all readers of the order profit.
    pub fn offer(&self, order: &Arc<Order>) {
        self.topic.offer(order);
    }

    /// The next event, if it has happened.
    pub fn next_frame(&mut self) -> Option<Frame> {
        let frame = self.topic.frame(self.next)?;
        self.next += 1;
        Some(frame)
    }

    /// Waits until there is more to read. May return although there is not. Cancelling it loses nothing.
    pub async fn changed(&mut self) {
        self.newest
            .changed()
            .await
            .expect("the topic holds the sender and lives as long as this subscription");
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.bus.leave(self.id);
    }
}
