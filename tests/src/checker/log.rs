//! What one client did and heard, over all its connections.

use super::message::{Heard, Mishap, Reading};
use orderd_sdk::wire::{ClientMessage, OrderChanges};
use std::sync::Arc;

/// Where a connection leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `/api/stream`.
    Stream,
    /// `/api/orders/status/{id}`, from `?since=` on.
    Order {
        /// The order.
        id: String,
        /// The parameter.
        since: Option<u64>,
    },
}

/// One thing that a client did or heard.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    Connected(Target),
    Said(ClientMessage),
    Heard(Heard),
    Closed(u16),
    Polled { since: u64, page: OrderChanges },
}

/// A client's record of everything. It may be any client: messages are given as their texts.
#[derive(Clone, Debug)]
pub struct Log {
    name: String,
    pub(super) entries: Vec<Entry>,
    reading: Arc<Reading>,
}

impl Log {
    pub(super) fn new(name: &str, reading: Arc<Reading>) -> Self {
        Self { name: name.to_owned(), entries: Vec::new(), reading }
    }

    /// The client's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A new connection is open; the one before has ended.
    pub fn connected(&mut self, target: Target) {
        self.entries.push(Entry::Connected(target));
    }

    /// The client sends this; tells whether it is a message of a client at all.
    pub fn said(&mut self, text: &str) -> bool {
        let message = serde_json::from_str(text);
        let is_message = message.is_ok();
        self.entries.extend(message.map(Entry::Said));
        is_message
    }

    /// The daemon sends this; it is returned as it is understood.
    pub fn heard(&mut self, text: &str) -> Heard {
        let heard = self.reading.read(text);
        self.entries.push(Entry::Heard(heard.clone()));
        heard
    }

    /// The daemon closes the connection with this code.
    pub fn closed(&mut self, code: u16) {
        self.reading.note(Mishap::Closed(code));
        self.entries.push(Entry::Closed(code));
    }

    /// `GET /api/orders?since=` was answered so. Between connections it takes the place of every subscription.
    pub fn polled(&mut self, since: u64, page: OrderChanges) {
        self.entries.push(Entry::Polled { since, page });
    }
}
