//! What a stream carries.

use crate::{desk::EPOCH, wire::soon, world::World};
use orderd_sdk::wire::{OrderMessage, OrderStatus};
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn a_stream_greets_tells_the_history_and_goes_on_live() {
    let world = World::start().await;
    let id = world.desk.accept();
    world.desk.grow(id);
    let mut ws = world.follow(id).await;

    let connection = ws.json().await;
    assert_eq!((&connection["type"], &connection["heartbeatMs"]), (&json!("connection"), &json!(15_000)));
    assert_eq!(connection["epoch"], EPOCH.to_string());
    assert_eq!(connection["limits"]["maxMessageBytes"], 4096);
    assert!(connection["connectionId"].is_string());
    let subscribed = ws.json().await;
    assert_eq!((&subscribed["type"], &subscribed["id"]), (&json!("subscribed"), &json!(id.to_string())));
    assert_eq!((&subscribed["recovered"], &subscribed["cursor"]), (&json!(false), &json!(2)));
    let mut looked_up = world.get(&format!("/api/orders/status/{id}")).await.json();
    looked_up.as_object_mut().unwrap().remove("success");
    assert_eq!(subscribed["order"], looked_up, "one order object everywhere");

    assert_eq!(ws.seqs_up_to(2).await, [1, 2]);
    world.desk.grow(id);
    let message: OrderMessage = serde_json::from_str(&ws.text().await).unwrap();
    assert_eq!((message.seq, message.cursor, message.kind), (3, 3, OrderStatus::Routing));
    assert_eq!((message.order_id, message.order.seq), (id.to_string(), 3));
    world.desk.expire(id);
    assert_eq!(ws.json().await["type"], "expired");
}

#[tokio::test]
async fn the_stream_and_the_history_are_the_same_text() {
    let world = World::start().await;
    let id = world.desk.accept();
    world.desk.grow(id);
    world.desk.expire(id);
    let mut ws = world.follow(id).await.greeted().await;
    let streamed = [ws.text().await, ws.text().await, ws.text().await].join(",");
    let history = world.get(&format!("/api/orders/{id}/events")).await;
    let history = String::from_utf8(history.body).unwrap();
    assert!(history.contains(&format!("\"events\":[{streamed}]")), "{history}");
}

#[tokio::test]
async fn a_stream_resumes_after_any_event() {
    let world = World::start().await;
    let id = world.desk.accept();
    world.desk.grow(id);
    for (since, rest) in [(0, &[1, 2, 3][..]), (1, &[2, 3]), (2, &[3])] {
        let mut ws = world.open(&format!("/api/orders/status/{id}?since={since}")).await.unwrap();
        assert_eq!(ws.json().await["type"], "connection");
        assert_eq!(ws.json().await["recovered"], true);
        if since == 0 {
            world.desk.grow(id);
        }
        assert_eq!(ws.seqs_up_to(3).await, rest);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_clients_of_an_order_read_the_same_bytes() {
    const CLIENTS: usize = 50;
    const LAST: u64 = 40;
    let world = World::start().await;
    let id = world.desk.accept();
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(world.follow(id).await.greeted().await);
        if clients.len() % 2 == 0 {
            world.desk.grow(id);
        }
    }
    while world.desk.grow(id) < LAST {}
    let mut told = Vec::new();
    for client in &mut clients {
        let mut texts = Vec::new();
        for _ in 0..LAST {
            texts.push(client.text().await);
        }
        told.push(texts);
    }
    assert!(told.iter().all(|texts| *texts == told[0]));
    let seqs: Vec<u64> =
        told[0].iter().map(|text| serde_json::from_str::<OrderMessage>(text).unwrap().seq).collect();
    assert_eq!(seqs, (1..=LAST).collect::<Vec<_>>());

    drop(clients);
    world.unfollowed().await;
    assert_eq!(world.hub.load().orders, 0, "the topic goes with its last reader");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_comes_while_things_happen_misses_nothing() {
    const ROUNDS: usize = 100;
    const LAST: u64 = 60;
    let world = World::start().await;
    for _ in 0..ROUNDS {
        let id = world.desk.accept();
        let desk = Arc::clone(&world.desk);
        let growing = tokio::task::spawn_blocking(move || while desk.grow(id) < LAST {});
        let mut ws = world.follow(id).await.greeted().await;
        assert_eq!(ws.seqs_up_to(LAST).await, (1..=LAST).collect::<Vec<_>>());
        soon(growing).await.unwrap();
    }
}
