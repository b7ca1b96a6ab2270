//! Orders that are handed in through the coordinator.

use crate::{
    holds,
    peer::{event, order, reply_of},
    server::{PATIENCE, Server, Sockets, problem},
};
use orderd_sdk::{
    client::{Coordinator, Standing, SubmitError},
    wire::ExecuteRequest,
};
use serde_json::{Value, json};
use tokio::time::timeout;

const EXECUTE: &str = "POST /api/orders/execute";

fn sell() -> ExecuteRequest {
    ExecuteRequest::market("SOL", "USDC", "1")
}

fn accepted(id: &str) -> Value {
    json!({ "success": true, "orderId": id, "jobId": id, "status": "pending", "message": "", "wsUrl": "" })
}

/// Waits until the submissions are as many.
async fn submissions(coordinator: &Coordinator, count: usize) {
    let mut changes = coordinator.cache().changes();
    while coordinator.cache().submissions().len() != count {
        timeout(PATIENCE, changes.next()).await.expect("the submissions change");
    }
}

#[tokio::test]
async fn a_submission_is_seen_until_its_order_is() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = server.connected().await;
    peer.begin("e", 1, &[]).await;
    server.answer(EXECUTE, 202, accepted("a"));
    server.answer("GET /api/orders/status/a", 503, problem(503, "draining"));
    let reply = coordinator.submit(sell(), None).await.unwrap();
    assert_eq!(reply.order_id, "a");
    let key = server.asked(EXECUTE).await.key.unwrap();
    assert_eq!(key.len(), 32, "a key was made");
    let submission = &coordinator.cache().submissions()[0];
    assert_eq!(*submission.key, *key);
    assert!(matches!(&submission.standing, Standing::Accepted { order_id } if &**order_id == "a"));
    peer.say(event("a", 1, 2, "pending")).await;
    holds(&coordinator, &[("a", 1)]).await;
    assert!(coordinator.cache().submissions().is_empty());

    // The stream was faster than the answer.
    peer.say(event("b", 1, 3, "pending")).await;
    holds(&coordinator, &[("a", 1), ("b", 1)]).await;
    server.answer(EXECUTE, 202, accepted("b"));
    coordinator.submit(sell(), Some("k")).await.unwrap();
    submissions(&coordinator, 0).await;
}

#[tokio::test]
async fn an_order_that_the_stream_does_not_bring_is_looked_up() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let _peer = server.connected().await;
    server.answer(EXECUTE, 202, accepted("a"));
    server.answer("GET /api/orders/status/a", 200, reply_of(order("a", 1, "pending")));
    coordinator.submit(sell(), None).await.unwrap();
    holds(&coordinator, &[("a", 1)]).await;
    assert!(coordinator.cache().submissions().is_empty());
}

#[tokio::test]
async fn without_an_answer_it_is_handed_in_again_with_the_same_key() {
    let mut server = Server::start().await;
    server.answer(EXECUTE, 503, problem(503, "storage-unavailable"));
    server.answer(EXECUTE, 202, accepted("a"));
    let coordinator = server.coordinator(|_| ());
    coordinator.submit(sell(), None).await.unwrap();
    let first = server.asked(EXECUTE).await.key.unwrap();
    assert_eq!(server.asked(EXECUTE).await.key.unwrap(), first);
}

#[tokio::test]
async fn what_stays_open_is_said_to_be_open_and_what_is_refused_to_be_refused() {
    let server = Server::start().await;
    server.sockets(Sockets::Dead);
    let coordinator = server.coordinator(|options| options.submit_tries = 3);
    let open = coordinator.submit(sell(), Some("k")).await.unwrap_err();
    assert!(matches!(&open, SubmitError::Open { key, tries: 3, .. } if &**key == "k"), "{open}");
    server.sockets(Sockets::Refused(503));
    server.answer(EXECUTE, 422, problem(422, "unknown-token"));
    let refused = coordinator.submit(sell(), Some("l")).await.unwrap_err();
    assert!(matches!(refused, SubmitError::Refused(_)), "{refused}");
    let standings: Vec<_> =
        coordinator.cache().submissions().into_iter().map(|entry| entry.standing).collect();
    assert!(matches!(standings[..], [Standing::Open(_), Standing::Refused(_)]), "{standings:?}");
    coordinator.dismiss("l").await;
    submissions(&coordinator, 1).await;
}

#[tokio::test]
async fn it_is_handed_in_even_when_nobody_waits_any_more() {
    let mut server = Server::start().await;
    server.answer(EXECUTE, 503, problem(503, "storage-unavailable"));
    server.answer(EXECUTE, 503, problem(503, "storage-unavailable"));
    server.answer(EXECUTE, 202, accepted("a"));
    let coordinator = server.coordinator(|_| ());
    let _peer = server.connected().await;
    tokio::select! {
        biased;
        _ = coordinator.submit(sell(), Some("k")) => panic!("nothing was awaited"),
        () = std::future::ready(()) => {}
    }
    for _ in 0..3 {
        assert_eq!(server.asked(EXECUTE).await.key.as_deref(), Some("k"));
    }
}
