//! What the daemon tells of itself, as the client reads it.

use super::tests::{answering, http};
use crate::{
    timestamp::Timestamp,
    wire::{
        Action, ActionOutcome, Actions, Clients, DelayedRetry, DepthHistory, Disconnected, ErrorCode,
        ErrorCount, LaneReport, OldestOrder, OrderStatus, Pause, PauseRequest, Queue, QueueSwitched, Rate,
        RecoveryReport, StageLatency, Status, Throughput, VenueReport, Venues, WaitBucket, WebsocketLoad,
        Workers,
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
        paused: Some(pause()),
        store_bytes: Some(4_096),
    }
}

fn queue() -> Queue {
    let oldest = OldestOrder {
        order_id: "0199".into(),
        status: OrderStatus::RetryPending,
        since: Timestamp(1_790_000_000_000),
        age_ms: 7,
    };
    let delayed = DelayedRetry {
        order_id: "0199".into(),
        due_at: Timestamp(1_790_000_000_500),
        attempt: 2,
        max_attempts: 3,
        dex: Some("alpha".into()),
        last_error_code: Some(ErrorCode::Reverted),
    };
    let stage = StageLatency { status: OrderStatus::Pending, count: 3, p50_ms: 4, p99_ms: 5 };
    Queue {
        depth: BTreeMap::from([(OrderStatus::RetryPending, 2)]),
        oldest: Some(oldest),
        rates: vec![Rate { seconds: 10, accepted: 4, confirmed: 3, failed: 2, retried: 1 }],
        throughput: Throughput { step_seconds: 15, accepted: vec![0, 4], ..Throughput::default() },
        stages: vec![stage],
        paused: Some(pause()),
        workers: Workers { busy: 2, max: 16 },
        delayed: vec![delayed],
        delayed_total: 1,
        depth_history: DepthHistory { step_seconds: 15, open: vec![2, 3], waiting: vec![1, 2] },
        waits: vec![WaitBucket { up_to_ms: Some(10), count: 3 }, WaitBucket { up_to_ms: None, count: 0 }],
        errors: vec![ErrorCount {
            code: ErrorCode::Reverted,
            count: 2,
            by_dex: BTreeMap::from([("alpha".into(), 2)]),
        }],
    }
}

fn pause() -> Pause {
    Pause { since: Timestamp(1_790_000_000_000), by: "ops".into(), reason: Some("the node lags".into()) }
}

fn actions() -> Actions {
    let action = Action {
        n: 7,
        at: Timestamp(1_790_000_000_000),
        by: "ops".into(),
        address: Some("127.0.0.1:4000".into()),
        verb: "cancel".into(),
        target: Some("0199".into()),
        reason: None,
        outcome: ActionOutcome::Refused,
        code: Some("order-over".into()),
        detail: "it has ended".into(),
    };
    Actions { actions: vec![action], more: true, unsaved: 0 }
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

#[tokio::test]
async fn what_operators_ask_for_goes_to_its_path_and_is_read_back() {
    let switched = QueueSwitched { success: true, paused: Some(pause()) };
    let (client, server) = answering(http(200, &switched));
    let request = PauseRequest { reason: Some("the node lags".into()) };
    assert_eq!(client.pause(&request).await.unwrap(), switched);
    let sent = server.join().unwrap();
    assert!(sent.starts_with("POST /api/queue/pause HTTP/1.1\r\n"), "{sent}");
    assert!(sent.ends_with(r#"{"reason":"the node lags"}"#), "{sent}");

    let switched = QueueSwitched { success: true, paused: None };
    let (client, server) = answering(http(200, &switched));
    assert_eq!(client.resume().await.unwrap(), switched);
    assert!(server.join().unwrap().starts_with("POST /api/queue/resume HTTP/1.1\r\n"));

    let (client, server) = answering(http(200, &actions()));
    assert_eq!(client.actions(Some(5), Some(8)).await.unwrap(), actions());
    assert!(server.join().unwrap().starts_with("GET /api/actions?limit=5&before=8 HTTP/1.1\r\n"));

    let clients = Clients { total: 0, clients: Vec::new() };
    let (client, server) = answering(http(200, &clients));
    assert_eq!(client.clients(Some(7)).await.unwrap(), clients);
    assert!(server.join().unwrap().starts_with("GET /api/clients?limit=7 HTTP/1.1\r\n"));

    let gone = Disconnected { success: true, id: "ws-7".into() };
    let (client, server) = answering(http(200, &gone));
    assert_eq!(client.disconnect_client("ws-7").await.unwrap(), gone);
    assert!(server.join().unwrap().starts_with("POST /api/clients/ws-7/disconnect HTTP/1.1\r\n"));
}

#[test]
fn a_queue_of_an_older_daemon_is_read_too() {
    let mut object = serde_json::to_value(queue()).unwrap();
    for member in ["paused", "workers", "delayed", "delayedTotal", "depthHistory", "waits", "errors"] {
        assert!(object.as_object_mut().unwrap().remove(member).is_some(), "{member}");
    }
    let queue: Queue = serde_json::from_value(object).unwrap();
    assert_eq!((queue.paused, queue.workers, queue.errors), (None, Workers::default(), Vec::new()));
}
