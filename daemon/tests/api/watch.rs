//! What the daemon tells of itself.

use crate::{
    desk::{EPOCH, NOW, catalog},
    world::World,
};
use orderd::{
    engine::{Desk as _, Readiness, Recovery, Standing},
    order::{Fact, Lane, QuoteAnswer, QuoteLine},
    stats::Stats,
    telemetry::Clock,
};
use orderd_sdk::{
    amount::Amount,
    timestamp::Timestamp,
    wire::{OrderStatus, Queue, Ready, Status, Venues},
};
use serde_json::json;
use std::sync::Arc;

/// Three seconds after everything that happens at the desk.
struct Later;

impl Clock for Later {
    fn now(&self) -> Timestamp {
        NOW.plus_millis(3_000)
    }
}

/// The desk's events are counted by the test, as the daemon's are by its store.
async fn counting() -> (World, Arc<Stats>) {
    let stats = Arc::new(Stats::new(Arc::new(Later), &catalog()));
    (World::counting(Arc::clone(&stats)).await, stats)
}

#[tokio::test]
async fn the_queue_tells_what_waits_and_how_fast_it_goes() {
    let (world, stats) = counting().await;
    let (first, second) = (world.desk.accept(), world.desk.accept());
    world.desk.expire(second);
    for id in [first, second] {
        let order = world.desk.load(id).await.unwrap().unwrap();
        stats.note(&order, &order.events);
    }
    let reply = world.get("/api/queue").await;
    assert_eq!((reply.status, reply.headers["content-type"].as_str()), (200, "application/json"));
    assert_eq!(reply.headers["cache-control"], "no-store");
    let body = reply.json();
    assert_eq!(body["depth"], json!({"pending": 1}));
    let since = NOW.to_string();
    assert_eq!(
        body["oldest"],
        json!({"orderId": first.to_string(), "status": "pending", "since": since, "ageMs": 3_000})
    );
    let rate =
        |seconds| json!({"seconds": seconds, "accepted": 2, "confirmed": 0, "failed": 1, "retried": 0});
    assert_eq!(body["rates"], json!([rate(10), rate(60), rate(900)]));
    let queue: Queue = serde_json::from_value(body).unwrap();
    let throughput = queue.throughput;
    assert_eq!((throughput.step_seconds, throughput.accepted.len()), (15, 60));
    assert_eq!(throughput.accepted.iter().sum::<u64>(), 2);
    let [pending] = queue.stages[..] else {
        panic!("one status was left");
    };
    assert_eq!((pending.status, pending.count, pending.p99_ms), (OrderStatus::Pending, 1, 0));
}

#[tokio::test]
async fn venues_that_were_never_asked_are_there_too() {
    let (world, stats) = counting().await;
    let never = json!({"venues": [{
        "name": "alpha", "chain": "paper", "asked": 0, "quoted": 0, "failed": 0, "won": 0, "executed": 0,
        "p50Ms": null, "p99Ms": null, "lastQuoteAt": null, "lastError": null, "lastErrorAt": null, "guard": null,
    }]});
    assert_eq!(world.get("/api/venues").await.json(), never);

    let id = world.desk.accept();
    let answer =
        QuoteAnswer::Priced { amount_out: Amount::ZERO, net_amount_out: Amount::ZERO, price_impact: None };
    let quote = QuoteLine { dex: "alpha".into(), latency_ms: 12, answer };
    world.desk.step(id, Fact::QuotesRequested { venues: 1 });
    world.desk.step(id, Fact::QuotesReceived { quotes: [quote.clone()].into() });
    world.desk.step(id, Fact::Chosen { quote, min_out: Amount::ZERO, deadline: 9 });
    let order = world.desk.load(id).await.unwrap().unwrap();
    stats.note(&order, &order.events);
    let reply = world.get("/api/venues").await;
    let Venues { venues } = serde_json::from_slice(&reply.body).unwrap();
    let alpha = &venues[0];
    assert_eq!((alpha.asked, alpha.quoted, alpha.won, alpha.executed), (1, 1, 1, 0));
    assert_eq!((alpha.p50_ms, alpha.last_quote_at), (Some(12), Some(NOW)));
}

#[tokio::test]
async fn the_status_is_of_one_piece_with_health_and_ready() {
    let (world, _stats) = counting().await;
    let id = world.desk.accept();
    world.desk.report(Readiness {
        recovery: Recovery { orders: 3, waits_for: ["paper".to_owned()].into(), ..Recovery::default() },
        lanes: vec![(Lane { chain: "paper".into(), account: "main".into() }, Standing::Full { pending: 16 })],
    });
    let _reader = world.follow(id).await;
    let reply = world.get("/api/status").await;
    assert_eq!(reply.status, 200, "also while it is not ready");
    let status: Status = serde_json::from_slice(&reply.body).unwrap();
    let ready: Ready = serde_json::from_slice(&world.get("/ready").await.body).unwrap();
    assert_eq!(status.phase, "recovering");
    assert_eq!(
        (&status.phase, &status.recovery, &status.lanes),
        (&ready.phase, &ready.recovery, &ready.lanes)
    );
    assert_eq!((status.epoch, status.cursor), (EPOCH.to_string(), 1));
    assert_eq!(status.started_at, Later.now());
    assert_eq!(status.orders, [(OrderStatus::Pending, 1)].into());
    assert_eq!((status.websocket.connected_orders, status.websocket.total_clients), (1, 1));

    world.desk.drain();
    assert_eq!(world.get("/api/status").await.json()["phase"], "draining");
}

#[tokio::test]
async fn an_interface_that_is_given_no_counts_tells_of_none() {
    let world = World::start().await;
    world.desk.accept();
    let queue: Queue = serde_json::from_slice(&world.get("/api/queue").await.body).unwrap();
    assert_eq!((queue.depth, queue.oldest, queue.stages), ([(OrderStatus::Pending, 1)].into(), None, vec![]));
    assert!(queue.rates.iter().all(|rate| rate.accepted == 0));
    assert_eq!(world.get("/api/venues").await.json(), json!({"venues": []}));
}

#[tokio::test]
async fn a_head_is_answered_without_a_body() {
    let world = World::start().await;
    for path in ["/api/queue", "/api/venues", "/api/status"] {
        let mut http = world.connect().await;
        http.send(format!("HEAD {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")).await;
        let reply = http.reply_to("HEAD").await;
        assert_eq!((reply.status, reply.headers["content-type"].as_str()), (200, "application/json"));
        http.ended().await;
    }
}
