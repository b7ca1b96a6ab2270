//! What a client connects to, and what it says there.

use super::frame::client_text;
use orderd_sdk::wire::{ClientMessage, Since, SnapshotOf, Subscribe, Topic};
use std::net::SocketAddr;

/// One way to follow events.
#[derive(Clone, Debug)]
pub(crate) struct Aim {
    pub(crate) address: SocketAddr,
    pub(crate) path: Path,
    /// What a client has seen already: it goes on from there.
    pub(crate) resume: Resume,
    pub(crate) reading: Reading,
}

/// Where the events are.
#[derive(Clone, Debug)]
pub(crate) enum Path {
    /// The life of one order. The events of its whole life come, told by `seq`.
    Order(String),
    /// The stream of many subscriptions, with one: the events of all orders from now on, or of one, told by `cursor`.
    Stream(Subscribing),
    /// The reference: events from now on, told by `cursor`.
    Bare,
}

/// What a client of the stream asks for.
#[derive(Clone, Debug)]
pub(crate) struct Subscribing {
    /// Which orders; all when empty.
    pub(crate) ids: Vec<String>,
    /// The epoch of the cursors that it may go on from.
    pub(crate) epoch: String,
}

/// Whether a client goes on from what it has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resume {
    Afresh,
    FromLast,
}

/// Whether a client does its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Always,
    /// Not after the greeting, with the smallest buffer there is.
    Stalls,
}

impl Aim {
    /// The request of the handshake, of a client that has seen everything up to here.
    pub(super) fn request(&self, seen: u64) -> String {
        let path = match (&self.path, self.resume) {
            (Path::Order(id), Resume::Afresh) => format!("/api/orders/status/{id}"),
            (Path::Order(id), Resume::FromLast) => format!("/api/orders/status/{id}?since={seen}"),
            (Path::Stream(_), _) => "/api/stream".to_owned(),
            (Path::Bare, _) => "/".to_owned(),
        };
        format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
    }

    /// The first message of a client, if it has to say something.
    pub(super) fn subscribe(&self, seen: u64) -> Option<Vec<u8>> {
        let Path::Stream(Subscribing { ids, epoch }) = &self.path else {
            return None;
        };
        let subscribe = ClientMessage::Subscribe(Subscribe {
            filter: (!ids.is_empty()).then(|| serde_json::json!({ "ids": ids })),
            snapshot: Some(SnapshotOf::None),
            since: (self.resume == Resume::FromLast)
                .then(|| Since::Cursor { epoch: epoch.clone(), cursor: seen }),
            ..Subscribe::to(Topic::Orders, "bench")
        });
        serde_json::to_string(&subscribe).ok().map(|text| client_text(&text))
    }

    /// The member by which events are told.
    pub(super) fn member(&self) -> &'static [u8] {
        match &self.path {
            Path::Order(_) => br#""seq":"#,
            Path::Stream(_) | Path::Bare => br#""cursor":"#,
        }
    }
}
