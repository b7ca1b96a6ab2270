//! Messages of clients.

use crate::api::ws::{
    inbound::{self, Refusal},
    request::{Request, What},
};
use hyper_tungstenite::tungstenite::Message;
use orderd_sdk::wire::ClientMessage;
use std::time::Duration;

/// What a refused message is answered with, at most; whatever the client said.
const MAX_ANSWER: usize = 2048;

/// Any text is read or refused.
pub fn message(bytes: &[u8]) {
    if let Ok(text) = str::from_utf8(bytes) {
        take(&Message::text(text));
    }
}

/// What is read is the same when it is written and read again, and what comes of it keeps its bounds.
pub(super) fn take(message: &Message) {
    match inbound::read(message) {
        None => assert!(!message.is_text() && !message.is_binary(), "no answer to {message:?}"),
        Some(Err(refusal)) => refused(refusal),
        Some(Ok(said)) => {
            let written = serde_json::to_string(&said).expect("what was read can be written");
            assert_eq!(inbound::read(&Message::text(&written)), Some(Ok(said.clone())), "{written}");
            if let ClientMessage::Subscribe(subscribe) = said {
                Request::check(subscribe).map_or_else(refused, |request| accepted(&request));
            }
        }
    }
}

fn refused(refusal: Refusal) {
    let codes =
        ["malformed-message", "unknown-message", "unknown-topic", "invalid-filter", "invalid-subscription"];
    assert!(codes.contains(&refusal.code), "{refusal:?}");
    let answer = serde_json::to_string(&refusal.signal()).expect("a signal can be written");
    assert!(answer.len() <= MAX_ANSWER, "{} bytes: {answer}", answer.len());
}

fn accepted(request: &Request) {
    assert!((1..=64).contains(&request.id.len()) && request.id.is_ascii(), "{request:?}");
    assert!(request.batch <= Duration::from_millis(250), "{request:?}");
    if let What::Logs { lines, .. } = request.what {
        assert!(lines <= 1000, "{request:?}");
    }
}
