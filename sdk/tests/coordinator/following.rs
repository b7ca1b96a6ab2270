//! Readers of one order's events.

use crate::{
    holds,
    peer::{Peer, changes, event, order},
    server::{Server, Sockets, problem},
    soon, stands,
};
use orderd_sdk::{
    client::{Follower, Phase},
    wire::OrderFilter,
};
use serde_json::{Value, json};

fn history(events: &[Value]) -> Value {
    json!({ "success": true, "orderId": "a", "events": events })
}

/// The next event's number; 0 after the end.
async fn next(follower: &mut Follower) -> u64 {
    let next = soon(follower.next()).await;
    next.map_or(0, |event| event.unwrap().seq)
}

async fn begin(server: &mut Server, orders: &[Value]) -> Peer {
    let mut peer = server.connected().await;
    peer.begin("e", 10, orders).await;
    peer
}

#[tokio::test]
async fn history_first_and_then_each_event_as_it_happens() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = begin(&mut server, &[order("a", 2, "routing")]).await;
    server.answer(
        "GET /api/orders/a/events?since=0",
        200,
        history(&[event("a", 1, 8, "pending"), event("a", 2, 9, "routing")]),
    );
    let mut follower = coordinator.follow("a").await.unwrap();
    assert_eq!((next(&mut follower).await, next(&mut follower).await), (1, 2));
    peer.say(event("a", 2, 9, "routing")).await;
    peer.say(event("b", 1, 11, "pending")).await;
    peer.say(event("a", 3, 12, "building")).await;
    assert_eq!(next(&mut follower).await, 3);
    assert_eq!(server.asked_by_now(), ["GET /api/orders/a/events?since=0"], "nothing else had to be asked");
}

#[tokio::test]
async fn what_the_stream_did_not_bring_is_fetched() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = begin(&mut server, &[order("a", 1, "pending")]).await;
    server.answer("GET /api/orders/a/events?since=0", 200, history(&[event("a", 1, 8, "pending")]));
    let mut follower = coordinator.follow("a").await.unwrap();
    assert_eq!(next(&mut follower).await, 1);
    // A hole in the stream.
    let missing = [event("a", 2, 11, "routing"), event("a", 3, 12, "building")];
    server.answer("GET /api/orders/a/events?since=1", 503, problem(503, "draining"));
    server.answer("GET /api/orders/a/events?since=1", 200, history(&missing));
    peer.say(event("a", 3, 12, "building")).await;
    assert_eq!((next(&mut follower).await, next(&mut follower).await), (2, 3));
    // Polling tells where the order stands, not how it came there.
    server.sockets(Sockets::Refused(503));
    let missing = [event("a", 4, 13, "building"), event("a", 5, 14, "submitted")];
    server.answer("GET /api/orders/a/events?since=3", 200, history(&missing));
    let page = changes("e", 14, false, &[order("a", 5, "submitted")]);
    server.answer("GET /api/orders?since=12&epoch=e&limit=100", 200, page);
    server.answer("GET /api/orders?since=14&epoch=e&limit=100", 200, changes("e", 14, false, &[]));
    drop(peer);
    assert_eq!((next(&mut follower).await, next(&mut follower).await), (4, 5));
}

#[tokio::test]
async fn an_order_outside_the_filter_has_a_subscription_of_its_own() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|options| {
        options.filter = OrderFilter { account: vec!["other".into()], ..OrderFilter::default() };
    });
    let mut peer = begin(&mut server, &[]).await;
    stands(&coordinator, Phase::Live).await;
    server.answer("GET /api/orders/a/events?since=0", 200, history(&[event("a", 1, 8, "pending")]));
    let mut follower = coordinator.follow("a").await.unwrap();
    assert_eq!(next(&mut follower).await, 1);
    let subscribe =
        json!({ "type": "subscribe", "id": "followed-1-0", "topic": "orders", "filter": { "ids": ["a"] } });
    assert_eq!(peer.heard().await, subscribe);
    peer.say(event("a", 2, 15, "routing")).await;
    assert_eq!(next(&mut follower).await, 2);
    holds(&coordinator, &[("a", 2)]).await;
    assert_eq!(coordinator.link().cursor, Some(10), "the event says nothing about the other orders");
    peer.ping(15, 15).await;
    drop(follower);
    assert_eq!(peer.heard().await, json!({ "type": "unsubscribe", "id": "followed-1-0" }));
    holds(&coordinator, &[]).await;
    assert_eq!(coordinator.link().cursor, Some(15));
}

#[tokio::test]
async fn an_order_that_is_not_there_cannot_be_followed() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|options| options.max_followers = 1);
    begin(&mut server, &[]).await;
    server.answer("GET /api/orders/a/events?since=0", 404, problem(404, "order-not-found"));
    let mut follower = coordinator.follow("a").await.unwrap();
    assert!(coordinator.follow("b").await.is_err(), "that would be one too many");
    assert!(soon(follower.next()).await.unwrap().is_err());
    assert!(soon(follower.next()).await.is_none());
    drop(follower);
    assert!(coordinator.follow("b").await.is_ok());
}

#[tokio::test]
async fn a_reader_that_falls_behind_misses_nothing() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = begin(&mut server, &[]).await;
    server.answer("GET /api/orders/a/events?since=0", 200, history(&[event("a", 1, 11, "pending")]));
    let mut follower = coordinator.follow("a").await.unwrap();
    assert_eq!(next(&mut follower).await, 1);
    let last = 400;
    for seq in 2..=last {
        peer.say(event("a", seq, 10 + seq, "building")).await;
    }
    holds(&coordinator, &[("a", last)]).await;
    // As many as are kept for it came over the stream; the others are asked for.
    let rest: Vec<_> = (258..=last).map(|seq| event("a", seq, 10 + seq, "building")).collect();
    server.answer("GET /api/orders/a/events?since=257", 200, history(&rest));
    for seq in 2..=last {
        assert_eq!(next(&mut follower).await, seq);
    }
}
