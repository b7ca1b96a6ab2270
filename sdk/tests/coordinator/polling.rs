//! How the cache is kept while there is no socket.

use crate::{
    holds,
    peer::{changes, event, order, reply_of},
    server::{Server, Sockets, problem},
    soon, stands,
};
use orderd_sdk::{
    client::{LogNews, Phase, Why},
    wire::{LogFilter, Venues},
};
use serde_json::{Value, json};
use std::time::Duration;

fn status(epoch: &str, cursor: u64) -> Value {
    json!({ "phase": "running", "version": "0", "startedAt": "2026-01-01T00:00:00.000Z", "uptimeMs": 1,
        "epoch": epoch, "cursor": cursor, "orders": {}, "websocket": { "connectedOrders": 0, "totalClients": 0 },
        "recovery": { "complete": true, "orders": 0, "signed": 0, "waitsFor": [], "tookMs": 0 }, "lanes": [] })
}

const LIVE: &str = "GET /api/orders?status=pending,routing,building,submitted,execution-failed,retry-pending,unknown,\
                    confirmed,reorged&limit=500";

#[tokio::test]
async fn changes_are_asked_for_page_by_page_and_the_socket_goes_on_after_them() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = server.connected().await;
    peer.begin("e", 10, &[order("a", 3, "routing")]).await;
    stands(&coordinator, Phase::Live).await;
    server.sockets(Sockets::Refused(503));
    let first = changes("e", 15, true, &[order("a", 5, "submitted")]);
    server.answer("GET /api/orders?since=10&epoch=e&limit=100", 200, first);
    server.answer(
        "GET /api/orders?since=15&epoch=e&limit=100",
        200,
        changes("e", 20, false, &[order("b", 1, "pending")]),
    );
    server.answer("GET /api/orders?since=20&epoch=e&limit=100", 200, changes("e", 20, false, &[]));
    drop(peer);
    stands(&coordinator, Phase::Polling).await;
    holds(&coordinator, &[("a", 5), ("b", 1)]).await;
    let link = coordinator.link();
    assert!(matches!(&link.why, Some(Why::Refused { code, .. }) if &**code == "refused"), "{:?}", link.why);
    assert!(coordinator.counts().polls >= 2);

    server.sockets(Sockets::Open);
    let mut peer = server.connected().await;
    assert_eq!(peer.greet("e", 21).await["since"], json!({ "epoch": "e", "cursor": 20 }));
    peer.subscribed(true, 20).await;
    peer.say(event("a", 6, 21, "confirmed")).await;
    holds(&coordinator, &[("a", 6), ("b", 1)]).await;
    stands(&coordinator, Phase::Live).await;
    assert_eq!((coordinator.counts().duplicates, coordinator.counts().holes), (0, 0));
}

#[tokio::test]
async fn a_daemon_that_does_not_remember_is_listed_afresh() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = server.connected().await;
    peer.begin("e", 10, &[order("a", 3, "routing"), order("b", 3, "routing")]).await;
    stands(&coordinator, Phase::Live).await;
    server.sockets(Sockets::Refused(503));
    let mut gone = problem(410, "cursor-gone");
    (gone["epoch"], gone["cursor"]) = ("e".into(), 90.into());
    server.answer("GET /api/orders?since=10&epoch=e&limit=100", 410, gone);
    let page = json!({ "success": true, "orders": [order("c", 1, "pending")], "nextCursor": "c" });
    server.answer(LIVE, 200, page);
    let page = json!({ "success": true, "orders": [order("b", 4, "building")], "nextCursor": null });
    server.answer(&format!("{LIVE}&cursor=c"), 200, page);
    server.answer("GET /api/orders/status/a", 200, reply_of(order("a", 9, "finalized")));
    server.answer(
        "GET /api/orders?since=90&epoch=e&limit=100",
        200,
        changes("e", 91, false, &[order("c", 2, "routing")]),
    );
    server.answer("GET /api/orders?since=91&epoch=e&limit=100", 200, changes("e", 91, false, &[]));
    drop(peer);
    holds(&coordinator, &[("a", 9), ("b", 4), ("c", 2)]).await;
    stands(&coordinator, Phase::Polling).await;
}

#[tokio::test]
async fn a_daemon_without_sockets_is_listed_and_polled_from_the_start() {
    let mut server = Server::start().await;
    server.sockets(Sockets::Refused(404));
    server.answer("GET /api/status", 200, status("e", 5));
    server.answer(
        LIVE,
        200,
        json!({ "success": true, "orders": [order("a", 1, "pending")], "nextCursor": null }),
    );
    server.answer(
        "GET /api/orders?since=5&epoch=e&limit=100",
        200,
        changes("e", 6, true, &[order("a", 2, "routing")]),
    );
    let page = changes("e", 6, false, &[order("a", 3, "building")]);
    server.answer("GET /api/orders?since=6&epoch=e&limit=100", 200, page);
    // The first question is asked at once, and so is one for what there is more.
    let coordinator = server.coordinator(|options| options.poll = Duration::from_secs(3600));
    holds(&coordinator, &[("a", 3)]).await;
    stands(&coordinator, Phase::Polling).await;
    server.sockets(Sockets::Open);
    let mut peer = server.connected().await;
    assert_eq!(peer.greet("e", 6).await["since"], json!({ "epoch": "e", "cursor": 6 }));
}

#[tokio::test]
async fn a_daemon_that_is_gone_is_said_to_be_down_and_tried_again() {
    let mut server = Server::start().await;
    server.sockets(Sockets::Dead);
    let coordinator = server.coordinator(|_| ());
    stands(&coordinator, Phase::Down).await;
    assert!(coordinator.link().why.is_some());
    server.sockets(Sockets::Open);
    server.connected().await.begin("e", 1, &[order("a", 1, "pending")]).await;
    holds(&coordinator, &[("a", 1)]).await;
}

#[tokio::test]
async fn whoever_may_not_connect_is_not_knocking_again() {
    let mut server = Server::start().await;
    server.sockets(Sockets::Refused(401));
    let coordinator = server.coordinator(|_| ());
    stands(&coordinator, Phase::Down).await;
    assert_eq!(coordinator.link().next_attempt, None);
    assert_eq!(server.asked_by_now(), ["GET /api/stream"]);
}

fn venues(asked: u64) -> Value {
    json!({ "venues": [{ "name": "alpha", "chain": "paper", "asked": asked, "quoted": 0, "failed": 0, "won": 0,
        "executed": 0, "p50Ms": null, "p99Ms": null, "lastQuoteAt": null, "lastError": null, "lastErrorAt": null }] })
}

#[tokio::test]
async fn a_topic_is_subscribed_to_and_polled_only_while_somebody_reads_it() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = server.connected().await;
    peer.begin("e", 1, &[]).await;
    let mut reader = coordinator.topic::<Venues>();
    let other = coordinator.topic::<Venues>();
    assert_eq!(peer.heard().await, json!({ "type": "subscribe", "id": "venues", "topic": "venues" }));
    let mut told = venues(1);
    told["type"] = "venues".into();
    told["timestamp"] = "2026-01-01T00:00:00.000Z".into();
    peer.say(told).await;
    assert_eq!(soon(reader.next()).await.unwrap().venues[0].asked, 1);
    assert_eq!(other.latest().unwrap().venues[0].asked, 1);

    server.sockets(Sockets::Refused(503));
    server.answer("GET /api/venues", 200, venues(2));
    server.answer("GET /api/orders?since=1&epoch=e&limit=100", 200, changes("e", 1, false, &[]));
    drop(peer);
    while soon(reader.next()).await.unwrap().venues[0].asked != 2 {}

    server.sockets(Sockets::Open);
    let mut peer = server.connected().await;
    peer.greet("e", 1).await;
    assert_eq!(peer.heard().await["id"], "venues");
    drop((reader, other));
    assert_eq!(peer.heard().await, json!({ "type": "unsubscribe", "id": "venues" }));
    assert!(coordinator.topic::<Venues>().latest().is_none(), "it would be old");
}

fn line(n: u64) -> Value {
    json!({ "n": n, "timestamp": "2026-01-01T00:00:00.000Z", "level": "WARN", "target": "orderd", "message": "",
        "fields": {} })
}

#[tokio::test]
async fn lines_of_the_log_come_once_by_whichever_way() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = server.connected().await;
    peer.begin("e", 1, &[]).await;
    let filter = LogFilter { level: Some("warn".into()), target: None };
    let mut reader = coordinator.logs(filter, 10).await.unwrap();
    let subscribe = json!({ "type": "subscribe", "id": "logs-1", "topic": "logs", "filter": { "level": "warn" },
        "lines": 10 });
    assert_eq!(peer.heard().await, subscribe);
    peer.say(json!({ "type": "logs", "id": "logs-1", "lines": [line(3), line(5)] })).await;
    peer.say(json!({ "type": "gap", "id": "logs-1", "reason": "slow", "cursor": 0, "missed": 4 })).await;
    peer.say(json!({ "type": "logs", "id": "logs-1", "lines": [line(10)] })).await;
    server.sockets(Sockets::Refused(503));
    server.answer("GET /api/orders?since=1&epoch=e&limit=100", 200, changes("e", 1, false, &[]));
    server.answer(
        "GET /api/logs?lines=1000&level=warn",
        200,
        json!({ "lines": [line(5), line(10), line(11)] }),
    );
    drop(peer);
    let mut told = Vec::new();
    while told.last() != Some(&11) {
        match soon(reader.next()).await.unwrap() {
            LogNews::Lines(lines) => told.extend(lines.iter().map(|line| line.n)),
            LogNews::Missed(lines) => told.push(lines * 1000),
        }
    }
    assert_eq!(told, [3, 5, 4000, 10, 11]);
}
