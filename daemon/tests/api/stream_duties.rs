//! What a client of a stream owes: signs of life, reading, and moderation.

use crate::{
    wire::{Http, soon, upgrade},
    world::World,
};
use futures_util::{SinkExt, StreamExt};
use hyper_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};
use orderd::api::ApiSettings;
use serde_json::json;
use std::time::Duration;
use tokio::{io::AsyncReadExt, net::TcpSocket};

#[tokio::test]
async fn pings_keep_a_stream_alive_and_tell_its_cursor() {
    let world =
        World::with(ApiSettings { heartbeat: Duration::from_millis(150), ..ApiSettings::default() }).await;
    let id = world.desk.accept();
    let mut ws = world.follow(id).await.greeted().await;
    assert_eq!(ws.seqs_up_to(1).await, [1]);
    for _ in 0..6 {
        assert_eq!(ws.json().await, json!({ "type": "ping", "cursor": 1, "top": 1 }));
    }
    world.desk.grow(id);
    assert_eq!(ws.seqs_up_to(2).await, [2]);
    assert_eq!(ws.json().await, json!({ "type": "ping", "cursor": 2, "top": 2 }));
    while !soon(ws.0.next()).await.unwrap().unwrap().is_ping() {}
}

#[tokio::test]
async fn a_client_without_a_sign_of_life_is_closed() {
    let world =
        World::with(ApiSettings { heartbeat: Duration::from_millis(40), ..ApiSettings::default() }).await;
    let id = world.desk.accept();
    // A bare socket reads, but answers no ping.
    let mut http = Http::connect(world.address).await;
    http.send(upgrade(&format!("/api/orders/status/{id}"))).await;
    let mut received = Vec::new();
    while !received.windows(4).any(|bytes| bytes == [0x88, received_len(&received), 0x10, 0xd5]) {
        assert_ne!(http.socket.read_buf(&mut received).await.unwrap(), 0, "a close frame with 4309");
    }
    world.unfollowed().await;
}

/// The length byte of the first close frame.
fn received_len(bytes: &[u8]) -> u8 {
    let close = bytes.windows(2).find(|pair| pair[0] == 0x88 && pair[1] < 126);
    close.map_or(0, |pair| pair[1])
}

#[tokio::test]
async fn a_clients_messages_are_answered() {
    let world = World::start().await;
    let id = world.desk.accept();
    let mut ws = world.follow(id).await.greeted().await;
    assert_eq!(ws.seqs_up_to(1).await, [1]);
    for (said, answer) in [
        (r#"{"type":"ping"}"#, "pong"),
        ("hello", "error"),
        (r#"{"type":"subscribe","id":"x"}"#, "error"),
        (r#"{"type":"ping"}"#, "pong"),
    ] {
        ws.0.send(Message::text(said)).await.unwrap();
        assert_eq!(ws.json().await["type"], answer, "{said}");
    }
    world.desk.grow(id);
    assert_eq!(ws.seqs_up_to(2).await, [2]);
}

#[tokio::test]
async fn a_client_that_says_too_much_is_closed() {
    let world = World::with(ApiSettings { max_messages: 10, ..ApiSettings::default() }).await;
    let id = world.desk.accept();
    let mut ws = world.follow(id).await.greeted().await;
    for _ in 0..11 {
        ws.0.send(Message::text("x")).await.unwrap();
    }
    let (code, texts) = ws.closed().await;
    assert_eq!((code, texts.len()), (CloseCode::Policy, 11), "the event, and ten answers");

    let mut ws = world.follow(id).await.greeted().await;
    ws.0.send(Message::text("x".repeat(5000))).await.unwrap();
    assert_eq!(ws.closed().await.0, CloseCode::Size);
}

#[tokio::test]
async fn a_client_may_leave_in_due_form() {
    let world = World::start().await;
    let id = world.desk.accept();
    let mut ws = world.follow(id).await.greeted().await;
    ws.0.close(None).await.unwrap();
    while ws.0.next().await.is_some_and(|message| message.is_ok()) {}
    world.unfollowed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_is_closed_and_holds_up_nobody() {
    let world =
        World::with(ApiSettings { write_stall: Duration::from_millis(200), ..ApiSettings::default() }).await;
    let id = world.desk.accept();
    let lazy = TcpSocket::new_v4().unwrap();
    lazy.set_recv_buffer_size(4096).unwrap();
    let mut lazy = Http::over(lazy.connect(world.address).await.unwrap());
    lazy.send(upgrade(&format!("/api/orders/status/{id}"))).await;
    assert_eq!(lazy.reply().await.status, 101);

    let mut keen = world.follow(id).await.greeted().await;
    let mut last = 1;
    // Both follow; in the end only the keen one does.
    while world.hub.load().readers > 1 {
        last = world.desk.grow(id);
        assert_eq!(keen.seq().await, last - 1);
    }
    assert_eq!(keen.seq().await, last);
    drop(keen);

    let mut lazy = lazy.into_websocket().await.greeted().await;
    let (code, texts) = lazy.closed().await;
    assert_eq!(code, CloseCode::Library(4308));
    assert!((texts.len() as u64) < last);
}
