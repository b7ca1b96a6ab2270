//! What a busy daemon tells of itself, and of one order.

use crate::life;
use orderctl::console::msg::{Msg, Report};
use orderd_sdk::{
    client::LogNews,
    timestamp::Timestamp,
    wire::{EventFields, LogLine, OrderMessage, OrderStatus},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// Lines of the log.
const LINES: u64 = 2_000;

/// A report of each kind, and the log.
pub(crate) fn messages(now: Timestamp) -> anyhow::Result<Vec<Msg>> {
    let reports = [
        Report::Status(Arc::new(serde_json::from_value(status(now))?)),
        Report::Queue(Arc::new(serde_json::from_value(queue(now))?)),
        Report::Venues(Arc::new(serde_json::from_value(json!({"venues": many(12, |n| venue(n, now))}))?)),
        Report::Clients(Arc::new(serde_json::from_value(
            json!({"total": 100, "clients": many(100, |n| client(n, now))}),
        )?)),
        Report::Actions(Arc::new(serde_json::from_value(
            json!({"actions": many(100, |n| action(n, now)), "more": true, "unsaved": 0}),
        )?)),
    ];
    let log = Msg::Logs(LogNews::Lines((0..LINES).map(|n| line(n, now)).collect()));
    Ok(reports.into_iter().map(Msg::Report).chain([log]).collect())
}

/// The life of an order, on two attempts.
pub(crate) fn events(number: u64) -> impl Iterator<Item = Msg> {
    use OrderStatus::{
        Building, Confirmed, ExecutionFailed, Finalized, Pending, RetryPending, Routing, Submitted,
    };
    let kinds = [
        Pending,
        Routing,
        Building,
        Submitted,
        ExecutionFailed,
        RetryPending,
        Routing,
        Building,
        Submitted,
        Confirmed,
        Finalized,
    ];
    (1..).zip(kinds).map(move |(seq, kind)| {
        let order = life::order(number, 0);
        Msg::Event(Arc::new(OrderMessage {
            kind,
            order_id: order.id.clone(),
            seq,
            cursor: seq,
            timestamp: order.created_at.plus_millis(seq * 170),
            progress: 50,
            message: order.message.clone(),
            fields: EventFields {
                quotes: (kind == Routing).then(|| order.quotes.clone()),
                attempt: Some(1 + u32::from(seq > 6)),
                tx_hash: order.tx_hash.clone().filter(|_| kind == Submitted),
                ..EventFields::default()
            },
            order,
        }))
    })
}

fn many(count: u64, one: impl Fn(u64) -> Value) -> Vec<Value> {
    (1..=count).map(one).collect()
}

fn status(now: Timestamp) -> Value {
    json!({
        "phase": "running", "version": "0.1.0", "startedAt": Timestamp(now.0 - 90_000_000), "uptimeMs": 90_000_000,
        "epoch": "5b0f", "cursor": 1_200_000, "orders": depth(),
        "websocket": {"connectedOrders": 40, "totalClients": 100},
        "recovery": {"complete": true, "orders": 12, "signed": 3, "waitsFor": [], "tookMs": 61},
        "lanes": many(3, |n| json!({"chain": "paper", "account": format!("main-{n}"), "standing": "running"})),
        "storeBytes": 412_000_000,
    })
}

fn depth() -> Value {
    json!({"pending": 412, "routing": 12, "submitted": 1_900, "retry-pending": 40, "confirmed": 3_000, "failed": 7_000})
}

fn queue(now: Timestamp) -> Value {
    let series = |most: u64| (0..180).map(|step| life::shuffled(step) % most).collect::<Vec<_>>();
    let rate = |seconds: u64| {
        json!({"seconds": seconds, "accepted": 40 * seconds, "confirmed": 38 * seconds,
        "failed": seconds, "retried": seconds / 2})
    };
    let stage = |status: &str| json!({"status": status, "count": 2_000, "p50Ms": 41, "p99Ms": 410});
    let retry = |n| {
        json!({"orderId": life::order(n, 0).id, "dueAt": Timestamp(now.0 + 400 * n), "attempt": 2,
        "maxAttempts": 3, "dex": "paper-beta", "lastErrorCode": "unavailable"})
    };
    let (stages, codes) = (
        ["pending", "routing", "building", "submitted", "confirmed"],
        ["unavailable", "reverted", "refused"],
    );
    let error =
        |code: &str| json!({"code": code, "count": 310, "byDex": {"paper-alpha": 200, "paper-beta": 110}});
    json!({
        "depth": depth(),
        "oldest": {"orderId": life::order(1, 0).id, "status": "pending", "since": Timestamp(now.0 - 4_000), "ageMs": 4_000},
        "rates": [rate(10), rate(60), rate(900)],
        "throughput": {"stepSeconds": 5, "accepted": series(50), "confirmed": series(50), "failed": series(9),
            "retried": series(9)},
        "stages": stages.map(stage),
        "workers": {"busy": 61, "max": 64},
        "delayed": many(40, retry), "delayedTotal": 40,
        "depthHistory": {"stepSeconds": 5, "open": series(5_000), "waiting": series(400)},
        "waits": many(9, |n| json!({"upToMs": 1_u64 << (2 * n), "count": 100 * n})),
        "errors": codes.map(error),
    })
}

fn venue(n: u64, now: Timestamp) -> Value {
    json!({
        "name": format!("paper-{n}"), "chain": "paper", "asked": 4_000 * n, "quoted": 3_900 * n, "failed": 100 * n,
        "won": 900 * n, "executed": 890 * n, "p50Ms": 40 + n, "p99Ms": 400 + n, "lastQuoteAt": Timestamp(now.0 - n),
        "lastError": "429 from the node", "lastErrorAt": Timestamp(now.0 - 1_000 * n),
        "guard": {
            "enabled": true, "score": 970, "inFlight": n, "panics": 0, "quarantine": null,
            "breaker": {"state": "closed", "since": Timestamp(now.0 - 90_000), "reason": null, "retryAt": null},
            "changes": many(10, |n| json!({"at": Timestamp(now.0 - 1_000 * n), "what": "opened", "reason": "31 % of quotes failed"})),
            "plugin": {"name": "paper", "version": "1.4.2", "sha256": "9f2c".repeat(16), "isolation": "in-process",
                "inFlight": 7, "maxInFlight": 1_024, "panics": 0, "restarts": 0},
        },
    })
}

fn client(n: u64, now: Timestamp) -> Value {
    json!({
        "id": format!("c-{n}"), "address": format!("127.0.0.1:{}", 40_000 + n), "userAgent": "desk/2.1",
        "name": format!("desk-{n}"), "since": Timestamp(now.0 - 60_000 * n),
        "subscriptions": [{"id": "all", "topic": "orders"}, {"id": "queue", "topic": "queue"}],
        "sentMessages": 12_000 * n, "sentBytes": 6_120_000 * n, "bufferedMessages": n, "bufferedBytes": 510 * n,
        "lag": 100 - n,
    })
}

fn action(n: u64, now: Timestamp) -> Value {
    json!({
        "n": 1_000 - n, "at": Timestamp(now.0 - 1_000 * n), "by": "ops-1", "address": "127.0.0.1:50122", "verb": "retry",
        "target": life::order(n, 0).id, "reason": "the node is back", "outcome": "done", "code": null,
        "detail": "retried",
    })
}

fn line(n: u64, now: Timestamp) -> LogLine {
    LogLine {
        n,
        timestamp: Timestamp(now.0 - 10 * (LINES - n)),
        level: ["INFO", "WARN", "ERROR"][n as usize % 3].into(),
        target: "orderd::engine".into(),
        message: format!("attempt {n} was sent"),
        fields: BTreeMap::from([("order".to_owned(), life::order(n, 0).id)]),
    }
}
