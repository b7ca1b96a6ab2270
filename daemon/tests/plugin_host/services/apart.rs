//! The same services for a plugin in a process of its own.

use super::{Asking, request, server::Server};
use crate::{LONG, folder, hosts::At, poll_once};
use orderd::{services::Shared, telemetry::SystemClock};
use orderd_sdk::plugin::Context;
use serde_json::{Value, json};
use std::sync::Arc;

fn get(url: &str) -> Value {
    json!({"http": {"method": "GET", "url": url}})
}

#[tokio::test]
async fn every_service_answers_a_process_of_its_own() {
    let (server, folder) = (Server::start().await, folder());
    let settings = format!("egress = ['{}']\nhttp_max_in_flight = 1", server.origin);
    let shared = Arc::new(Shared::new(Arc::new(SystemClock)));
    let asking = Asking::at(At::Process, shared, &settings, folder.path()).await;
    assert!(asking.loaded.process().is_some());
    assert_eq!(asking.ask(get(&server.url("/bytes"))).await.unwrap()["body"], json!({"hex": "0xff00"}));
    asking.ask(json!({"put": ["a", {"text": "kept"}]})).await.unwrap();
    assert_eq!(asking.ask(json!({"get": "a"})).await, Ok(json!({"text": "kept"})));
    assert!(asking.ask(json!("now")).await.unwrap().is_u64());
    let refused = asking.ask(get("http://127.0.0.1:1/elsewhere")).await.unwrap();
    assert_ne!(refused["outcome"], "response", "{refused}");

    let (venue, ctx) = (asking.venue(), Context::within(LONG * 10));
    let mut waiting = venue.quote(&ctx, request(&get(&server.url("/slow"))));
    assert!(poll_once(&mut waiting).await.is_pending());
    server.seen.slow_request().await;
    drop(waiting);
    server.seen.closed().await;
    assert_eq!(asking.ask(get(&server.url("/echo"))).await.unwrap()["status"], 200, "its place is free");
    asking.end().await;
}
