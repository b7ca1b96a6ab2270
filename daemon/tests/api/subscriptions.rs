//! One socket, many subscriptions: snapshots, filters, resuming, and what is refused.

use crate::{
    desk::EPOCH,
    wire::{Ws, soon},
    world::World,
};
use futures_util::SinkExt;
use hyper_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};
use orderd::{api::ApiSettings, order::OrderId, stream::Budget};
use serde_json::{Value, json};

pub(crate) async fn connect(world: &World) -> Ws {
    let mut ws = world.open("/api/stream").await.unwrap();
    let connection = ws.json().await;
    assert_eq!(
        (&connection["type"], &connection["epoch"]),
        (&json!("connection"), &json!(EPOCH.to_string()))
    );
    ws
}

async fn say(ws: &mut Ws, message: Value) {
    ws.0.send(Message::text(message.to_string())).await.unwrap();
}

/// Subscribes to orders and reads the confirmation.
pub(crate) async fn subscribe(ws: &mut Ws, members: Value) -> Value {
    let mut message = json!({ "type": "subscribe", "id": "a", "topic": "orders" });
    message.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    say(ws, message).await;
    ws.json().await
}

/// Reads events until this one of all, and tells which of which order came.
pub(crate) async fn events_up_to(ws: &mut Ws, cursor: u64) -> Vec<(String, u64)> {
    let mut events = Vec::new();
    loop {
        let event = ws.json().await;
        let order = event["orderId"].as_str().unwrap_or_else(|| panic!("an event, not {event}"));
        assert_eq!(event["order"]["seq"], event["seq"]);
        events.push((order.to_owned(), event["seq"].as_u64().unwrap()));
        if event["cursor"] == cursor {
            return events;
        }
    }
}

fn since(cursor: u64) -> Value {
    json!({ "since": { "epoch": EPOCH.to_string(), "cursor": cursor } })
}

pub(crate) fn of(order: OrderId, seqs: impl IntoIterator<Item = u64>) -> Vec<(String, u64)> {
    seqs.into_iter().map(|seq| (order.to_string(), seq)).collect()
}

/// A world that remembers so few events in memory that the others come from storage.
pub(crate) async fn forgetful() -> World {
    let buffer = Budget { messages: 4, bytes: 1 << 20 };
    World::with(ApiSettings { buffer, ..ApiSettings::default() }).await
}

#[tokio::test]
async fn a_snapshot_comes_first_and_every_later_event_after_it() {
    let world = World::start().await;
    let (open, over) = (world.desk.accept(), world.desk.accept());
    world.desk.expire(over);
    let mut ws = connect(&world).await;
    let subscribed = subscribe(&mut ws, json!({})).await;
    assert_eq!((&subscribed["type"], &subscribed["recovered"]), (&json!("subscribed"), &json!(false)));
    let snapshot = ws.json().await;
    assert_eq!(
        (&snapshot["type"], &snapshot["last"], &snapshot["cursor"]),
        (&json!("snapshot"), &json!(true), &json!(3))
    );
    let mut told = world.get(&format!("/api/orders/status/{open}")).await.json();
    told.as_object_mut().unwrap().remove("success");
    assert_eq!(snapshot["orders"], json!([told]), "what is over is not in it");

    world.desk.grow(open);
    let fresh = world.desk.accept();
    let expected = [of(open, [2]), of(fresh, [1])].concat();
    assert_eq!(events_up_to(&mut ws, 5).await, expected);
}

#[tokio::test]
async fn a_large_snapshot_comes_in_pages_of_one_moment() {
    let world = World::start().await;
    for _ in 0..250 {
        world.desk.accept();
    }
    let mut ws = connect(&world).await;
    subscribe(&mut ws, json!({})).await;
    let mut sizes = Vec::new();
    loop {
        let page = ws.json().await;
        assert_eq!(page["cursor"], 250);
        sizes.push(page["orders"].as_array().unwrap().len());
        if page["last"] == true {
            break;
        }
    }
    assert_eq!(sizes, [100, 100, 50]);
}

#[tokio::test]
async fn each_subscription_of_a_socket_hears_of_its_own_orders() {
    let world = World::start().await;
    let (one, two) = (world.desk.accept(), world.desk.accept());
    let mut ws = connect(&world).await;
    for (name, id) in [("one", one), ("two", two)] {
        subscribe(&mut ws, json!({ "id": name, "filter": { "ids": [id.to_string()] } })).await;
        let snapshot = ws.json().await;
        assert_eq!((&snapshot["id"], &snapshot["orders"][0]["id"]), (&json!(name), &json!(id.to_string())));
    }
    world.desk.grow(two);
    world.desk.accept();
    world.desk.grow(one);
    let mut told = [(); 2].map(|()| None);
    for event in &mut told {
        let message = ws.json().await;
        *event = Some((message["orderId"].as_str().unwrap().to_owned(), message["seq"].as_u64().unwrap()));
    }
    told.sort();
    assert_eq!(told, [Some((one.to_string(), 2)), Some((two.to_string(), 2))], "in any order");

    say(&mut ws, json!({ "type": "unsubscribe", "id": "two" })).await;
    assert_eq!(ws.json().await, json!({ "type": "unsubscribed", "id": "two" }));
    world.desk.grow(two);
    world.desk.grow(one);
    assert_eq!(events_up_to(&mut ws, 7).await, of(one, [3]));
}

#[tokio::test]
async fn an_order_is_told_when_it_leaves_a_filter_by_status() {
    let world = World::start().await;
    let id = world.desk.accept();
    let mut ws = connect(&world).await;
    subscribe(&mut ws, json!({ "filter": { "status": "pending" }, "snapshot": "none" })).await;
    world.desk.grow(id);
    world.desk.grow(id);
    world.desk.accept();
    let events = events_up_to(&mut ws, 4).await;
    assert_eq!(events[0], (id.to_string(), 2), "it leaves");
    assert_eq!(events.len(), 2, "what happens to it then is not told");
}

#[tokio::test]
async fn a_client_goes_on_where_it_left_off_from_memory_or_from_storage() {
    for world in [World::start().await, forgetful().await] {
        let (one, two) = (world.desk.accept(), world.desk.accept());
        for _ in 0..10 {
            world.desk.grow(one);
            world.desk.grow(two);
        }
        for left_at in [0, 1, 7, 21, 22] {
            let mut ws = connect(&world).await;
            let subscribed = subscribe(&mut ws, since(left_at)).await;
            assert_eq!((&subscribed["recovered"], &subscribed["cursor"]), (&json!(true), &json!(left_at)));
            let last = world.desk.accept();
            let mut cursors = Vec::new();
            loop {
                let event = ws.json().await;
                cursors.push(event["cursor"].as_u64().unwrap());
                if event["orderId"] == last.to_string() {
                    break;
                }
            }
            let top = *cursors.last().unwrap();
            assert_eq!(cursors, (left_at + 1..=top).collect::<Vec<_>>(), "each, once, in order");
        }
    }
}

#[tokio::test]
async fn what_comes_faster_than_memory_can_hold_is_told_from_storage() {
    let world = forgetful().await;
    let id = world.desk.accept();
    let mut ws = connect(&world).await;
    subscribe(&mut ws, json!({})).await;
    assert_eq!(ws.json().await["type"], "snapshot");
    for round in 0..3 {
        // Without a pause, so that the hub does not come to it; and three times, which would be too slow for a client.
        for _ in 0..9 {
            world.desk.grow(id);
        }
        let told = events_up_to(&mut ws, 1 + 9 * (round + 1)).await;
        assert_eq!(told, of(id, 2 + 9 * round..=1 + 9 * (round + 1)));
    }
}

#[tokio::test]
async fn where_it_cannot_go_on_the_gap_is_told_and_a_snapshot_follows() {
    let world = forgetful().await;
    let id = world.desk.accept();
    for _ in 0..4 {
        world.desk.grow(id);
    }
    world.desk.forget_history();
    for _ in 0..5 {
        world.desk.grow(id);
    }
    for (since, reason) in [
        (json!({ "epoch": "other", "cursor": 10 }), "epoch"),
        (json!({ "epoch": EPOCH.to_string(), "cursor": 11 }), "ahead"),
        (json!({ "epoch": EPOCH.to_string(), "cursor": 4 }), "too-old"),
    ] {
        let mut ws = connect(&world).await;
        assert_eq!(subscribe(&mut ws, json!({ "since": since })).await["recovered"], false);
        let gap = json!({ "type": "gap", "id": "a", "reason": reason, "cursor": 10 });
        assert_eq!(ws.json().await, gap);
        let snapshot = ws.json().await;
        assert_eq!((&snapshot["type"], &snapshot["orders"][0]["seq"]), (&json!("snapshot"), &json!(10)));
    }
    let mut ws = connect(&world).await;
    assert_eq!(subscribe(&mut ws, since(5)).await["recovered"], true);
    assert_eq!(events_up_to(&mut ws, 10).await, of(id, 6..=10));
}

#[tokio::test]
async fn an_order_that_cannot_be_read_is_a_gap_not_a_silence() {
    let world = forgetful().await;
    let id = world.desk.accept();
    for _ in 0..9 {
        world.desk.grow(id);
    }
    let what = "order".to_owned();
    world.desk.fail_to_read(orderd::store::StoreError::Corrupt { what, reason: "damaged".into() });
    let mut ws = connect(&world).await;
    assert_eq!(subscribe(&mut ws, since(1)).await["recovered"], true);
    assert_eq!(ws.json().await["reason"], "unreadable");
}

#[tokio::test]
async fn each_order_goes_on_by_its_own_seq() {
    let world = World::start().await;
    let ids = [(); 4].map(|()| world.desk.accept());
    for id in ids {
        for _ in 0..3 {
            world.desk.grow(id);
        }
    }
    let [known, fresh, ahead, gone] = ids.map(|id| id.to_string());
    let nobody = "01a0c1e2-8a10-7c31-9d2c-4f6f0d6f7a01".to_owned();
    let ids = json!([known, fresh, ahead, gone, nobody]);
    let mut ws = connect(&world).await;
    let seq = json!({ &known: 2, &ahead: 9, &gone: 4 });
    let subscribed = subscribe(&mut ws, json!({ "filter": { "ids": ids }, "since": { "seq": seq } })).await;
    assert_eq!(subscribed["recovered"], false, "not all of them go on");
    assert_eq!(ws.json().await["reason"], "ahead");
    let missing = ws.json().await;
    assert_eq!((&missing["code"], &missing["id"]), (&json!("order-not-found"), &json!("a")));
    for seq in 3..=4 {
        let event = ws.json().await;
        assert_eq!((&event["orderId"], &event["seq"]), (&json!(known), &json!(seq)));
    }
    let snapshot = ws.json().await;
    let shown: Vec<_> = snapshot["orders"].as_array().unwrap().iter().map(|order| &order["id"]).collect();
    assert_eq!(shown, [&json!(fresh), &json!(ahead)]);
    world.desk.grow(known.parse().unwrap());
    assert_eq!(ws.seq().await, 5);
}

#[tokio::test]
async fn pings_tell_up_to_where_everything_was_told() {
    let world = World::start().await;
    let mut ws = connect(&world).await;
    let filter = json!({ "filter": { "label": { "desk": "7" } }, "snapshot": "none" });
    subscribe(&mut ws, filter).await;
    world.desk.accept();
    let ask = async {
        loop {
            say(&mut ws, json!({ "type": "ping" })).await;
            let pong = ws.json().await;
            assert_eq!((&pong["type"], &pong["top"]), (&json!("pong"), &json!(1)));
            if pong["cursor"] == 1 {
                break;
            }
        }
    };
    soon(ask).await;
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_name_and_the_connection_goes_on() {
    let world = World::with(ApiSettings { max_subscriptions: 2, ..ApiSettings::default() }).await;
    let mut ws = connect(&world).await;
    let subscribe =
        |id: &str| json!({ "type": "subscribe", "id": id, "topic": "orders", "snapshot": "none" });
    for (said, code) in [
        (json!({ "type": "shout" }), "unknown-message"),
        (json!({ "type": "subscribe", "id": "a", "topic": "order" }), "malformed-message"),
        (json!({ "type": "subscribe", "id": "", "topic": "orders" }), "invalid-subscription"),
        (
            json!({ "type": "subscribe", "id": "a", "topic": "orders", "filter": { "ids": "x" } }),
            "invalid-filter",
        ),
        (json!({ "type": "unsubscribe", "id": "a" }), "unknown-subscription"),
        (subscribe("a"), ""),
        (subscribe("a"), "duplicate-subscription"),
        (subscribe("b"), ""),
        (subscribe("c"), "too-many-subscriptions"),
    ] {
        say(&mut ws, said.clone()).await;
        let answer = ws.json().await;
        match code {
            "" => assert_eq!(answer["type"], "subscribed", "{said}"),
            code => assert_eq!(answer["code"], code, "{said}"),
        }
    }
    let id = world.desk.accept();
    let event = (id.to_string(), 1);
    for _ in 0..2 {
        let told = events_up_to(&mut ws, 1).await;
        assert_eq!(told, std::slice::from_ref(&event), "once for each subscription");
    }
}

#[tokio::test]
async fn topics_that_are_told_whole_carry_what_the_calls_return() {
    let world = World::start().await;
    world.desk.accept();
    let mut ws = connect(&world).await;
    for topic in ["queue", "venues"] {
        say(&mut ws, json!({ "type": "subscribe", "id": topic, "topic": topic })).await;
        assert_eq!(ws.json().await["type"], "subscribed");
        let mut told = ws.json().await;
        let members = told.as_object_mut().unwrap();
        assert_eq!(members.remove("type"), Some(json!(topic)));
        assert!(members.remove("timestamp").is_some());
        assert_eq!(told, world.get(&format!("/api/{topic}")).await.json());
    }
    for (topic, member) in [("status", "phase"), ("clients", "clients")] {
        say(&mut ws, json!({ "type": "subscribe", "id": topic, "topic": topic })).await;
        assert_eq!(ws.json().await["type"], "subscribed");
        let told = ws.json().await;
        assert_eq!(told["type"], topic);
        assert!(!told[member].is_null(), "{told}");
    }
}

#[tokio::test]
async fn clients_are_listed_with_what_they_follow_and_can_be_sent_away() {
    let world = World::start().await;
    let id = world.desk.accept();
    let mut follower = world.follow(id).await.greeted().await;
    let mut ws = connect(&world).await;
    subscribe(&mut ws, json!({ "id": "mine" })).await;
    assert_eq!(ws.json().await["type"], "snapshot");
    assert_eq!(follower.seq().await, 1);

    let listed = world.get("/api/clients").await.json();
    assert_eq!(listed["total"], 2);
    let clients = listed["clients"].as_array().unwrap();
    assert_eq!(clients[0]["subscriptions"], json!([{ "id": id.to_string(), "topic": "orders" }]));
    assert_eq!(clients[1]["subscriptions"], json!([{ "id": "mine", "topic": "orders" }]));
    assert!(clients[0]["address"].as_str().unwrap().starts_with("127.0.0.1:"));
    assert_eq!(world.get("/api/clients?limit=1").await.json()["clients"].as_array().unwrap().len(), 1);

    let name = clients[1]["id"].as_str().unwrap();
    let reply = world.send_post(&format!("/api/clients/{name}/disconnect")).await;
    assert_eq!((reply.status, reply.json()), (200, json!({ "success": true, "id": name })));
    assert_eq!(ws.closed().await.0, CloseCode::Library(4310));
    let reply = world.send_post("/api/clients/ws-99/disconnect").await;
    assert_eq!(reply.problem(), (404, "client-not-found".into()));
    world.desk.grow(id);
    assert_eq!(follower.seq().await, 2, "nobody else is concerned");
}

#[tokio::test]
async fn a_client_that_leaves_is_on_no_list() {
    let world = World::start().await;
    let mut ws = connect(&world).await;
    subscribe(&mut ws, json!({})).await;
    drop(ws);
    let gone = async { while world.get("/api/clients").await.json()["total"] != 0 {} };
    soon(gone).await;
}
