//! What is asked of an order that is there, and whether the daemon is ready.

use crate::{desk::NOW, world::World};
use orderd::{
    engine::{CancelError, Readiness, Recovery, RetryError, Standing},
    order::{Fact, Failure, Lane, OrderId, OrderIds, Purpose, QuoteAnswer, QuoteLine, Transaction},
    store::StoreError,
};
use orderd_sdk::{
    amount::Amount,
    plugin::HexBytes,
    wire::{ErrorCode, OrderDto, OrderStatus, Ready},
};
use serde_json::json;
use std::time::Duration;

pub(crate) fn request(method: &str, path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
}

fn cancel(id: OrderId, body: &str) -> String {
    request("POST", &format!("/api/orders/{id}/cancel"), "content-type: application/json\r\n", body)
}

fn retry(id: OrderId) -> String {
    request("POST", &format!("/api/orders/{id}/retry"), "", "")
}

/// An order whose swap is signed.
pub(crate) fn signed(world: &World) -> OrderId {
    let id = world.desk.accept();
    let answer = QuoteAnswer::Failed { error: "none".into() };
    let quote = QuoteLine { dex: "alpha".into(), latency_ms: 1, answer };
    let transaction =
        Transaction { purpose: Purpose::Execute, raw: HexBytes(vec![1]), hash: "0x1".to_owned() };
    world.desk.step(id, Fact::QuotesRequested { venues: 1 });
    world.desk.step(id, Fact::Chosen { quote, min_out: Amount::ZERO, deadline: 9 });
    world.desk.step(id, Fact::SwapSigned { sequence: 4, transaction });
    id
}

/// An order that has failed for good.
pub(crate) fn failed(world: &World) -> OrderId {
    let id = world.desk.accept();
    let code = ErrorCode::InsufficientFunds;
    world.desk.step(id, Fact::QuotesRequested { venues: 1 });
    let failure = Failure { code, error: "no SOL".into(), transient: false, delay_ms: 0 };
    world.desk.step(id, Fact::AttemptFailed(failure));
    id
}

#[tokio::test]
async fn an_order_is_cancelled_at_once_or_later_and_the_status_tells() {
    let world = World::start().await;
    let fresh = world.desk.accept();
    let reply = world.ask(request("POST", &format!("/api/orders/{fresh}/cancel"), "", "")).await;
    assert_eq!((reply.status, &reply.json()["success"]), (200, &json!(true)));
    let order: OrderDto = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!((order.status, order.cancel_requested), (OrderStatus::Cancelled, false));

    let reply = world.ask(cancel(signed(&world), r#"{"reason":"too slow"}"#)).await;
    let order: OrderDto = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!((reply.status, order.status), (202, OrderStatus::Building));
    assert_eq!((order.cancel_requested, order.message.as_str()), (true, "to be cancelled: too slow"));
}

#[tokio::test]
async fn a_failed_order_is_tried_again_and_tells_why_it_failed() {
    let world = World::start().await;
    let id = failed(&world);
    let order = world.get(&format!("/api/orders/status/{id}")).await.json();
    assert_eq!(
        (&order["lastError"], &order["lastErrorCode"]),
        (&json!("no SOL"), &json!("insufficient-funds"))
    );
    let reply = world.ask(retry(id)).await;
    assert_eq!((reply.status, &reply.json()["status"]), (202, &json!("pending")));
}

#[tokio::test]
async fn each_refusal_has_its_code() {
    let world = World::start().await;
    let (live, over) = (signed(&world), failed(&world));
    let refusal = async |request: String| world.ask(request).await.problem();
    assert_eq!(refusal(retry(live)).await, (409, "may-still-land".into()));
    assert_eq!(refusal(retry(world.desk.accept())).await, (409, "order-not-failed".into()));
    assert_eq!(refusal(cancel(over, "")).await, (409, "order-over".into()));
    let stranger = OrderIds::new().next(NOW, u128::MAX);
    assert_eq!(refusal(cancel(stranger, "")).await, (404, "order-not-found".into()));
    assert_eq!(refusal(retry(stranger)).await, (404, "order-not-found".into()));
    for (body, code) in [
        (format!(r#"{{"reason":"{}"}}"#, "x".repeat(201)), "invalid-reason"),
        (r#"{"reason":"two\nlines"}"#.to_owned(), "invalid-reason"),
        (r#"{"why":"x"}"#.to_owned(), "unknown-field"),
        ("[]".to_owned(), "wrong-type"),
    ] {
        assert_eq!(refusal(cancel(live, &body)).await, (400, code.into()), "{body}");
    }
    let plain = request("POST", &format!("/api/orders/{live}/cancel"), "", "{}");
    assert_eq!(refusal(plain).await, (415, "unsupported-media-type".into()));
    let get = request("GET", &format!("/api/orders/{live}/cancel"), "", "");
    assert_eq!(refusal(get).await, (405, "method-not-allowed".into()));

    let lane = || Lane { chain: "paper".into(), account: "gone".into() };
    let full = || StoreError::Write("disk full".into());
    for (cancelled, retried, status, codes) in [
        (CancelError::Busy, RetryError::Busy, 503, ["order-busy"; 2]),
        (CancelError::Draining, RetryError::Draining, 503, ["draining"; 2]),
        (CancelError::Busy, RetryError::QueueFull { limit: 1 }, 503, ["order-busy", "queue-full"]),
        (CancelError::Store(full()), RetryError::Store(full()), 503, ["storage-unavailable"; 2]),
    ] {
        world.desk.refuse_verbs(cancelled, retried);
        assert_eq!(refusal(cancel(live, "")).await, (status, codes[0].into()));
        assert_eq!(refusal(retry(live)).await, (status, codes[1].into()));
    }
    world.desk.refuse_verbs(CancelError::Busy, RetryError::NotServed(lane()));
    assert_eq!(refusal(retry(live)).await, (409, "account-not-configured".into()));
}

#[tokio::test]
async fn the_daemon_is_ready_when_what_was_signed_before_has_been_looked_up() {
    let world = World::start().await;
    let lanes = vec![
        (Lane { chain: "paper".into(), account: "main".into() }, Standing::Open),
        (Lane { chain: "paper".into(), account: "side".into() }, Standing::Held { sequence: 7 }),
    ];
    let recovery = Recovery {
        orders: 3,
        signed: [("paper".to_owned(), 2)].into(),
        waits_for: ["paper".to_owned()].into(),
        took: Duration::from_millis(15),
    };
    let report = |recovery| world.desk.report(Readiness { recovery, lanes: lanes.clone() });
    report(recovery.clone());
    let reply = world.get("/ready").await;
    let ready: Ready = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!((reply.status, ready.ready, ready.phase.as_str()), (503, false, "recovering"));
    assert_eq!((ready.recovery.orders, ready.recovery.signed, ready.recovery.took_ms), (3, 2, 15));
    assert_eq!(ready.recovery.waits_for, ["paper"]);
    let standings: Vec<_> = ready.lanes.iter().map(|lane| lane.standing.as_str()).collect();
    assert_eq!(standings, ["open", "held"]);
    assert!(ready.lanes[1].detail.as_ref().unwrap().contains("sequence 7"));

    report(Recovery { waits_for: [].into(), ..recovery });
    let reply = world.get("/ready").await;
    assert_eq!((reply.status, &reply.json()["phase"]), (200, &json!("running")));
    world.desk.drain();
    let reply = world.get("/ready").await;
    assert_eq!((reply.status, &reply.json()["phase"]), (503, &json!("draining")));
}
