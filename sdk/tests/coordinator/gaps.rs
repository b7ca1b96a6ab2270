//! What becomes of the cache when something was missed.

use crate::{
    counts, holds,
    peer::{changes, event, order, reply_of},
    server::{Server, problem},
    soon, stands,
};
use orderd_sdk::{
    client::{Counts, Gaps, Phase, Why},
    wire::{GapReason, OrderFilter, OrderStatus},
};
use serde_json::json;

#[tokio::test]
async fn after_too_long_an_absence_what_can_have_changed_is_looked_up() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = server.connected().await;
    let held = [("a", "routing"), ("b", "routing"), ("c", "confirmed"), ("d", "failed"), ("e", "cancelled")];
    let orders: Vec<_> = held.iter().map(|(id, status)| order(id, 3, status)).collect();
    peer.begin("e", 10, &orders).await;
    stands(&coordinator, Phase::Live).await;
    drop(peer);

    server.answer("GET /api/orders/status/a", 200, reply_of(order("a", 7, "finalized")));
    server.answer("GET /api/orders/status/b", 404, problem(404, "order-not-found"));
    server.answer("GET /api/orders/status/d", 503, problem(503, "draining"));
    server.answer("GET /api/orders/status/d", 200, reply_of(order("d", 3, "failed")));
    let mut peer = server.connected().await;
    peer.greet("e", 90).await;
    peer.subscribed(false, 90).await;
    peer.gap("too-old", 90).await;
    let mut link = coordinator.watch_link();
    let gap = soon(link.wait_for(|link| link.why == Some(Why::Gap(GapReason::TooOld)))).await.unwrap().phase;
    assert_eq!(gap, Phase::Stale);
    peer.snapshot(90, &[order("c", 4, "confirmed"), order("x", 1, "pending")]).await;
    holds(&coordinator, &[("a", 7), ("c", 4), ("d", 3), ("e", 3), ("x", 1)]).await;
    stands(&coordinator, Phase::Live).await;
    let gaps = Gaps { too_old: 1, ..Gaps::default() };
    // Four lookups: a, b, and d twice. What the snapshot holds and what is over for good are none.
    assert_eq!(
        counts(&coordinator),
        Counts { gaps, snapshots: 2, lookups: 4, reconnects: 1, ..Counts::default() }
    );
}

#[tokio::test]
async fn a_client_that_was_too_slow_asks_what_has_changed() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = server.connected().await;
    peer.begin("e", 10, &["a", "b", "c"].map(|id| order(id, 3, "routing"))).await;
    peer.say(event("a", 4, 11, "building")).await;
    holds(&coordinator, &[("a", 4), ("b", 3), ("c", 3)]).await;

    let first = changes("e", 15, true, &[order("b", 9, "failed")]);
    server.answer("GET /api/orders?since=11&epoch=e&limit=100", 200, first);
    let second = changes("e", 30, false, &[order("c", 7, "finalized"), order("a", 6, "submitted")]);
    server.answer("GET /api/orders?since=15&epoch=e&limit=100", 200, second);
    peer.gap("slow", 30).await;
    peer.snapshot(30, &[order("a", 6, "submitted")]).await;
    holds(&coordinator, &[("a", 6), ("b", 9), ("c", 7)]).await;
    stands(&coordinator, Phase::Live).await;
    // The gap was announced: an event may skip. Then no more.
    peer.say(event("b", 11, 31, "routing")).await;
    holds(&coordinator, &[("a", 6), ("b", 11), ("c", 7)]).await;
    assert_eq!((coordinator.counts().gaps.slow, coordinator.counts().lookups), (1, 0));
}

#[tokio::test]
async fn a_hole_that_nobody_announced_is_counted() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = server.connected().await;
    peer.begin("e", 10, &[order("a", 3, "routing")]).await;
    peer.say(event("a", 5, 12, "building")).await;
    peer.say(event("b", 4, 13, "building")).await;
    holds(&coordinator, &[("a", 5), ("b", 4)]).await;
    assert_eq!(coordinator.counts().holes, 1, "an order that was not known is no hole");
}

#[tokio::test]
async fn nothing_of_another_store_is_taken_for_the_old() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = server.connected().await;
    peer.begin("e", 10, &[order("a", 8, "routing"), order("b", 3, "routing"), order("c", 3, "finalized")])
        .await;
    let history = json!({ "success": true, "orderId": "a", "events": [event("a", 1, 1, "pending")] });
    server.answer("GET /api/orders/a/events?since=0", 200, history);
    let mut follower = coordinator.follow("a").await.unwrap();
    assert_eq!(soon(follower.next()).await.unwrap().unwrap().seq, 1);
    drop(peer);

    let mut peer = server.connected().await;
    let subscribe = peer.greet("f", 4).await;
    assert_eq!(subscribe["since"], json!({ "epoch": "e", "cursor": 10 }));
    peer.subscribed(false, 4).await;
    peer.gap("epoch", 4).await;
    // Cut before the snapshot: there is nothing to resume.
    drop(peer);
    let mut peer = server.connected().await;
    assert_eq!(peer.greet("f", 4).await.get("since"), None);
    peer.subscribed(false, 4).await;
    peer.snapshot(4, &[order("a", 2, "routing")]).await;
    holds(&coordinator, &[("a", 2)]).await;
    stands(&coordinator, Phase::Live).await;
    assert_eq!(coordinator.link().epoch.as_deref(), Some("f"));
    let error = soon(follower.next()).await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "the daemon has another store");
    assert!(soon(follower.next()).await.is_none());
}

#[tokio::test]
async fn a_store_that_is_further_back_is_followed_back() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = server.connected().await;
    peer.begin("e", 10, &[order("a", 8, "routing")]).await;
    stands(&coordinator, Phase::Live).await;
    for (reason, epoch, cursor, seq) in [("ahead", "e", 5, 4), ("epoch", "f", 3, 2)] {
        drop(peer);
        peer = server.connected().await;
        peer.greet(epoch, cursor).await;
        peer.subscribed(false, cursor).await;
        peer.gap(reason, cursor).await;
        peer.snapshot(cursor, &[order("a", seq, "routing")]).await;
        holds(&coordinator, &[("a", seq)]).await;
        stands(&coordinator, Phase::Live).await;
        let link = coordinator.link();
        assert_eq!((link.epoch.as_deref(), link.cursor, link.lag), (Some(epoch), Some(cursor), 0));
    }
}

#[tokio::test]
async fn half_a_snapshot_of_another_store_is_not_trusted() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = server.connected().await;
    peer.greet("e", 10).await;
    peer.subscribed(false, 10).await;
    peer.say(json!({ "type": "snapshot", "id": "orders", "orders": [order("a", 8, "routing")], "cursor": 10,
        "last": false }))
        .await;
    holds(&coordinator, &[("a", 8)]).await;
    drop(peer);
    server.connected().await.begin("f", 3, &[order("a", 2, "routing")]).await;
    holds(&coordinator, &[("a", 2)]).await;
}

#[tokio::test]
async fn a_busy_daemon_is_asked_again() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = server.connected().await;
    peer.greet("e", 10).await;
    peer.say(json!({ "type": "error", "id": "orders", "code": "busy", "detail": "" })).await;
    assert_eq!(peer.heard().await["type"], "subscribe");
    peer.say(json!({ "type": "error", "id": "orders", "code": "invalid-filter", "detail": "so" })).await;
    stands(&coordinator, Phase::Down).await;
    assert_eq!(coordinator.link().why.unwrap().to_string(), "invalid-filter: so");
}

#[tokio::test]
async fn an_order_that_leaves_the_filter_leaves_the_cache() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|options| {
        options.filter = OrderFilter { status: vec![OrderStatus::Failed], ..OrderFilter::default() };
    });
    let mut peer = server.connected().await;
    assert_eq!(peer.greet("e", 10).await["filter"], json!({ "status": ["failed"] }));
    peer.subscribed(false, 10).await;
    peer.snapshot(10, &[]).await;
    peer.say(event("a", 9, 11, "failed")).await;
    peer.say(event("b", 4, 12, "failed")).await;
    holds(&coordinator, &[("a", 9), ("b", 4)]).await;
    peer.say(event("a", 10, 13, "pending")).await;
    holds(&coordinator, &[("b", 4)]).await;
    // Nothing was told of it in between, and nothing had to be.
    peer.say(event("a", 15, 14, "failed")).await;
    holds(&coordinator, &[("a", 15), ("b", 4)]).await;
    assert_eq!(coordinator.counts().holes, 0);
}
