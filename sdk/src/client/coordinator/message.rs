//! What the daemon says, read only as far as it is needed: most of an event is the order, and an event that was seen
//! before is not worth reading it.

use crate::wire::{
    Connection, GapReason, LogLine, LogMessage, OrderDto, OrderMessage, Signal, Snapshot, Subscribed, Topic,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// One message of the daemon.
#[derive(Debug)]
pub(super) enum Message<'a> {
    Connection(Connection),
    Subscribed {
        id: String,
        recovered: bool,
        cursor: u64,
    },
    Snapshot(Snapshot),
    Event(Event<'a>),
    Gap {
        id: String,
        reason: GapReason,
        cursor: u64,
        missed: Option<u64>,
    },
    /// A topic's object, to be read as what the topic has.
    Topic(Topic, &'a str),
    Logs {
        id: String,
        lines: Vec<LogLine>,
    },
    /// `ping` and `pong` tell the same.
    Sign {
        cursor: u64,
        top: u64,
    },
    Error {
        code: String,
        detail: String,
        id: Option<String>,
    },
    Reconnect {
        after_ms: u64,
    },
    /// What needs no answer, and what later daemons may say.
    Other,
}

/// An event whose order was not read yet.
#[derive(Debug)]
pub(super) struct Event<'a> {
    text: &'a str,
    pub(super) order_id: Cow<'a, str>,
    pub(super) seq: u64,
    pub(super) cursor: u64,
    order: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    order_id: Option<Cow<'a, str>>,
    #[serde(default)]
    seq: Option<u64>,
    #[serde(default)]
    cursor: Option<u64>,
    #[serde(borrow, default)]
    order: Option<&'a RawValue>,
}

impl<'a> Message<'a> {
    /// Reads a message.
    pub(super) fn read(text: &'a str) -> Result<Self, serde_json::Error> {
        let envelope: Envelope<'_> = serde_json::from_str(text)?;
        if let Envelope {
            order_id: Some(order_id),
            seq: Some(seq),
            cursor: Some(cursor),
            order: Some(order),
            ..
        } = envelope
        {
            return Ok(Self::Event(Event { text, order_id, seq, cursor, order }));
        }
        match &*envelope.kind {
            "connection" => of(text).map(Self::Connection),
            "subscribed" => of(text).map(|Subscribed { id, recovered, cursor, .. }| Self::Subscribed {
                id,
                recovered,
                cursor,
            }),
            "snapshot" => of(text).map(Self::Snapshot),
            "logs" => of(text).map(|LogMessage { id, lines }| Self::Logs { id, lines }),
            "ping" | "pong" | "gap" | "error" | "reconnect" => of(text).map(Self::signal),
            kind => Ok(topic(kind).map_or(Self::Other, |topic| Self::Topic(topic, text))),
        }
    }

    fn signal(signal: Signal) -> Self {
        match signal {
            Signal::Ping { cursor, top } | Signal::Pong { cursor, top } => Self::Sign { cursor, top },
            Signal::Gap { id, reason, cursor, missed } => Self::Gap { id, reason, cursor, missed },
            Signal::Error { code, detail, id } => Self::Error { code, detail, id },
            Signal::Reconnect { after_ms } => Self::Reconnect { after_ms },
            Signal::Unsubscribed { .. } | Signal::Authenticated { .. } => Self::Other,
        }
    }
}

impl Event<'_> {
    /// The order as it stood after the event.
    pub(super) fn order(&self) -> Result<OrderDto, serde_json::Error> {
        serde_json::from_str(self.order.get())
    }

    /// All of it.
    pub(super) fn message(&self) -> Result<OrderMessage, serde_json::Error> {
        of(self.text)
    }
}

fn of<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text)
}

fn topic(kind: &str) -> Option<Topic> {
    match kind {
        "queue" => Some(Topic::Queue),
        "venues" => Some(Topic::Venues),
        "clients" => Some(Topic::Clients),
        "status" => Some(Topic::Status),
        "actions" => Some(Topic::Actions),
        _ => None,
    }
}
