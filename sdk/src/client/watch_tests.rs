//! What the daemon tells of itself, as the client reads it.

use super::tests::{answering, http};
use crate::{
    timestamp::Timestamp,
    wire::{
        LaneReport, OldestOrder, OrderStatus, Queue, Rate, RecoveryReport, StageLatency, Status, Throughput,
        VenueReport, Venues, WebsocketLoad,
    },
};
use std::collections::BTreeMap;

fn status() -> Status {
    let recovery =
        RecoveryReport { complete: false, orders: 3, signed: 1, waits_for: vec!["paper".into()], took_ms: 9 };
    let (chain, account, standing) = ("paper".into(), "main".into(), "recovering".into());
    Status {
        phase: "recovering".into(),
        version: "0.1.0".into(),
        started_at: Timestamp(1_790_000_000_000),
        uptime_ms: 61_200,
        epoch: "07".into(),
        cursor: 4_711,
        orders: BTreeMap::from([(OrderStatus::Unknown, 1)]),
        websocket: WebsocketLoad { connected_orders: 1, total_clients: 2 },
        recovery,
        lanes: vec![LaneReport { chain, account, standing, detail: Some("looked up".into()) }],
    }
}

fn queue() -> Queue {
    let oldest = OldestOrder {
        order_id: "0199".into(),
        status: OrderStatus::RetryPending,
        since: Timestamp(1_790_000_000_000),
        age_ms: 7,
    };
    let stage = StageLatency { status: OrderStatus::Pending, count: 3, p50_ms: 4, p99_ms: 5 };
    Queue {
        depth: BTreeMap::from([(OrderStatus::RetryPending, 2)]),
        oldest: Some(oldest),
        rates: vec![Rate { seconds: 10, accepted: 4, confirmed: 3, failed: 2, retried: 1 }],
        throughput: Throughput { step_seconds: 15, accepted: vec![0, 4], ..Throughput::default() },
        stages: vec![stage],
    }
}

fn venues() -> Venues {
    let venue = VenueReport {
        name: "alpha".into(),
        chain: "paper".into(),
        asked: 3,
        quoted: 2,
        failed: 1,
        won: 1,
        executed: 1,
        p50_ms: Some(12),
        p99_ms: None,
        last_quote_at: Some(Timestamp(1_790_000_000_000)),
        last_error: Some("no answer in time".into()),
        last_error_at: None,
        guard: None,
    };
    Venues { venues: vec![venue] }
}

#[tokio::test]
async fn what_the_daemon_tells_of_itself_reads_back_as_it_was_written() {
    let (client, server) = answering(http(200, &status()));
    assert_eq!(client.status().await.unwrap(), status());
    assert!(server.join().unwrap().starts_with("GET /api/status HTTP/1.1\r\n"));

    let (client, server) = answering(http(200, &queue()));
    assert_eq!(client.queue().await.unwrap(), queue());
    assert!(server.join().unwrap().starts_with("GET /api/queue HTTP/1.1\r\n"));

    let (client, server) = answering(http(200, &venues()));
    assert_eq!(client.venues().await.unwrap(), venues());
    assert!(server.join().unwrap().starts_with("GET /api/venues HTTP/1.1\r\n"));
}
