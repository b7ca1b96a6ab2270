//! Connections that end, and how the next one goes on.

use crate::{
    counts, holds,
    peer::{event, order},
    server::{Server, quick},
    soon, stands,
};
use orderd_sdk::client::{Changed, Coordinator, Counts, Phase, Why};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_snapshot_and_then_each_event_once() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = server.connected().await;
    let subscribe = peer.greet("e", 10).await;
    assert_eq!(
        subscribe,
        json!({ "type": "subscribe", "id": "orders", "topic": "orders", "delivery": "all", "snapshot": "live" })
    );
    peer.subscribed(false, 10).await;
    peer.say(json!({ "type": "snapshot", "id": "orders", "orders": [order("a", 3, "routing")], "cursor": 10,
        "last": false }))
        .await;
    holds(&coordinator, &[("a", 3)]).await;
    assert_eq!(coordinator.link().phase, Phase::Stale, "there is a page to come");
    peer.snapshot(10, &[order("b", 1, "pending")]).await;
    stands(&coordinator, Phase::Live).await;

    peer.say(event("a", 3, 9, "routing")).await;
    peer.say(event("c", 1, 11, "pending")).await;
    peer.say(event("a", 4, 12, "building")).await;
    holds(&coordinator, &[("a", 4), ("b", 1), ("c", 1)]).await;
    assert_eq!(counts(&coordinator), Counts { duplicates: 1, snapshots: 1, ..Counts::default() });
    let held = coordinator.cache().get("a").unwrap();
    assert_eq!((held.cursor, held.status.as_str()), (12, "building"));
    peer.ping(12, 15).await;
    peer.say(event("c", 2, 16, "routing")).await;
    holds(&coordinator, &[("a", 4), ("b", 1), ("c", 2)]).await;
    assert_eq!((coordinator.link().cursor, coordinator.link().lag), (Some(16), 0));
}

#[tokio::test]
async fn the_handshake_shows_the_token_of_the_client() {
    let mut server = Server::start().await;
    let client = server.client().with_token("secret").unwrap();
    let _coordinator = Coordinator::start(client, quick());
    assert_eq!(server.connected().await.authorization.unwrap(), "Bearer secret");
}

#[tokio::test]
async fn it_resumes_after_the_last_thing_that_it_has_seen_whatever_that_was() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = server.connected().await;
    peer.begin("e", 10, &[order("a", 3, "routing")]).await;
    stands(&coordinator, Phase::Live).await;
    drop(peer);

    let mut peer = server.connected().await;
    let since = |subscribe: &serde_json::Value| subscribe["since"].clone();
    assert_eq!(since(&peer.greet("e", 10).await), json!({ "epoch": "e", "cursor": 10 }), "the snapshot");
    peer.subscribed(true, 10).await;
    peer.say(event("a", 4, 12, "building")).await;
    holds(&coordinator, &[("a", 4)]).await;
    drop(peer);

    let mut peer = server.connected().await;
    assert_eq!(since(&peer.greet("e", 14).await), json!({ "epoch": "e", "cursor": 12 }), "an event");
    peer.subscribed(true, 12).await;
    peer.pong(14, 14).await;
    stands(&coordinator, Phase::Live).await;
    drop(peer);

    let mut peer = server.connected().await;
    assert_eq!(since(&peer.greet("e", 15).await), json!({ "epoch": "e", "cursor": 14 }), "a sign of life");
    assert_eq!(coordinator.counts().reconnects, 3);
}

#[tokio::test]
async fn a_replay_is_over_when_it_has_come_to_where_the_daemon_was() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    server.connected().await.begin("e", 10, &[order("a", 3, "routing")]).await;
    let mut peer = server.connected().await;
    peer.greet("e", 20).await;
    peer.subscribed(true, 10).await;
    peer.pong(10, 20).await;
    peer.say(event("a", 4, 12, "building")).await;
    holds(&coordinator, &[("a", 4)]).await;
    let link = coordinator.link();
    assert_eq!((link.phase, link.why, link.lag), (Phase::Stale, Some(Why::CatchingUp), 8));
    peer.say(event("b", 1, 20, "pending")).await;
    stands(&coordinator, Phase::Live).await;
}

#[tokio::test]
async fn a_daemon_that_restarts_says_when_it_wants_its_clients_back() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|options| {
        options.backoff.first = Duration::MAX;
        options.backoff.most = Duration::MAX;
    });
    let mut peer = server.connected().await;
    peer.begin("e", 10, &[]).await;
    stands(&coordinator, Phase::Live).await;
    peer.say(json!({ "type": "reconnect", "afterMs": 1 })).await;
    peer.close(1012).await;
    server.connected().await.begin("e", 10, &[]).await;
}

#[tokio::test]
async fn whoever_was_disconnected_by_an_operator_comes_back_only_when_told() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    for code in [4310, 4401] {
        let mut peer = server.connected().await;
        peer.greet("e", 10).await;
        peer.close(code).await;
        stands(&coordinator, Phase::Down).await;
        let link = coordinator.link();
        assert!(matches!(link.why, Some(Why::Closed { code: told, .. }) if told == code), "{:?}", link.why);
        assert_eq!(link.next_attempt, None);
        assert!(!server.is_connected());
        coordinator.reconnect().await;
    }
    let mut peer = server.connected().await;
    peer.begin("e", 10, &[]).await;
    stands(&coordinator, Phase::Live).await;
    assert!(server.asked_by_now().is_empty(), "nothing was polled");
}

#[tokio::test]
async fn silence_makes_the_cache_stale_and_then_the_connection_lost() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut link = coordinator.watch_link();
    let mut peer = server.connected().await;
    peer.greet_every("e", 10, 250).await;
    peer.subscribed(false, 10).await;
    peer.snapshot(10, &[]).await;
    stands(&coordinator, Phase::Live).await;
    let silent = link.wait_for(|link| link.phase == Phase::Stale && link.why != Some(Why::CatchingUp));
    let silent = soon(silent).await;
    assert_eq!(silent.unwrap().why, Some(Why::Silent(Duration::from_millis(500))));
    peer.ping(10, 10).await;
    stands(&coordinator, Phase::Live).await;
    server.connected().await;
    peer.ended().await;
}

#[tokio::test]
async fn changes_within_a_window_are_one_revision() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|options| options.batch_window = Duration::from_secs(1));
    let mut changes = coordinator.cache().changes();
    let mut peer = server.connected().await;
    peer.begin("e", 10, &[order("a", 1, "pending"), order("b", 1, "pending")]).await;
    for seq in 2..6 {
        peer.say(event("a", seq, 10 + seq, "routing")).await;
    }
    assert_eq!(soon(changes.next()).await, Some(Changed::Ids(vec!["a".into(), "b".into()])));
    holds(&coordinator, &[("a", 5), ("b", 1)]).await;
    assert_eq!(coordinator.cache().revision(), 1);
}

#[tokio::test]
async fn it_ends_with_its_last_handle_and_whoever_reads_is_told() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let (other, cache) = (coordinator.clone(), coordinator.cache().clone());
    let (mut changes, mut link) = (cache.changes(), coordinator.watch_link());
    let mut peer = server.connected().await;
    peer.begin("e", 10, &[order("a", 1, "pending")]).await;
    holds(&coordinator, &[("a", 1)]).await;
    drop(coordinator);
    peer.say(event("a", 2, 11, "routing")).await;
    holds(&other, &[("a", 2)]).await;
    drop(other);
    peer.ended().await;
    while soon(changes.next()).await.is_some() {}
    while soon(link.changed()).await.is_ok() {}
    assert_eq!(link.borrow().why, Some(Why::Ended));
    assert_eq!(cache.get("a").unwrap().seq, 2, "the cache stays as it was");
}

#[tokio::test]
async fn it_ends_for_every_handle_when_it_is_shut_down() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = server.connected().await;
    peer.begin("e", 10, &[]).await;
    let mut follower = coordinator.follow("a").await.unwrap();
    let ended = tokio::join!(coordinator.shut_down(), peer.ended());
    assert_eq!(ended, ((), ()));
    assert_eq!(coordinator.wait_for(Phase::Live).await.map(|link| link.phase), None);
    assert!(matches!(soon(follower.next()).await, None | Some(Err(_))));
}
