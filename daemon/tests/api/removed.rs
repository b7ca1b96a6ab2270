//! Orders that are there no more: what clients are told of them, and that no gap goes untold.

use crate::{
    desk::EPOCH,
    subscriptions::{connect, forgetful, subscribe},
    wire::{Http, Reply, Ws, soon},
    world::{World, post},
};
use orderd::{
    api::ApiSettings,
    app::{Builder, Daemon},
    config::{self, Environment},
    telemetry::{Clock, SystemClock},
};
use orderd_plugin_paper::Paper;
use orderd_sdk::{timestamp::Timestamp, wire::OrderStatus};
use serde_json::{Value, json};
use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};
use tokio::net::TcpListener;

#[tokio::test]
async fn who_asks_for_an_order_that_is_gone_is_told_how_long_orders_are_kept() {
    let path = "/api/orders/status/01900000-0000-7000-8000-000000000000";
    for (retention, expected) in [
        (None, "no order has this id"),
        (
            Some(Duration::from_hours(720)),
            "no order has this id, or it was removed, 720 hours after its last event",
        ),
    ] {
        let world = World::with(ApiSettings { retention, ..ApiSettings::default() }).await;
        let reply = world.get(path).await;
        assert_eq!(reply.problem(), (404, "order-not-found".to_owned()));
        assert_eq!(reply.json()["detail"], expected);
    }
}

#[tokio::test]
async fn what_is_removed_while_changes_are_listed_is_told_as_a_cursor_that_is_gone() {
    let world = World::start().await;
    let [gone, other] = [(); 2].map(|()| world.desk.accept());
    world.desk.expire(gone);
    world.desk.grow(other);
    world.desk.remove_meanwhile(gone);
    let reply = world.get("/api/orders?since=0").await;
    assert_eq!(reply.problem(), (410, "cursor-gone".to_owned()));
    assert_eq!(reply.json()["cursor"], 4);
    assert_eq!(world.get("/api/orders?since=3").await.json()["orders"][0]["id"], other.to_string());
}

#[tokio::test]
async fn what_is_removed_while_a_client_catches_up_is_told_as_a_gap() {
    let world = forgetful().await;
    let [gone, open] = [(); 2].map(|()| world.desk.accept());
    world.desk.expire(gone);
    for _ in 0..6 {
        world.desk.grow(open);
    }
    let mut ws = connect(&world).await;
    world.desk.remove_meanwhile(gone);
    let subscribed =
        subscribe(&mut ws, json!({ "since": { "epoch": EPOCH.to_string(), "cursor": 1 } })).await;
    assert_eq!(subscribed["recovered"], true);
    let gap = ws.json().await;
    assert_eq!((&gap["type"], &gap["reason"]), (&json!("gap"), &json!("too-old")));
    let snapshot = ws.json().await;
    assert_eq!((&snapshot["last"], &snapshot["orders"][0]["id"]), (&json!(true), &json!(open.to_string())));
}

const CONFIG: &str = r#"
[storage]
retention_hours = 24
[plugins.paper]
[chains.paper]
plugin = "paper"
poll_ms = 5
tokens = { SOL = { address = "sol", decimals = 9 }, USDC = { address = "usdc", decimals = 6 } }
[venues.pool]
plugin = "paper"
chain = "paper"
config = { pools = [{ tokens = ["SOL", "USDC"], reserves = ["500000", "75000000"] }] }
[accounts.main]
chain = "paper"
"#;
/// A clock that stands.
struct At(Timestamp);

impl Clock for At {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// A daemon at this time.
async fn start(folder: &Path, now: Timestamp) -> (Daemon, SocketAddr) {
    let settings = config::parse(CONFIG, folder, &Environment::default()).unwrap();
    let builder = Builder::new(settings).link::<Paper>("paper").clock(Arc::new(At(now)));
    let mut daemon = builder.start().await.unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    daemon.serve(listener);
    (daemon, address)
}

async fn ask(address: SocketAddr, request: &str) -> Reply {
    let mut http = Http::connect(address).await;
    http.send(request).await;
    http.reply().await
}

async fn get(address: SocketAddr, path: &str) -> Reply {
    ask(address, &format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n")).await
}

/// Hands in an order under this key, waits until it is final, and tells its id.
async fn trade(daemon: &Daemon, address: SocketAddr, key: &str) -> String {
    let body = r#"{"tokenIn":"SOL","tokenOut":"USDC","amount":"1"}"#;
    let reply = ask(address, &post(&format!("idempotency-key: {key}\r\n"), body)).await;
    assert_eq!(reply.status, 202, "{reply:?}");
    let id = reply.json()["orderId"].as_str().unwrap().to_owned();
    let mut life = daemon.follow(id.parse().unwrap()).await.unwrap().unwrap();
    while soon(life.next()).await.kind != OrderStatus::Finalized {}
    id
}

/// What a client is told that comes back for all that came after the first event.
async fn come_back(address: SocketAddr, epoch: &Value) -> [Value; 2] {
    let mut ws = Ws::open(address, "/api/stream").await.unwrap();
    assert_eq!(&ws.json().await["epoch"], epoch);
    let subscribed = subscribe(&mut ws, json!({ "since": { "epoch": epoch, "cursor": 1 } })).await;
    [subscribed, ws.json().await]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_removes_what_is_past_its_time_and_says_so_to_whoever_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    // The paper chain has a clock of its own, and swaps have deadlines.
    let monday = SystemClock.now();
    let (daemon, address) = start(folder.path(), monday).await;
    let old = trade(&daemon, address, "monday").await;
    let epoch = get(address, "/api/status").await.json()["epoch"].clone();
    let [subscribed, next] = come_back(address, &epoch).await;
    assert_eq!((&subscribed["recovered"], &next["cursor"]), (&json!(true), &json!(2)));
    daemon.shut_down().await.unwrap();

    let tuesday = monday.plus_millis(24 * 3_600_000 + 1);
    let (daemon, address) = start(folder.path(), tuesday).await;
    let is_swept = || async {
        let figures = get(address, "/metrics").await.body;
        String::from_utf8(figures).unwrap().contains("\norderd_orders_removed_total 1\n")
    };
    soon(async { while !is_swept().await {} }).await;
    let gone = get(address, &format!("/api/orders/status/{old}")).await;
    assert_eq!(gone.problem(), (404, "order-not-found".to_owned()));
    let young = trade(&daemon, address, "tuesday").await;
    assert_ne!(trade(&daemon, address, "monday").await, old, "the key is free");
    assert_eq!(trade(&daemon, address, "tuesday").await, young, "this one is not");
    daemon.shut_down().await.unwrap();

    let (daemon, address) = start(folder.path(), tuesday).await;
    let [subscribed, gap] = come_back(address, &epoch).await;
    assert_eq!((&subscribed["recovered"], &gap["type"]), (&json!(false), &json!("gap")));
    assert_eq!(gap["reason"], "too-old");
    let changes = get(address, "/api/orders?since=1").await;
    assert_eq!(changes.problem(), (410, "cursor-gone".to_owned()));
    let listed = get(address, "/api/orders").await.json();
    assert_eq!(listed["orders"].as_array().unwrap().len(), 2);
    assert_eq!(listed["orders"][1]["id"], young);
    daemon.shut_down().await.unwrap();
}
