//! What a client connects to, and what it says there.

use super::frame::client_text;
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
    /// The reference: events from now on, told by `cursor`.
    Bare,
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
            (Path::Bare, _) => "/".to_owned(),
        };
        format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
    }

    /// The first message of a client, if it has to say something.
    pub(super) fn subscribe(&self, _seen: u64) -> Option<Vec<u8>> {
        match &self.path {
            Path::Order(_) | Path::Bare => None.map(client_text),
        }
    }

    /// The member by which events are told.
    pub(super) fn member(&self) -> &'static [u8] {
        match &self.path {
            Path::Order(_) => br#""seq":"#,
            Path::Bare => br#""cursor":"#,
        }
    }
}
