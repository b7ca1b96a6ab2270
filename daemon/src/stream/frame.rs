//! An event in the form in which it goes out.

use crate::order::{Order, messages};
use hyper_tungstenite::tungstenite::Utf8Bytes;

/// One event, encoded once and shared by all readers of its order. Cloning shares the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The event's number in its order.
    pub seq: u64,
    /// The event's place among the events of all orders.
    pub cursor: u64,
    /// An [`OrderMessage`](orderd_sdk::wire::OrderMessage) as JSON.
    pub json: Utf8Bytes,
}

impl Frame {
    /// The order's events from `from_seq` on.
    pub(super) fn encode(order: &Order, from_seq: u64) -> impl Iterator<Item = Self> {
        messages(order, from_seq).into_iter().map(|message| Self {
            seq: message.seq,
            cursor: message.cursor,
            json: serde_json::to_string(&message).expect("an order's message has string keys only").into(),
        })
    }
}
