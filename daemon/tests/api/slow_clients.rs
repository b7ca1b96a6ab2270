//! Clients that do not keep up: conflated, told of a gap, closed, and in nobody's way.

use crate::{
    wire::{Http, Ws, soon, upgrade},
    world::World,
};
use futures_util::SinkExt;
use hyper_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};
use orderd::{api::ApiSettings, order::OrderId, stream::Budget};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::net::TcpSocket;

const BUFFER: Budget = Budget { messages: 200, bytes: 1 << 20 };

async fn world() -> World {
    World::with(ApiSettings { buffer: BUFFER, ..ApiSettings::default() }).await
}

/// A client with a small window that has subscribed to everything and does not read.
async fn lazy(world: &World, members: Value) -> Ws {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut http = Http::over(socket.connect(world.address).await.unwrap());
    http.send(upgrade("/api/stream")).await;
    assert_eq!(http.reply().await.status, 101);
    let mut ws = http.into_websocket().await;
    let mut subscribe = json!({ "type": "subscribe", "id": "a", "topic": "orders" });
    subscribe.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    ws.0.send(Message::text(subscribe.to_string())).await.unwrap();
    while ws.json().await["type"] != "snapshot" {}
    ws
}

/// Some orders, since the messages of one become slow to make when it has thousands of events.
fn orders(world: &World) -> Vec<OrderId> {
    (0..50).map(|_| world.desk.accept()).collect()
}

/// Lets things happen to orders until the client's socket is full and its subscription so far behind.
async fn fall_behind(world: &World, ids: &[OrderId], is_enough: impl Fn(&Value) -> bool) {
    let falling = async {
        loop {
            for id in ids {
                world.desk.grow(*id);
            }
            let clients = world.get("/api/clients").await.json();
            if is_enough(&clients["clients"][0]) {
                break;
            }
        }
    };
    soon(falling).await;
}

fn buffered(client: &Value) -> u64 {
    client["bufferedMessages"].as_u64().unwrap()
}

#[tokio::test]
async fn who_is_wholly_behind_is_told_of_the_gap_and_shown_how_things_stand() {
    let world = world().await;
    let ids = orders(&world);
    let mut ws = lazy(&world, json!({})).await;
    fall_behind(&world, &ids, |client| buffered(client) >= 200).await;
    let last = world.desk.grow(ids[0]);
    let mut seqs = BTreeMap::new();
    let gap = loop {
        let message = ws.json().await;
        if message["type"] == "gap" {
            break message;
        }
        let seq = seqs.entry(message["orderId"].to_string()).or_insert(1);
        *seq += 1;
        assert_eq!(message["seq"], *seq, "no hole before it is told");
    };
    assert_eq!((&gap["reason"], &gap["id"]), (&json!("slow"), &json!("a")));
    let snapshot = ws.json().await;
    assert_eq!(snapshot["orders"][0]["seq"], last);
    assert!(seqs.values().max() < Some(&last), "something was left out");
    world.desk.grow(ids[0]);
    assert_eq!(ws.seq().await, last + 1, "and on it goes");
}

#[tokio::test]
async fn who_is_wholly_behind_twice_within_a_minute_is_closed() {
    let world = world().await;
    let ids = orders(&world);
    let mut ws = lazy(&world, json!({})).await;
    fall_behind(&world, &ids, |client| buffered(client) >= 200).await;
    // One more than is allowed.
    world.desk.grow(ids[0]);
    while ws.json().await["type"] != "gap" {}
    fall_behind(&world, &ids, |client| buffered(client) >= 200).await;
    world.desk.grow(ids[0]);
    assert_eq!(ws.closed().await.0, CloseCode::Library(4308));
}

#[tokio::test]
async fn who_wants_the_latest_only_is_never_told_what_is_outdated_when_it_is_late() {
    let world = world().await;
    let ids = orders(&world);
    let mut ws = lazy(&world, json!({ "delivery": "latest" })).await;
    // So far that there are several events of each order, and not so far that something is lost.
    fall_behind(&world, &ids, |client| buffered(client) > 100).await;
    let last: BTreeMap<_, _> = ids.iter().map(|id| (id.to_string(), world.desk.seq(*id))).collect();
    let (mut seen, mut skipped) = (BTreeMap::<String, u64>::new(), 0);
    while seen != last {
        let event = ws.json().await;
        assert_ne!(event["type"], "gap");
        let (id, seq) = (event["orderId"].as_str().unwrap(), event["seq"].as_u64().unwrap());
        let before = seen.insert(id.to_owned(), seq).unwrap_or(1);
        assert!(seq > before, "each order only goes on");
        skipped += seq - before - 1;
    }
    assert!(skipped >= 50, "{skipped} were left out");
}

#[tokio::test]
async fn what_happens_during_a_long_snapshot_is_told_after_it() {
    let world = world().await;
    let ids: Vec<_> = (0..6_000).map(|_| world.desk.accept()).collect();
    let mut ws = lazy(&world, json!({})).await;
    // More than the subscription may be behind, while the pages do not fit the socket.
    let happened = 500;
    for id in &ids[..happened] {
        world.desk.grow(*id);
    }
    let mut told = 0;
    while told < happened {
        let message = ws.json().await;
        match message["type"].as_str().unwrap() {
            "snapshot" => assert_eq!(told, 0, "pages come first"),
            "gap" => panic!("{message}"),
            _ => {
                assert_eq!(
                    (&message["orderId"], &message["seq"]),
                    (&json!(ids[told].to_string()), &json!(2))
                );
                told += 1;
            }
        }
    }
}

#[tokio::test]
async fn one_busy_subscription_does_not_starve_the_others() {
    let roomy = Budget { messages: 100_000, bytes: 1 << 30 };
    let world = World::with(ApiSettings { buffer: roomy, ..ApiSettings::default() }).await;
    let ids = orders(&world);
    let quiet = world.desk.accept();
    let mut ws = lazy(&world, json!({})).await;
    let filter = json!({ "ids": [quiet.to_string()] });
    let subscribe = json!({ "type": "subscribe", "id": "quiet", "topic": "orders", "filter": filter });
    ws.0.send(Message::text(subscribe.to_string())).await.unwrap();
    while ws.json().await["type"] != "snapshot" {}
    fall_behind(&world, &ids, |client| buffered(client) > 500).await;
    world.desk.grow(quiet);
    let mut between = None;
    loop {
        let message = ws.json().await;
        match (message["orderId"] == quiet.to_string(), &mut between) {
            (true, None) => between = Some(0),
            (true, Some(_)) => break,
            (false, Some(between)) => *between += 1,
            (false, None) => {}
        }
    }
    assert!(between > Some(300), "told {between:?} messages before the busy one came to it");
}
