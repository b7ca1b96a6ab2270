//! What clients say on a stream.

use hyper_tungstenite::tungstenite::Message;
use orderd_sdk::wire::Signal;
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Deserialize)]
struct ClientMessage<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
}

/// What a message of the client is answered with, if anything.
pub(super) fn answer(message: &Message, pong: Signal) -> Option<Signal> {
    match message {
        Message::Text(text) => match serde_json::from_str::<ClientMessage<'_>>(text) {
            Ok(message) if message.kind == "ping" => Some(pong),
            Ok(message) if message.kind == "pong" => None,
            Ok(_) => Some(error("unknown-message", "this stream takes messages of type ping and pong")),
            Err(_) => Some(error("malformed-message", "expected a JSON object with a type")),
        },
        Message::Binary(_) => Some(error("unknown-message", "this stream takes text only")),
        // The WebSocket's own ping is answered by the library.
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => None,
    }
}

fn error(code: &str, detail: &str) -> Signal {
    Signal::Error { code: code.into(), detail: detail.into(), id: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pong() -> Signal {
        Signal::Pong { cursor: 0, top: 0 }
    }

    #[test]
    fn each_message_has_its_answer() {
        let said = |text: &str| match answer(&Message::text(text), pong()) {
            Some(Signal::Error { code, .. }) => code,
            Some(Signal::Pong { .. }) => "pong".into(),
            Some(other) => panic!("{other:?}"),
            None => String::new(),
        };
        assert_eq!(said(r#"{"type":"ping"}"#), "pong");
        assert_eq!(said(r#"{"type":"p\u0069ng","id":1}"#), "pong");
        assert_eq!(said(r#"{"type":"pong"}"#), "");
        assert_eq!(said(r#"{"type":"subscribe"}"#), "unknown-message");
        for malformed in ["", "ping", "[1", "{}", "null", r#"{"type":1}"#] {
            assert_eq!(said(malformed), "malformed-message", "{malformed}");
        }
        assert!(matches!(answer(&Message::binary(vec![1]), pong()), Some(Signal::Error { .. })));
        assert!(answer(&Message::Ping(vec![1].into()), pong()).is_none());
    }
}
