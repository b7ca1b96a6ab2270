//! The end: in good order, and in bounded time.

use crate::{
    desk::GATE_PERMITS,
    world::{World, post},
};
use hyper_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use orderd::api::ApiSettings;
use std::time::Duration;
use tokio::net::TcpStream;

const ORDER: &str = r#"{"tokenIn":"SOL","tokenOut":"USDC","amount":1}"#;

#[tokio::test]
async fn streams_are_told_to_come_back() {
    let world = World::start().await;
    let id = world.desk.accept();
    let mut streams = Vec::new();
    for _ in 0..5 {
        streams.push(world.follow(id).await.greeted().await);
    }
    world.closing.send_replace(true);
    let mut delays = Vec::new();
    for stream in &mut streams {
        let (code, texts) = stream.closed().await;
        assert_eq!(code, CloseCode::Restart);
        let last: serde_json::Value = serde_json::from_str(texts.last().unwrap()).unwrap();
        assert_eq!(last["type"], "reconnect");
        delays.push(last["afterMs"].as_u64().unwrap());
    }
    assert!(delays.iter().all(|delay| (1000..4000).contains(delay)), "{delays:?}");
    delays.dedup();
    assert_eq!(delays.len(), 5, "they do not all come back at once");
    drop(streams);
    assert_eq!(world.ended().await, 0);
}

#[tokio::test]
async fn a_request_in_flight_is_finished_and_nobody_else_is_let_in() {
    let world = World::start().await;
    let held = world.desk.gate.acquire_many(GATE_PERMITS).await.unwrap();
    let mut http = world.connect().await;
    http.send(post("", ORDER)).await;
    let mut idle = world.connect().await;
    idle.send("GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert_eq!(idle.reply().await.status, 200);

    world.closing.send_replace(true);
    idle.ended().await;
    assert!(TcpStream::connect(world.address).await.is_err(), "nobody listens");
    drop(held);
    let reply = http.reply().await;
    assert_eq!((reply.status, reply.headers["connection"].as_str()), (202, "close"));
    assert_eq!(world.ended().await, 0);
}

#[tokio::test]
async fn what_does_not_end_is_cut_off() {
    let world =
        World::with(ApiSettings { closing_grace: Duration::from_millis(50), ..ApiSettings::default() }).await;
    let mut http = world.connect().await;
    http.send("POST /api/orders/execute HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n")
        .await;
    http.send("content-length: 9\r\n\r\n{").await;
    assert_eq!(world.get("/health").await.status, 200);
    world.closing.send_replace(true);
    assert_eq!(world.ended().await, 1);
    http.ended().await;
}

#[tokio::test]
async fn a_connection_that_asked_nothing_does_not_hold_up_the_end() {
    let world = World::start().await;
    let mut fresh = world.connect().await;
    assert_eq!(world.get("/health").await.status, 200, "the fresh one is accepted");
    world.closing.send_replace(true);
    fresh.ended().await;
    assert_eq!(world.ended().await, 0);
}

#[tokio::test]
async fn the_interface_ends_with_whoever_runs_it() {
    let mut world = World::start().await;
    let (other, _) = tokio::sync::watch::channel(false);
    drop(std::mem::replace(&mut world.closing, other));
    assert_eq!(world.ended().await, 0);
}
