//! What is served.

use crate::world::{World, post};
use orderd_sdk::wire::{Health, OrderDto, OrderEvents, OrderPage, OrderStatus};
use serde_json::json;

const ORDER: &str = r#"{"tokenIn":"SOL","tokenOut":"USDC","amount":"10","slippage":0.5}"#;

#[tokio::test]
async fn an_accepted_order_can_be_looked_up() {
    let world = World::start().await;
    let accepted = world.post(ORDER).await;
    assert_eq!(accepted.status, 202);
    assert_eq!(accepted.headers["content-type"], "application/json");
    assert_eq!(accepted.headers["cache-control"], "no-store");
    assert!(!accepted.headers.contains_key("idempotency-replayed"));
    let body = accepted.json();
    let id = body["orderId"].as_str().unwrap();
    let path = format!("/api/orders/status/{id}");
    assert_eq!(
        body,
        json!({
            "success": true, "orderId": id, "jobId": id, "status": "pending", "wsUrl": path,
            "message": "accepted and stored, waiting for its turn",
        })
    );
    assert_eq!(accepted.headers["location"], path);

    let reply = world.get(&path).await;
    assert_eq!((reply.status, &reply.json()["success"]), (200, &json!(true)));
    let order: OrderDto = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!((order.id.as_str(), order.status, order.seq), (id, OrderStatus::Pending, 1));
    assert_eq!((order.amount.as_str(), order.slippage.as_str()), ("10", "0.5"));
}

#[tokio::test]
async fn the_same_key_and_body_give_the_same_order() {
    let world = World::start().await;
    let first = world.post_with("idempotency-key: k-1\r\n", ORDER).await;
    let again = world.post_with("idempotency-key: k-1\r\n", ORDER).await;
    assert_eq!((again.status, again.body), (202, first.body.clone()));
    assert_eq!(again.headers["idempotency-replayed"], "true");

    let other = ORDER.replace("10", "11");
    let reused = world.post_with("idempotency-key: k-1\r\n", &other).await;
    assert_eq!(reused.problem(), (409, "idempotency-key-reused".into()));
    assert_ne!(world.post_with("idempotency-key: k-2\r\n", ORDER).await.body, first.body);
}

#[tokio::test]
async fn orders_are_listed_newest_first_in_pages() {
    let world = World::start().await;
    let mut ids: Vec<String> = (0..5).map(|_| world.desk.accept().to_string()).collect();
    world.desk.expire(ids[1].parse().unwrap());
    ids.reverse();

    let mut listed = Vec::new();
    let mut cursor = String::new();
    loop {
        let reply = world.get(&format!("/api/orders?limit=2{cursor}")).await;
        let page: OrderPage = serde_json::from_slice(&reply.body).unwrap();
        assert!(page.success && page.orders.len() <= 2);
        listed.extend(page.orders.into_iter().map(|order| order.id));
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(listed, ids);

    for (query, expected) in [
        ("status=expired", &ids[3..4]),
        ("status=expired,pending", &ids[..]),
        ("status=expired%2Cpending&limit=500", &ids[..]),
        ("status=failed", &[]),
    ] {
        let reply = world.get(&format!("/api/orders?{query}")).await;
        let page: OrderPage = serde_json::from_slice(&reply.body).unwrap();
        let found: Vec<_> = page.orders.into_iter().map(|order| order.id).collect();
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn the_history_begins_where_it_is_asked_to() {
    let world = World::start().await;
    let id = world.desk.accept();
    world.desk.grow(id);
    world.desk.grow(id);
    for (query, expected) in
        [("", &[1, 2, 3][..]), ("?since=0", &[1, 2, 3]), ("?since=2", &[3]), ("?since=3", &[])]
    {
        let reply = world.get(&format!("/api/orders/{id}/events{query}")).await;
        let history: OrderEvents = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(history.order_id, id.to_string());
        let seqs: Vec<_> = history.events.iter().map(|event| event.seq).collect();
        assert_eq!(seqs, expected, "{query}");
    }
}

#[tokio::test]
async fn health_tells_what_is_in_hand() {
    let world = World::start().await;
    let (first, second) = (world.desk.accept(), world.desk.accept());
    world.desk.grow(second);
    let _streams = [world.follow(first).await, world.follow(first).await, world.follow(second).await];
    let reply = world.get("/health").await;
    let health: Health = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!((reply.status, health.status.as_str()), (200, "ok"));
    assert_eq!(health.orders, [(OrderStatus::Pending, 1), (OrderStatus::Routing, 1)].into());
    assert_eq!((health.websocket.connected_orders, health.websocket.total_clients), (2, 3));

    world.desk.drain();
    assert_eq!(world.get("/health").await.json()["status"], "draining");
}

#[tokio::test]
async fn requests_may_follow_each_other_before_the_replies_do() {
    let world = World::start().await;
    let get = "GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut http = world.connect().await;
    http.send([get, &post("", ORDER), "HEAD /health HTTP/1.1\r\nhost: localhost\r\n\r\n", get].concat())
        .await;
    assert_eq!(http.reply().await.status, 200);
    assert_eq!(http.reply().await.status, 202);
    let head = http.reply_to("HEAD").await;
    assert_eq!(head.status, 200);
    assert_ne!(head.headers["content-length"], "0");
    assert_eq!(http.reply().await.status, 200);

    http.send(get.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n")).await;
    assert_eq!(http.reply().await.status, 200);
    http.ended().await;
}

#[tokio::test]
async fn old_clients_are_served_once_per_connection() {
    let world = World::start().await;
    let mut http = world.connect().await;
    http.send("GET /health HTTP/1.0\r\n\r\n").await;
    assert_eq!(http.reply().await.status, 200);
    http.ended().await;
}

#[tokio::test]
async fn a_body_may_come_in_pieces() {
    let world = World::start().await;
    let mut http = world.connect().await;
    let (one, two) = ORDER.split_at(20);
    http.send("POST /api/orders/execute HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n")
        .await;
    http.send("transfer-encoding: chunked\r\n\r\n").await;
    http.send(format!("{:x}\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n", one.len(), two.len())).await;
    assert_eq!(http.reply().await.status, 202);
}
