//! Orders as `GET /api/orders/status/{id}` shows them, encoded once for all who ask while an order stays as it is.
//!
//! The store decides which version is shown, and keeps [how](encode) orders look that are over. Of the others it is remembered
//! here: a version never changes, and no other is ever in its place in memory while it is remembered.

use super::reply;
use crate::order::{Order, OrderId, View};
use bytes::Bytes;
use orderd_sdk::wire::OrderReply;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Orders that are remembered at the most.
const PLACES: usize = 1024;
/// What is longer is encoded each time.
const MAX_BYTES: usize = 8 * 1024;

/// The last replies. Each order has one place, which it shares with others.
#[derive(Debug)]
pub(super) struct Shown(Box<[Mutex<Option<Last>>]>);

#[derive(Debug)]
struct Last {
    /// It keeps the version's place in memory, but not what the version holds elsewhere.
    version: Weak<Order>,
    reply: Bytes,
}

/// The reply that shows an order. It takes no more memory than it has bytes, as it may be kept.
pub(super) fn encode(order: &Order) -> Bytes {
    Bytes::copy_from_slice(&reply::to_json(&OrderReply { success: true, order: View::latest(order) }))
}

impl Default for Shown {
    fn default() -> Self {
        Self((0..PLACES).map(|_| Mutex::default()).collect())
    }
}

impl Shown {
    /// The reply that shows this version of an order.
    pub(super) fn reply(&self, order: &Arc<Order>) -> Bytes {
        let mut last = self.place(order.id).lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = last.as_ref().filter(|last| last.version.as_ptr() == Arc::as_ptr(order)) {
            return known.reply.clone();
        }
        let reply = encode(order);
        if reply.len() <= MAX_BYTES {
            *last = Some(Last { version: Arc::downgrade(order), reply: reply.clone() });
        }
        reply
    }

    /// The last bytes of an id are chance.
    fn place(&self, id: OrderId) -> &Mutex<Option<Last>> {
        let [.., high, low] = id.to_bytes();
        &self.0[usize::from(u16::from_be_bytes([high, low])) % PLACES]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::samples;

    fn shown(order: &Order) -> Vec<u8> {
        reply::to_json(&OrderReply { success: true, order: View::latest(order) }).to_vec()
    }

    #[test]
    fn a_version_is_encoded_once_and_another_anew() {
        let replies = Shown::default();
        let whole = samples::eventful();
        let early = Arc::new(Order { events: whole.events[..2].to_vec(), ..whole.clone() });
        let late = Arc::new(whole);
        let first = replies.reply(&early);
        assert_eq!(first.as_ptr(), replies.reply(&early).as_ptr());
        for order in [&early, &late, &early, &late] {
            assert_eq!(replies.reply(order), shown(order));
        }
    }

    #[test]
    fn no_version_is_taken_for_one_that_is_gone() {
        let replies = Shown::default();
        let mut order = samples::eventful();
        while !order.events.is_empty() {
            // Each of them is free to lie where the one before it was.
            assert_eq!(replies.reply(&Arc::new(order.clone())), shown(&order));
            order.events.pop();
        }
    }

    #[test]
    fn what_is_long_is_not_remembered() {
        let replies = Shown::default();
        let mut intent = samples::intent();
        intent.labels.insert("note".to_owned(), "x".repeat(MAX_BYTES));
        let order = Arc::new(samples::accepted(intent));
        assert_eq!(replies.reply(&order), shown(&order));
        assert!(replies.place(order.id).lock().unwrap().is_none());
    }
}
