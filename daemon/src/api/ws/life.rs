//! The life of one order, as a source of messages.

use super::{Pipe, Progress};
use crate::stream::{Hub, Subscription};

/// Tells one order's events, from where the client wants to begin. It never has a gap.
pub(super) struct Life {
    subscription: Subscription,
    /// Everything up to this event of all was told, as far as it is this order's.
    complete: u64,
}

impl Life {
    pub(super) fn new(subscription: Subscription) -> Self {
        Self { subscription, complete: 0 }
    }

    pub(super) fn pull(&mut self, hub: &Hub, pipe: &mut Pipe) -> Progress {
        // Looked at first: what is told up to here is in the order when it is read.
        let told = hub.told();
        while !pipe.is_full() {
            let Some(event) = self.subscription.next_frame() else {
                self.complete = self.complete.max(told);
                return Progress::Drained;
            };
            pipe.push(&event.frame);
            self.complete = self.complete.max(event.cursor);
        }
        Progress::More
    }

    pub(super) fn complete(&self) -> u64 {
        self.complete
    }
}
