//! What the daemon might tell, and how it is drawn, for tests.

mod busy;
mod screen;

pub(crate) use busy::{NOW, busy, change, filled, hostile, link};
pub(crate) use screen::{drawn, screen, session, styled};

use super::model::Told;
use orderd_sdk::{
    timestamp::Timestamp,
    wire::{
        Action, ActionOutcome, Actions, BreakerReport, ClientReport, Clients, Decimal, ErrorCode,
        EventFields, GuardChange, OrderDto, OrderMessage, OrderStatus, PluginReport, QuarantineReport,
        QuoteDto, SubscriptionReport, Topic, VenueGuard, VenueReport, Venues,
    },
};
use std::sync::Arc;

/// 2026-09-21T14:13:20Z, when most of what is told has happened.
pub(crate) const START: Timestamp = Timestamp(1_790_000_000_000);

/// A pending order with a number of its own.
pub(crate) fn order(number: u64) -> OrderDto {
    let id = format!("01a0c1e2-8a10-7000-8000-{number:012x}");
    OrderDto {
        job_id: id.clone(),
        id,
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
        labels: [("desk".to_owned(), "a".to_owned())].into(),
        seq: 1,
        created_at: START,
        updated_at: START,
    }
}

/// An event of order 1.
pub(crate) fn event(seq: u64, kind: OrderStatus, at: Timestamp) -> Arc<OrderMessage> {
    event_with(seq, kind, at, "", EventFields::default())
}

fn event_with(
    seq: u64,
    kind: OrderStatus,
    at: Timestamp,
    message: &str,
    fields: EventFields,
) -> Arc<OrderMessage> {
    let mut order = OrderDto { status: kind, seq, updated_at: at, message: message.to_owned(), ..order(1) };
    if seq >= 3 {
        order.quotes = quotes();
    }
    if seq >= 6 {
        order.last_error = Some("received 1178.3, less than the minimum of 1188.0".into());
        order.last_error_code = Some(ErrorCode::Reverted);
    }
    order.dex = fields.chosen_dex.clone();
    order.tx_hash = fields.tx_hash.clone();
    order.attempts = if seq < 5 { 0 } else { fields.attempt.unwrap_or(1) };
    Arc::new(OrderMessage {
        kind,
        order_id: order.id.clone(),
        seq,
        cursor: 1_204_000 + seq,
        timestamp: at,
        progress: 0,
        message: message.to_owned(),
        fields,
        order,
    })
}

/// What three venues answered.
pub(crate) fn quotes() -> Vec<QuoteDto> {
    let quote = |dex: &str, out: &str, impact: &str, latency_ms| QuoteDto {
        dex: dex.into(),
        amount_out: Some(out.into()),
        net_amount_out: Some(out.into()),
        price_impact: Some(impact.into()),
        latency_ms,
        error: None,
    };
    let silent = QuoteDto {
        dex: "paper-gamma".into(),
        amount_out: None,
        net_amount_out: None,
        price_impact: None,
        latency_ms: 500,
        error: Some("no answer in time".into()),
    };
    vec![quote("paper-alpha", "2251.5", "0.12", 41), quote("paper-beta", "2249.25", "0.15", 62), silent]
}

/// The life of order 1 so far: an attempt that failed, and a second one under way.
pub(crate) fn failed_and_retried() -> Vec<Arc<OrderMessage>> {
    use OrderStatus::{Building, ExecutionFailed, Pending, RetryPending, Routing, Submitted};
    let at = |millis| START.plus_millis(millis);
    let none = EventFields::default;
    let chosen = |dex: &str| EventFields {
        chosen_dex: Some(dex.to_owned()),
        quote: quotes().into_iter().find(|quote| quote.dex == dex),
        stage: Some("started".into()),
        ..none()
    };
    let sent = |attempt, hash: &str, sequence| EventFields {
        attempt: Some(attempt),
        max_attempts: Some(3),
        tx_hash: Some(hash.to_owned()),
        sequence: Some(sequence),
        ..none()
    };
    let failed = EventFields {
        error: Some("received 1178.3, less than the minimum of 1188.0".into()),
        error_code: Some(ErrorCode::Reverted),
        transient: Some(true),
        retries_remaining: Some(2),
        ..none()
    };
    let events = [
        (Pending, 0, "accepted and stored, waiting for its turn", none()),
        (Routing, 8, "asking 3 venues", none()),
        (Routing, 70, "2 of 3 venues answered", EventFields { quotes: Some(quotes()), ..none() }),
        (Building, 72, "paper-alpha gives the most", chosen("paper-alpha")),
        (Submitted, 94, "sent", sent(1, "0x5kd9a07bc1", 7)),
        (ExecutionFailed, 1706, "included without effect", failed),
        (
            RetryPending,
            1709,
            "again in 797 ms",
            EventFields { delay: Some(797), next_attempt: Some(2), ..none() },
        ),
        (Routing, 2506, "asking 3 venues", none()),
        (Building, 2577, "paper-beta gives the most", chosen("paper-beta")),
        (Submitted, 2596, "sent", sent(2, "0x77aa01ffe2", 8)),
    ];
    let told = events.into_iter().zip(1..);
    told.map(|((kind, millis, message, fields), seq)| event_with(seq, kind, at(millis), message, fields))
        .collect()
}

/// What a daemon with three venues and three clients has told.
pub(crate) fn told() -> Told {
    Told {
        venues: Some(Arc::new(venues())),
        clients: Some(Arc::new(clients())),
        actions: Some(Arc::new(actions())),
        ..Told::default()
    }
}

/// One that is well, one on trial, and one that nobody is asked for.
fn venues() -> Venues {
    let alpha = venue("paper-alpha", 4_120, (41, 210));
    let mut beta = venue("paper-beta", 4_120, (88, 1_900));
    (beta.failed, beta.quoted) = (1_277, 2_843);
    beta.last_error = Some("429 from the node, \u{1b}[31mbacking off".into());
    beta.last_error_at = Some(START.plus_millis(1_000));
    let mut guard = guard("half-open");
    guard.breaker.reason = Some("31 % of quotes failed".into());
    let change = |at, what: &str, reason: &str| GuardChange {
        at: START.plus_millis(at),
        what: what.into(),
        reason: Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
    };
    guard.changes = vec![change(0, "opened", "31 % of quotes failed"), change(900, "half-open", "")];
    beta.guard = Some(guard);
    let mut gamma = venue("paper-gamma", 90, (12, 30));
    gamma.failed = 20;
    let mut guard = self::guard("closed");
    guard.quarantine = Some(QuarantineReport { since: START, reason: "panicked 3 times".into() });
    gamma.guard = Some(guard);
    Venues { venues: vec![gamma, alpha, beta] }
}

fn venue(name: &str, asked: u64, (p50, p99): (u64, u64)) -> VenueReport {
    VenueReport {
        name: name.into(),
        chain: "paper".into(),
        asked,
        quoted: asked,
        failed: 0,
        won: asked / 3,
        executed: asked / 3,
        p50_ms: Some(p50),
        p99_ms: Some(p99),
        last_quote_at: Some(START),
        last_error: None,
        last_error_at: None,
        guard: Some(guard("closed")),
    }
}

fn guard(state: &str) -> VenueGuard {
    VenueGuard {
        enabled: true,
        breaker: BreakerReport { state: state.into(), since: START, reason: None, retry_at: None },
        quarantine: None,
        score: 970,
        in_flight: 3,
        panics: 0,
        changes: Vec::new(),
        plugin: PluginReport {
            name: "paper".into(),
            version: Some("1.4.2".into()),
            sha256: Some("9f2c".repeat(16)),
            isolation: "in-process".into(),
            in_flight: 7,
            max_in_flight: 1_024,
            panics: 0,
            restarts: 0,
        },
    }
}

/// One far behind, one without a name, one that keeps up.
fn clients() -> Clients {
    let client = |id: &str, name: Option<&str>, lag: u64, since: u64| ClientReport {
        id: id.into(),
        address: format!("127.0.0.1:{}", 40_000 + since),
        user_agent: Some("desk/2.1".into()).filter(|_| name.is_some()),
        name: name.map(str::to_owned),
        since: START.plus_millis(since),
        subscriptions: vec![
            SubscriptionReport { id: "all".into(), topic: Topic::Orders },
            SubscriptionReport { id: "queue".into(), topic: Topic::Queue },
        ],
        sent_messages: 1_200_118,
        sent_bytes: 612_060_180,
        buffered_messages: lag,
        buffered_bytes: lag * 510,
        lag,
    };
    let clients = vec![
        client("c-2", Some("desk-2"), 0, 300),
        client("c-7", Some("desk-7"), 4_213, 0),
        client("c-9", None, 12, 200),
    ];
    Clients { total: 37, clients }
}

/// A pause, a retry that was refused, and a venue that was disabled.
fn actions() -> Actions {
    let action = |n, by: &str, verb: &str, target: Option<String>, reason: Option<&str>| Action {
        n,
        at: START.plus_millis(n * 10),
        by: by.into(),
        address: Some("127.0.0.1:50122".into()),
        verb: verb.into(),
        target,
        reason: reason.map(str::to_owned),
        outcome: ActionOutcome::Done,
        code: None,
        detail: "done".into(),
    };
    let refused = Action {
        outcome: ActionOutcome::Refused,
        code: Some("may-still-land".into()),
        detail: "transaction 0x5kd9a07bc1 at sequence 7 may still be included".into(),
        ..action(41, "desk-7", "retry", Some(order(1).id), None)
    };
    let actions = vec![
        action(42, "ops-1", "pause", None, Some("outage of the node")),
        refused,
        action(40, "ops-1", "disable-venue", Some("paper-beta".into()), None),
    ];
    Actions { actions, more: true, unsaved: 0 }
}
