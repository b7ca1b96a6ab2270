//! What the daemon writes.

use crate::{
    assert_valid,
    samples::{self, AT},
    validator,
};
use orderd_sdk::wire::{
    Actions, BulkAction, BulkBlocked, BulkOutcome, BulkPreview, BulkRefused, BulkReport, Clients,
    Disconnected, ExecuteResponse, FieldProblem, GapReason, Health, LogMessage, Logs, OrderChanges,
    OrderEvents, OrderMessage, OrderPage, OrderReply, OrderStatus, Position, Problem, QuarantineReport,
    QueueSwitched, Ready, Signal, Snapshot, Status, Subscribed, Topic, TopicMessage, VenueSwitched, Venues,
    schema::{JsonSchema, Schema, Schemas, ServerMessage},
};
use serde::Serialize;
use serde_json::{Value, json};

/// The object as it goes out.
fn written(object: &impl Serialize) -> Value {
    serde_json::from_str(&serde_json::to_string(object).unwrap()).unwrap()
}

/// The first sample has nothing that it could do without: every member of it is required. The others have more.
fn holds<T: JsonSchema + Serialize>(samples: &[T]) {
    let samples: Vec<Value> = samples.iter().map(written).collect();
    holds_for(T::schema_name().as_ref(), Schemas::given::<T>, &samples);
}

fn holds_for(name: &str, schema: fn(&mut Schemas) -> Schema, samples: &[Value]) {
    let validator = validator(schema);
    for sample in samples {
        assert_valid(&validator, sample);
        for member in sample.as_object().unwrap().keys() {
            let mut wrong = sample.clone();
            wrong[member] = json!({ "no": ["such"] });
            assert!(!validator.is_valid(&wrong), "{name}.{member} may be anything");
        }
    }
    for member in samples[0].as_object().unwrap().keys() {
        let mut less = samples[0].clone();
        less.as_object_mut().unwrap().remove(member);
        assert!(!validator.is_valid(&less), "{name} may lack {member}");
    }
}

#[test]
fn replies_about_orders_are_as_described() {
    holds(&[samples::fresh_order(), samples::order()]);
    holds(&[
        OrderReply { success: true, order: samples::fresh_order() },
        OrderReply { success: true, order: samples::order() },
    ]);
    holds(&[
        OrderPage { success: true, orders: vec![samples::order()], next_cursor: None },
        OrderPage { success: true, orders: Vec::new(), next_cursor: Some("o".to_owned()) },
    ]);
    let events = OrderStatus::ALL.map(samples::event).to_vec();
    holds(&[OrderEvents { success: true, order_id: "o".to_owned(), events }]);
    holds(&[BulkPreview {
        success: true,
        token: "5b".to_owned(),
        expires_at: AT,
        action: BulkAction::Retry,
        matched: 3,
        eligible: 2,
        truncated: false,
        blocked: vec![BulkBlocked {
            code: "may-still-land".to_owned(),
            detail: "may".to_owned(),
            count: 1,
            examples: vec!["o".to_owned()],
        }],
    }]);
    holds(&[BulkReport {
        success: true,
        action: BulkAction::Cancel,
        finished: true,
        expected: 2,
        done: 1,
        outcomes: [(BulkOutcome::CancelRequested, 1)].into(),
        refused: vec![BulkRefused {
            code: "order-over".to_owned(),
            detail: "over".to_owned(),
            count: 1,
            ids: vec!["o".to_owned()],
        }],
    }]);
    let orders = vec![samples::order()];
    holds(&[OrderChanges { success: true, epoch: "5b".to_owned(), cursor: 1, more: false, orders }]);
    holds(&[ExecuteResponse {
        success: true,
        order_id: "o".to_owned(),
        job_id: "o".to_owned(),
        status: OrderStatus::Pending,
        message: "accepted".to_owned(),
        ws_url: "/api/orders/status/o".to_owned(),
    }]);
}

#[test]
fn reports_of_the_daemon_are_as_described() {
    holds(&[Health {
        status: "draining".to_owned(),
        version: "1".to_owned(),
        uptime_ms: 1,
        orders: [(OrderStatus::RetryPending, 2)].into(),
        websocket: samples::websocket(),
    }]);
    let lanes = || vec![samples::lane(None), samples::lane(Some("sequence 7"))];
    let phase = || "running".to_owned();
    holds(&[Ready { ready: true, phase: phase(), recovery: samples::recovery(), lanes: lanes() }]);
    let busy = Status { paused: Some(samples::pause(true)), store_bytes: Some(1), ..status() };
    holds(&[status(), busy]);
    holds(&[samples::queue(None), samples::queue(Some(samples::oldest()))]);
    holds(&[Venues { venues: vec![samples::venue(false), samples::venue(true)] }]);
    holds(&[samples::guard(false), samples::guard(true)]);
    holds(&[samples::breaker(false), samples::breaker(true)]);
    holds(&[QuarantineReport { since: AT, reason: "no answer".to_owned() }]);
    holds(&[samples::change(false), samples::change(true)]);
    holds(&[samples::plugin(false), samples::plugin(true)]);
    holds(&[VenueSwitched { success: true, name: "alpha".to_owned(), enabled: false }]);
    holds(&[samples::delayed(false), samples::delayed(true)]);
    holds(&[
        QueueSwitched { success: true, paused: None },
        QueueSwitched { success: true, paused: Some(samples::pause(true)) },
    ]);
    holds(&[samples::pause(false), samples::pause(true)]);
    holds(&[actions()]);
    holds(&[samples::action(false), samples::action(true)]);
    holds(&[Clients { total: 2, clients: vec![samples::client(false), samples::client(true)] }]);
    holds(&[Logs { lines: vec![samples::line()] }]);
    let field = FieldProblem { field: "f".to_owned(), code: "c".to_owned(), detail: "d".to_owned() };
    let problem = |errors, position| Problem {
        kind: "about:blank".to_owned(),
        title: "t".to_owned(),
        status: 400,
        detail: "d".to_owned(),
        code: "c".to_owned(),
        errors,
        position,
    };
    let position = Position { epoch: "5b".to_owned(), cursor: 7 };
    holds(&[problem(Vec::new(), None), problem(vec![field], None), problem(Vec::new(), Some(position))]);
    holds(&[Disconnected { success: true, id: "ws-1".to_owned() }]);
}

fn status() -> Status {
    Status {
        phase: "recovering".to_owned(),
        version: "1".to_owned(),
        started_at: AT,
        uptime_ms: 1,
        epoch: "5b".to_owned(),
        cursor: 7,
        orders: [(OrderStatus::Unknown, 2)].into(),
        websocket: samples::websocket(),
        recovery: samples::recovery(),
        lanes: vec![samples::lane(None)],
        paused: None,
        store_bytes: None,
    }
}

fn actions() -> Actions {
    Actions { actions: vec![samples::action(false), samples::action(true)], more: true, unsaved: 1 }
}

/// As one of the messages of the daemon, of which each is exactly one.
fn told(samples: &[Value]) {
    holds_for("ServerMessage", Schemas::given::<ServerMessage>, samples);
}

#[test]
fn every_message_of_the_daemon_is_exactly_one_of_those_described() {
    told(&[written(&samples::connection())]);
    let id = || "a".to_owned();
    let begun = |order| Subscribed { id: id(), topic: Topic::Queue, recovered: false, order, cursor: 1 };
    told(&[written(&begun(None)), written(&begun(Some(samples::order())))]);
    told(&[written(&Snapshot { id: id(), orders: vec![samples::order()], cursor: 1, last: true })]);
    for kind in OrderStatus::ALL {
        let event = samples::event(kind);
        told(&[written(&event), written(&OrderMessage { fields: samples::fields(), ..event })]);
    }
    told(&[written(&TopicMessage { topic: Topic::Queue, timestamp: AT, object: samples::queue(None) })]);
    let venues = Venues { venues: vec![samples::venue(true)] };
    told(&[written(&TopicMessage { topic: Topic::Venues, timestamp: AT, object: venues })]);
    let clients = Clients { total: 1, clients: vec![samples::client(true)] };
    told(&[written(&TopicMessage { topic: Topic::Clients, timestamp: AT, object: clients })]);
    told(&[written(&TopicMessage { topic: Topic::Status, timestamp: AT, object: status() })]);
    told(&[written(&TopicMessage { topic: Topic::Actions, timestamp: AT, object: actions() })]);
    told(&[written(&LogMessage { id: id(), lines: vec![samples::line()] })]);
}

#[test]
fn every_signal_is_exactly_one_of_those_described() {
    let id = || "a".to_owned();
    told(&[written(&Signal::Ping { cursor: 1, top: 2 })]);
    told(&[written(&Signal::Pong { cursor: 1, top: 2 })]);
    told(&[written(&Signal::Unsubscribed { id: id() })]);
    let gap = |reason, missed| written(&Signal::Gap { id: id(), reason, cursor: 1, missed });
    told(&[gap(GapReason::Slow, None), gap(GapReason::TooOld, Some(5)), gap(GapReason::Unreadable, None)]);
    told(&[written(&Signal::Authenticated { name: "desk".to_owned(), scope: "read".to_owned() })]);
    let error = |id| written(&Signal::Error { code: "busy".to_owned(), detail: "d".to_owned(), id });
    told(&[error(None), error(Some(id()))]);
    told(&[written(&Signal::Reconnect { after_ms: 5 })]);
}

#[test]
fn what_the_daemon_does_not_say_is_no_message() {
    let validator = validator(Schemas::given::<ServerMessage>);
    let event = written(&samples::event(OrderStatus::Confirmed));
    for (member, wrong) in [
        ("type", json!("orders")),
        ("seq", json!("1")),
        ("progress", json!(101)),
        ("timestamp", json!("2026-09-21")),
        ("order", json!({ "id": "o" })),
        ("txHash", json!(null)),
        ("stage", json!("dancing")),
        ("errorCode", json!("bad-luck")),
    ] {
        let mut wrongly = event.clone();
        wrongly[member] = wrong;
        assert!(!validator.is_valid(&wrongly), "{wrongly}");
    }
    for text in [r#"{"type":"shout"}"#, r#"{"cursor":1,"top":2}"#, "[]", "null"] {
        assert!(!validator.is_valid(&serde_json::from_str(text).unwrap()), "{text}");
    }
}
