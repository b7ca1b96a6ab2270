//! Objects with everything that they can have, and with as little.

use orderd_sdk::{
    timestamp::Timestamp,
    wire::{
        Action, ActionOutcome, BreakerReport, ClientReport, Connection, Decimal, DelayedRetry, DepthHistory,
        ErrorCode, ErrorCount, EventFields, GuardChange, LaneReport, Limits, LogLine, OldestOrder, OrderDto,
        OrderMessage, OrderStatus, Pause, PluginReport, QuarantineReport, QuoteDto, Rate, RecoveryReport,
        StageLatency, SubscriptionReport, Throughput, Topic, VenueGuard, VenueReport, WaitBucket,
        WebsocketLoad, Workers,
    },
};

pub(crate) const AT: Timestamp = Timestamp(1_790_000_000_123);

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// An order that has been through everything.
pub(crate) fn order() -> OrderDto {
    OrderDto {
        dex: some("alpha"),
        quotes: vec![quote(), failed_quote()],
        amount_out: some("2250.5"),
        tx_hash: some("0x51"),
        last_error: some("no SOL"),
        last_error_code: Some(ErrorCode::InsufficientFunds),
        cancel_requested: true,
        labels: [("desk".to_owned(), "7".to_owned())].into(),
        ..fresh_order()
    }
}

/// An order that nothing has happened to.
pub(crate) fn fresh_order() -> OrderDto {
    OrderDto {
        id: "01a0c1e2-8a10-7c31-9d2c-4f6f0d6f7a01".to_owned(),
        job_id: "01a0c1e2-8a10-7c31-9d2c-4f6f0d6f7a01".to_owned(),
        order_type: "market".to_owned(),
        token_in: "SOL".to_owned(),
        token_out: "USDC".to_owned(),
        amount: "10".to_owned(),
        slippage: Decimal::from("0.5"),
        status: OrderStatus::Pending,
        progress: 0,
        message: "waiting".to_owned(),
        chain: "paper".to_owned(),
        account: "main".to_owned(),
        dex: None,
        quotes: Vec::new(),
        amount_out: None,
        tx_hash: None,
        attempts: 0,
        max_attempts: 3,
        last_error: None,
        last_error_code: None,
        cancel_requested: false,
        labels: [].into(),
        seq: 1,
        created_at: AT,
        updated_at: AT,
    }
}

pub(crate) fn quote() -> QuoteDto {
    QuoteDto {
        amount_out: some("2251"),
        net_amount_out: some("2250"),
        price_impact: some("0.1"),
        ..no_quote()
    }
}

fn failed_quote() -> QuoteDto {
    QuoteDto { error: some("timeout"), ..no_quote() }
}

fn no_quote() -> QuoteDto {
    QuoteDto {
        dex: "alpha".to_owned(),
        amount_out: None,
        net_amount_out: None,
        price_impact: None,
        latency_ms: 12,
        error: None,
    }
}

/// An event of this kind, without fields of its own.
pub(crate) fn event(kind: OrderStatus) -> OrderMessage {
    OrderMessage {
        kind,
        order_id: "o".to_owned(),
        seq: 1,
        cursor: 7,
        timestamp: AT,
        progress: 100,
        message: "so".to_owned(),
        fields: EventFields::default(),
        order: fresh_order(),
    }
}

/// Every field that an event can have.
pub(crate) fn fields() -> EventFields {
    EventFields {
        queue_position: Some(1),
        quotes_fetched: Some(2),
        quotes: Some(vec![quote(), failed_quote()]),
        chosen_dex: some("alpha"),
        quote: Some(quote()),
        stage: some("fee-bump"),
        spender: some("0x2"),
        attempt: Some(1),
        max_attempts: Some(3),
        tx_hash: some("0x51"),
        sequence: Some(4),
        error: some("no SOL"),
        error_code: Some(ErrorCode::Reverted),
        transient: Some(false),
        retries_remaining: Some(2),
        delay: Some(500),
        next_attempt: Some(2),
        reason: some("it was late"),
        since: Some(AT),
        dex: some("alpha"),
        amount_out: some("2250.5"),
        block: Some(7),
        is_final: Some(true),
        total_attempts: Some(3),
    }
}

pub(crate) fn connection() -> Connection {
    Connection {
        connection_id: "ws-1".to_owned(),
        heartbeat_ms: 15_000,
        epoch: "5b".to_owned(),
        cursor: u64::MAX,
        authenticated: true,
        limits: Limits {
            max_message_bytes: 4096,
            max_subscriptions: 32,
            max_filter_ids: 256,
            buffer_messages: 1024,
            buffer_bytes: 1 << 20,
        },
    }
}

pub(crate) fn websocket() -> WebsocketLoad {
    WebsocketLoad { connected_orders: 3, total_clients: 12 }
}

pub(crate) fn recovery() -> RecoveryReport {
    RecoveryReport { complete: true, orders: 3, signed: 2, waits_for: vec!["paper".to_owned()], took_ms: 41 }
}

pub(crate) fn lane(detail: Option<&str>) -> LaneReport {
    let standing = if detail.is_some() { "held" } else { "open" };
    LaneReport {
        chain: "paper".to_owned(),
        account: "main".to_owned(),
        standing: standing.to_owned(),
        detail: detail.map(str::to_owned),
    }
}

pub(crate) fn queue(oldest: Option<OldestOrder>) -> orderd_sdk::wire::Queue {
    orderd_sdk::wire::Queue {
        depth: OrderStatus::ALL.map(|status| (status, 2)).into(),
        rates: vec![Rate { seconds: 10, ..Rate::default() }],
        throughput: Throughput { step_seconds: 10, accepted: vec![1, 2], ..Throughput::default() },
        stages: vec![StageLatency { status: OrderStatus::Routing, count: 1, p50_ms: 2, p99_ms: 3 }],
        paused: oldest.as_ref().map(|_| pause(true)),
        workers: Workers { busy: 1, max: 2 },
        delayed: vec![delayed(false), delayed(true)],
        delayed_total: 2,
        depth_history: DepthHistory { step_seconds: 15, open: vec![3], waiting: vec![1] },
        waits: vec![WaitBucket { up_to_ms: Some(10), count: 1 }, WaitBucket { up_to_ms: None, count: 0 }],
        errors: vec![ErrorCount {
            code: ErrorCode::Refused,
            count: 2,
            by_dex: [("alpha".to_owned(), 1)].into(),
        }],
        oldest,
    }
}

pub(crate) fn pause(has_reason: bool) -> Pause {
    Pause { since: AT, by: "ops".to_owned(), reason: has_reason.then(|| "the node lags".to_owned()) }
}

pub(crate) fn delayed(has_chosen: bool) -> DelayedRetry {
    DelayedRetry {
        order_id: "o".to_owned(),
        due_at: AT,
        attempt: 2,
        max_attempts: 3,
        dex: has_chosen.then(|| "alpha".to_owned()),
        last_error_code: has_chosen.then_some(ErrorCode::Reverted),
    }
}

/// An action of which little is known, or one with everything.
pub(crate) fn action(is_full: bool) -> Action {
    Action {
        n: 1,
        at: AT,
        by: "ops".to_owned(),
        address: is_full.then(|| "127.0.0.1:5000".to_owned()),
        verb: "pause".to_owned(),
        target: is_full.then(|| "alpha".to_owned()),
        reason: is_full.then(|| "the node lags".to_owned()),
        outcome: if is_full { ActionOutcome::Refused } else { ActionOutcome::Done },
        code: is_full.then(|| "forbidden".to_owned()),
        detail: "so".to_owned(),
    }
}

pub(crate) fn oldest() -> OldestOrder {
    OldestOrder { order_id: "o".to_owned(), status: OrderStatus::Pending, since: AT, age_ms: 5 }
}

/// A venue that was never asked, or one that has quoted and failed.
pub(crate) fn venue(is_used: bool) -> VenueReport {
    VenueReport {
        name: "alpha".to_owned(),
        chain: "paper".to_owned(),
        asked: 3,
        quoted: 2,
        failed: 1,
        won: 1,
        executed: 1,
        p50_ms: is_used.then_some(1),
        p99_ms: is_used.then_some(2),
        last_quote_at: is_used.then_some(AT),
        last_error: is_used.then(|| "timeout".to_owned()),
        last_error_at: is_used.then_some(AT),
        guard: is_used.then(|| guard(true)),
    }
}

/// A venue that nothing is held against, or one that is not asked.
pub(crate) fn guard(is_held: bool) -> VenueGuard {
    let reason = || "no answer".to_owned();
    VenueGuard {
        enabled: !is_held,
        breaker: breaker(is_held),
        quarantine: is_held.then(|| QuarantineReport { since: AT, reason: reason() }),
        score: 1_000_000,
        in_flight: 1,
        panics: 2,
        changes: vec![change(false), change(true)],
        plugin: plugin(is_held),
    }
}

pub(crate) fn breaker(is_open: bool) -> BreakerReport {
    BreakerReport {
        state: if is_open { "open" } else { "closed" }.to_owned(),
        since: AT,
        reason: is_open.then(|| "no answer".to_owned()),
        retry_at: is_open.then_some(AT),
    }
}

pub(crate) fn change(has_reason: bool) -> GuardChange {
    GuardChange { at: AT, what: "open".to_owned(), reason: has_reason.then(|| "no answer".to_owned()) }
}

pub(crate) fn plugin(is_library: bool) -> PluginReport {
    PluginReport {
        name: "paper".to_owned(),
        version: is_library.then(|| "0.1.0".to_owned()),
        sha256: is_library.then(|| "07".repeat(32)),
        isolation: "in-process".to_owned(),
        in_flight: 1,
        max_in_flight: 256,
        panics: 3,
        restarts: 4,
    }
}

pub(crate) fn client(is_known: bool) -> ClientReport {
    ClientReport {
        id: "ws-1".to_owned(),
        address: "127.0.0.1:5000".to_owned(),
        user_agent: is_known.then(|| "curl".to_owned()),
        name: is_known.then(|| "desk".to_owned()),
        since: AT,
        subscriptions: vec![SubscriptionReport { id: "a".to_owned(), topic: Topic::Orders }],
        sent_messages: 1,
        sent_bytes: 2,
        buffered_messages: 3,
        buffered_bytes: 4,
        lag: 5,
    }
}

pub(crate) fn line() -> LogLine {
    LogLine {
        n: 1,
        timestamp: AT,
        level: "WARN".to_owned(),
        target: "orderd::engine".to_owned(),
        message: "so".to_owned(),
        fields: [("order".to_owned(), "o".to_owned())].into(),
    }
}
