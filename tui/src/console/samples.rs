//! What the daemon might tell, for tests.

use orderd_sdk::{
    timestamp::Timestamp,
    wire::{Decimal, ErrorCode, EventFields, OrderDto, OrderMessage, OrderStatus, QuoteDto},
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
