//! Messages of the daemon, read from their text.

use orderd_sdk::wire::{Connection, GapReason, OrderMessage, OrderStatus, Signal, Snapshot, Subscribed};
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A message of the daemon.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// The greeting.
    Connection(Connection),
    /// A subscription begins.
    Subscribed(Box<Subscribed>),
    /// A page of a snapshot.
    Snapshot(Snapshot),
    /// An event.
    Event(Arc<OrderMessage>),
    /// Anything else that this protocol has.
    Signal(Signal),
    /// Of another type, which clients ignore.
    Other(String),
    /// Of a known type, or of none, and not to be read.
    Unreadable(String),
}

#[derive(Deserialize)]
struct Outline<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
}

/// What a client may meet that a run is meant to bring about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// A gap was announced.
    Gap(GapReason),
    /// The daemon closed the connection with this code.
    Closed(u16),
}

/// Reads messages. An event comes to many clients in the same bytes: it is read once and kept once.
#[derive(Debug, Default)]
pub(super) struct Reading {
    events: Mutex<HashMap<Box<str>, Arc<OrderMessage>>>,
    mishaps: Mutex<Vec<Mishap>>,
}

impl Reading {
    pub(super) fn read(&self, text: &str) -> Heard {
        if let Some(event) = self.events().get(text) {
            return Heard::Event(event.clone());
        }
        let kind = match serde_json::from_str::<Outline<'_>>(text) {
            Ok(outline) => outline.kind,
            Err(error) => return unreadable(text, &error),
        };
        match kind.as_ref() {
            "connection" => parse(text, Heard::Connection),
            "subscribed" => parse(text, |subscribed| Heard::Subscribed(Box::new(subscribed))),
            "snapshot" => parse(text, Heard::Snapshot),
            "ping" | "pong" | "unsubscribed" | "gap" | "authenticated" | "error" | "reconnect" => {
                let heard = parse(text, Heard::Signal);
                if let Heard::Signal(Signal::Gap { reason, .. }) = &heard {
                    self.note(Mishap::Gap(*reason));
                }
                heard
            }
            status if status.parse::<OrderStatus>().is_ok() => self.event(text),
            other => Heard::Other(other.to_owned()),
        }
    }

    fn event(&self, text: &str) -> Heard {
        let read = parse(text, |event| Heard::Event(Arc::new(event)));
        if let Heard::Event(event) = &read {
            self.events().insert(text.into(), event.clone());
        }
        read
    }

    pub(super) fn note(&self, mishap: Mishap) {
        let mut mishaps = self.mishaps();
        if !mishaps.contains(&mishap) {
            mishaps.push(mishap);
        }
    }

    pub(super) fn has_met(&self, mishap: Mishap) -> bool {
        self.mishaps().contains(&mishap)
    }

    fn mishaps(&self) -> MutexGuard<'_, Vec<Mishap>> {
        self.mishaps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn events(&self) -> MutexGuard<'_, HashMap<Box<str>, Arc<OrderMessage>>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn parse<T: DeserializeOwned>(text: &str, heard: impl FnOnce(T) -> Heard) -> Heard {
    serde_json::from_str(text).map_or_else(|error| unreadable(text, &error), heard)
}

fn unreadable(text: &str, error: &serde_json::Error) -> Heard {
    let start: String = text.chars().take(200).collect();
    Heard::Unreadable(format!("{error}: {start}"))
}
