//! What there is to show, and how it is shown.

use crate::{args::Style, report::Report};
use orderd_sdk::{
    timestamp::Timestamp,
    wire::{
        BreakerReport, ClientReport, Decimal, DelayedRetry, ErrorCode, ErrorCount, EventFields, OldestOrder,
        OrderDto, OrderMessage, OrderStatus, PluginReport, Queue, Rate, StageLatency, SubscriptionReport,
        Topic, VenueGuard, VenueReport, Workers,
    },
};

pub(crate) fn pending() -> OrderDto {
    OrderDto {
        id: "01a0c1e2-0000-7000-8000-000000000001".into(),
        job_id: "01a0c1e2-0000-7000-8000-000000000001".into(),
        order_type: "market".into(),
        token_in: "SOL".into(),
        token_out: "USDC".into(),
        amount: "10".into(),
        slippage: Decimal::from("0.5"),
        status: OrderStatus::Pending,
        progress: 0,
        message: "accepted and stored, waiting for its turn".into(),
        chain: "paper".into(),
        account: "main".into(),
        dex: None,
        quotes: Vec::new(),
        amount_out: None,
        tx_hash: None,
        attempts: 0,
        max_attempts: 3,
        last_error: None,
        last_error_code: None,
        cancel_requested: false,
        labels: Default::default(),
        seq: 1,
        created_at: Timestamp(1_790_000_000_000),
        updated_at: Timestamp(1_790_000_000_000),
    }
}

pub(crate) fn confirmed() -> OrderDto {
    OrderDto {
        id: "01a0c1e2-0000-7000-8000-000000000002".into(),
        status: OrderStatus::Confirmed,
        progress: 100,
        message: "received 2250.5 USDC through alpha in block 7".into(),
        dex: Some("alpha".into()),
        amount_out: Some("2250.5".into()),
        tx_hash: Some("0xab".into()),
        attempts: 2,
        last_error: Some("reverted in block 5: price moved".into()),
        last_error_code: None,
        cancel_requested: false,
        labels: [("desk".to_owned(), "a".to_owned()), ("team".to_owned(), "ops".to_owned())].into(),
        seq: 9,
        updated_at: Timestamp(1_790_000_004_200),
        ..pending()
    }
}

pub(crate) fn event(order: OrderDto) -> OrderMessage {
    OrderMessage {
        kind: order.status,
        order_id: order.id.clone(),
        seq: order.seq,
        cursor: order.seq,
        timestamp: order.updated_at,
        progress: order.progress,
        message: order.message.clone(),
        fields: EventFields::default(),
        order,
    }
}

/// A report as a table, in words, and as JSON.
pub(crate) fn shown(report: &impl Report) -> [String; 3] {
    [Style::Table, Style::Words, Style::Json].map(|style| {
        let mut out = Vec::new();
        report.write(style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    })
}

pub(crate) fn venue(name: &str) -> VenueReport {
    VenueReport {
        name: name.into(),
        chain: "paper".into(),
        asked: 40,
        quoted: 39,
        failed: 1,
        won: 25,
        executed: 24,
        p50_ms: Some(12),
        p99_ms: Some(47),
        last_quote_at: Some(Timestamp(1_790_000_000_000)),
        last_error: Some("no answer in time".into()),
        last_error_at: Some(Timestamp(1_790_000_000_000)),
        guard: Some(guard()),
    }
}

fn guard() -> VenueGuard {
    VenueGuard {
        enabled: true,
        breaker: BreakerReport {
            state: "closed".into(),
            since: Timestamp(1_790_000_000_000),
            reason: None,
            retry_at: None,
        },
        quarantine: None,
        score: 482_310,
        in_flight: 3,
        panics: 0,
        changes: Vec::new(),
        plugin: PluginReport {
            name: "paper".into(),
            version: Some("0.1.0".into()),
            sha256: None,
            isolation: "in-process".into(),
            in_flight: 3,
            max_in_flight: 1024,
            panics: 0,
            restarts: 0,
        },
    }
}

pub(crate) fn queue() -> Queue {
    let since = Timestamp(1_790_000_000_000);
    let oldest =
        OldestOrder { order_id: "0199".into(), status: OrderStatus::RetryPending, since, age_ms: 65_000 };
    let delayed = DelayedRetry {
        order_id: "0199".into(),
        due_at: since.plus_millis(500),
        attempt: 2,
        max_attempts: 3,
        dex: Some("alpha".into()),
        last_error_code: Some(ErrorCode::Reverted),
    };
    Queue {
        depth: [(OrderStatus::RetryPending, 2)].into(),
        oldest: Some(oldest),
        rates: vec![Rate { seconds: 10, accepted: 4, confirmed: 3, failed: 2, retried: 1 }],
        stages: vec![StageLatency { status: OrderStatus::Pending, count: 3, p50_ms: 4, p99_ms: 5 }],
        workers: Workers { busy: 2, max: 16 },
        delayed: vec![delayed],
        delayed_total: 1,
        errors: vec![ErrorCount { code: ErrorCode::Reverted, count: 2, by_dex: [].into() }],
        ..Queue::default()
    }
}

pub(crate) fn client(id: &str) -> ClientReport {
    let follows = |id: &str, topic| SubscriptionReport { id: id.into(), topic };
    ClientReport {
        id: id.into(),
        address: "127.0.0.1:51414".into(),
        user_agent: Some("desk/1.2".into()),
        name: Some("bot".into()),
        since: Timestamp(1_790_000_000_000),
        subscriptions: vec![follows("mine", Topic::Orders), follows("q", Topic::Queue)],
        sent_messages: 4711,
        sent_bytes: 6_204_113,
        buffered_messages: 12,
        buffered_bytes: 17_340,
        lag: 19,
    }
}
