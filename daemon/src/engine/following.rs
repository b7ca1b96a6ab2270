//! What others ask of a tracker.

use super::job::Job;
use crate::order::OrderId;
use tokio::sync::mpsc;

/// Hands orders to a tracker.
#[derive(Clone)]
pub(super) struct TrackerHandle(mpsc::Sender<Message>);

/// What a tracker is told.
pub(super) enum Message {
    /// A signed order is to be followed.
    Follow(Job),
    /// A client wants something of an order; perhaps it is here.
    Heed(OrderId),
}

impl TrackerHandle {
    /// A handle, and where its tracker finds the messages.
    pub(super) fn channel(capacity: usize) -> (Self, mpsc::Receiver<Message>) {
        let (sender, receiver) = mpsc::channel(capacity);
        (Self(sender), receiver)
    }

    /// Has a signed order followed. There is always room: the channel holds as many orders as may be open.
    pub(super) async fn follow(&self, job: Job) {
        self.0.send(Message::Follow(job)).await.ok();
    }

    /// Says that something is wanted of an order.
    pub(super) async fn heed(&self, id: OrderId) {
        self.0.send(Message::Heed(id)).await.ok();
    }
}
