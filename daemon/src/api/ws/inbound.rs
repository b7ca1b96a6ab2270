//! What clients say on a stream, read without any consequence.

use hyper_tungstenite::tungstenite::Message;
use orderd_sdk::wire::{ClientMessage, Signal};
use serde::Deserialize;
use std::borrow::Cow;

/// Words of a client that are quoted back to it, in bytes.
const MAX_QUOTED: usize = 200;

/// Why a message of the client is not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Stable, for programs.
    pub(super) code: &'static str,
    /// For people.
    pub(super) detail: String,
    /// The subscription it is about.
    pub(super) id: Option<String>,
}

/// As much of a message as tells what it wants to be.
#[derive(Deserialize)]
struct Outline<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(default)]
    id: Option<serde_json::Value>,
}

/// Reads a message of the client; none when it is for the WebSocket library.
pub(super) fn read(message: &Message) -> Option<Result<ClientMessage, Refusal>> {
    match message {
        Message::Text(text) => Some(read_text(text)),
        Message::Binary(_) => Some(Err(Refusal::of("unknown-message", "this stream takes text only"))),
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => None,
    }
}

fn read_text(text: &str) -> Result<ClientMessage, Refusal> {
    let outline: Outline<'_> = serde_json::from_str(text)
        .map_err(|_| Refusal::of("malformed-message", "expected a JSON object with a type"))?;
    let id = outline.id.as_ref().and_then(|id| id.as_str()).map(quoted);
    match outline.kind.as_ref() {
        "ping" => Ok(ClientMessage::Ping),
        "pong" => Ok(ClientMessage::Pong),
        "subscribe" | "unsubscribe" | "auth" => serde_json::from_str(text)
            .map_err(|error| Refusal { id, ..Refusal::of("malformed-message", quoted(&error.to_string())) }),
        _ => Err(Refusal {
            id,
            ..Refusal::of("unknown-message", "known types: subscribe, unsubscribe, auth, ping, pong")
        }),
    }
}

fn quoted(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_QUOTED)].to_owned()
}

impl Refusal {
    pub(super) fn of(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), id: None }
    }

    /// It is about this subscription.
    pub(super) fn about(self, id: &str) -> Self {
        Self { id: Some(quoted(id)), ..self }
    }

    /// What the client is told.
    pub(super) fn signal(self) -> Signal {
        Signal::Error { code: self.code.to_owned(), detail: self.detail, id: self.id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_is_read_or_refused_by_name() {
        let said = |text: &str| match read(&Message::text(text)) {
            Some(Err(refusal)) => refusal.code,
            Some(Ok(ClientMessage::Ping)) => "ping",
            Some(Ok(ClientMessage::Pong)) => "pong",
            Some(Ok(ClientMessage::Unsubscribe { .. })) => "unsubscribe",
            Some(Ok(ClientMessage::Subscribe(_))) => "subscribe",
            Some(Ok(ClientMessage::Auth { .. })) => "auth",
            None => "nothing",
        };
        assert_eq!(said(r#"{"type":"ping"}"#), "ping");
        assert_eq!(said(r#"{"type":"p\u0069ng","id":1}"#), "ping");
        assert_eq!(said(r#"{"type":"pong"}"#), "pong");
        assert_eq!(said(r#"{"type":"subscribe","id":"a","topic":"orders"}"#), "subscribe");
        assert_eq!(said(r#"{"type":"unsubscribe","id":"a"}"#), "unsubscribe");
        assert_eq!(said(r#"{"type":"auth","token":"x"}"#), "auth");
        for malformed in ["", "ping", "[1", "{}", "null", r#"{"type":1}"#, r#"{"type":"subscribe","id":"a"}"#]
        {
            assert_eq!(said(malformed), "malformed-message", "{malformed}");
        }
        assert_eq!(said(r#"{"type":"shout"}"#), "unknown-message");
        let Some(Err(refusal)) = read(&Message::binary(vec![1])) else { panic!("read") };
        assert_eq!(refusal.code, "unknown-message");
        assert!(read(&Message::Ping(vec![1].into())).is_none());
    }

    #[test]
    fn a_refusal_names_the_subscription_and_what_is_wrong() {
        let text = r#"{"type":"subscribe","id":"mine","topic":"ordres"}"#;
        let Some(Err(refusal)) = read(&Message::text(text)) else { panic!("read") };
        assert_eq!(refusal.id.as_deref(), Some("mine"));
        assert!(refusal.detail.contains("ordres"), "{refusal:?}");
    }
}
