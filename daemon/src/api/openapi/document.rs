//! The whole document.

use super::{calls, operation::operation};
use crate::api::router::Endpoint;
use bytes::Bytes;
use orderd_sdk::wire::schema::Schemas;
use serde_json::{Map, Value, json};
use std::sync::OnceLock;

/// What reads well above the calls.
const ABOUT: &str = "Takes orders in, executes them on decentralised exchanges, and streams their lives. \
    An accepted order is never lost and never executed twice; no client has an unannounced gap.\n\n\
    Where `get` is described, `HEAD` is served too. `x-websocket` at a call says that a WebSocket handshake on it is \
    accepted, and which messages are exchanged then, one JSON object in each text frame: those of the `client` and \
    those of the `server`, told apart by `type`. Integers are exact up to 64 bits.";

/// The document as it is served, built once.
pub(in crate::api) fn document() -> Bytes {
    static DOCUMENT: OnceLock<Bytes> = OnceLock::new();
    let build = || serde_json::to_vec(&build()).expect("JSON has string keys only").into();
    DOCUMENT.get_or_init(build).clone()
}

/// The document, with its keys in alphabetical order.
pub(super) fn build() -> Value {
    let mut schemas = Schemas::default();
    let mut paths = Map::new();
    for call in Endpoint::ALL.iter().copied().map(calls::describe) {
        let path = paths.entry(call.path).or_insert_with(|| json!({}));
        path[call.method] = operation(&call, &mut schemas);
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "orderd", "version": env!("CARGO_PKG_VERSION"), "description": ABOUT },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas.collected(),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
        // Where no tokens are configured, none is needed.
        "security": [{}, { "token": [] }],
    })
}
