//! What is refused, and how.

use crate::{
    wire::upgrade,
    world::{World, post},
};
use orderd::{api::ApiSettings, engine::SubmitError, order::OrderIds, store::StoreError};
use orderd_sdk::wire::Problem;
use std::time::Duration;

const ORDER: &str = r#"{"tokenIn":"SOL","tokenOut":"USDC","amount":1}"#;

#[tokio::test]
async fn each_bad_body_has_its_code() {
    let world = World::start().await;
    for (body, status, code) in [
        ("", 400, "empty-body"),
        ("{", 400, "malformed-json"),
        ("[]", 400, "wrong-type"),
        (r#"{"tokenIn":"SOL"}"#, 400, "missing-field"),
        (r#"{"tokenin":"SOL"}"#, 400, "unknown-field"),
        (r#"{"tokenIn":"SOL","tokenIn":"SOL"}"#, 400, "duplicate-field"),
        (r#"{"tokenIn":5}"#, 400, "wrong-type"),
        (r#"{"tokenIn":"SOL","tokenOut":"USDC","amount":0}"#, 422, "amount-zero"),
        (r#"{"tokenIn":"SOL","tokenOut":"DOGE","amount":1}"#, 422, "unknown-token"),
        (r#"{"tokenIn":"SOL","tokenOut":"USDC","amount":"x","slippage":99}"#, 422, "invalid-order"),
    ] {
        assert_eq!(world.post(body).await.problem(), (status, code.into()), "{body}");
    }
}

#[tokio::test]
async fn every_refused_field_is_told() {
    let world = World::start().await;
    let reply = world.post(r#"{"tokenIn":"SOL","tokenOut":"USDC","amount":"x","slippage":99}"#).await;
    let problem: Problem = serde_json::from_slice(&reply.body).unwrap();
    let fields: Vec<_> = problem.errors.iter().map(|e| (e.field.as_str(), e.code.as_str())).collect();
    assert_eq!(fields, [("amount", "malformed-number"), ("slippage", "out-of-range")]);
    assert_eq!(problem.kind, "about:blank");

    let reply = world.post(r#"{"tokenIn":"SOL","tokenOut":"DOGE","amount":1}"#).await;
    let problem: Problem = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(problem.detail, r#"tokenOut: no token is called "DOGE" on this chain"#);
    assert_eq!(problem.errors.len(), 1);
}

#[tokio::test]
async fn a_clients_text_is_quoted_within_bounds() {
    let world = World::start().await;
    let long = format!(r#"{{"tokenIn":5,"{}":1}}"#, "ä".repeat(5000));
    let named = format!(r#"{{"{}":1}}"#, "ä".repeat(5000));
    for body in [long, named] {
        let reply = world.post(&body).await;
        assert_eq!(reply.status, 400);
        assert!(reply.body.len() < 600, "{}", reply.body.len());
    }
}

#[tokio::test]
async fn each_refusal_of_the_engine_has_its_code() {
    let world = World::start().await;
    let secret = StoreError::Write("/var/lib/orderd: no space".into());
    for (refusal, code, retry_after) in [
        (SubmitError::QueueFull { limit: 9 }, "queue-full", "1"),
        (SubmitError::Draining, "draining", "5"),
        (SubmitError::Store(secret), "storage-unavailable", "10"),
    ] {
        world.desk.refuse(refusal);
        let reply = world.post(ORDER).await;
        assert_eq!(reply.problem(), (503, code.into()));
        assert_eq!(reply.headers["retry-after"], retry_after, "{code}");
        assert!(!String::from_utf8_lossy(&reply.body).contains("/var"), "{code}");
    }
}

#[tokio::test]
async fn a_failing_store_is_told_without_its_inside() {
    let world = World::start().await;
    let id = world.desk.accept();
    let what = "order 7 at /var/lib".to_owned();
    for (error, status, code) in [
        (StoreError::Corrupt { what, reason: "bad byte".into() }, 500, "order-unreadable"),
        (StoreError::Closed, 503, "storage-unavailable"),
    ] {
        world.desk.fail_to_read(error);
        for request in [format!("/api/orders/status/{id}"), format!("/api/orders/{id}/events")] {
            let reply = world.get(&request).await;
            assert_eq!(reply.problem(), (status, code.into()));
            assert!(!String::from_utf8_lossy(&reply.body).contains("/var"));
        }
        let refused = world.open(&format!("/api/orders/status/{id}")).await.err().unwrap();
        assert_eq!(refused.problem(), (status, code.into()));
    }
    assert_eq!(world.hub.load().orders, 0);
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let world = World::start().await;
    let stranger = OrderIds::new().next(crate::desk::NOW, u128::MAX);
    for (path, status, code) in [
        ("/".to_owned(), 404, "not-found"),
        ("/api/orders/execute/x".to_owned(), 404, "not-found"),
        (format!("/api/orders/status/{stranger}"), 404, "order-not-found"),
        (format!("/api/orders/{stranger}/events"), 404, "order-not-found"),
        ("/api/orders/status/7".to_owned(), 400, "invalid-order-id"),
        ("/api/orders/status/550e8400-e29b-41d4-a716-446655440000".to_owned(), 400, "invalid-order-id"),
        ("/api/orders//events".to_owned(), 400, "invalid-order-id"),
        ("/api/orders?limit=0".to_owned(), 400, "invalid-parameter"),
        ("/api/orders?limit=501".to_owned(), 400, "invalid-parameter"),
        ("/api/orders?limit=-1".to_owned(), 400, "invalid-parameter"),
        ("/api/orders?status=done".to_owned(), 400, "invalid-parameter"),
        ("/api/orders?status=".to_owned(), 400, "invalid-parameter"),
        ("/api/orders?cursor=x".to_owned(), 400, "invalid-parameter"),
        ("/api/orders?page=2".to_owned(), 400, "invalid-parameter"),
        ("/health?verbose".to_owned(), 400, "invalid-parameter"),
        ("/api/queue?seconds=10".to_owned(), 400, "invalid-parameter"),
        ("/api/venues?name=alpha".to_owned(), 400, "invalid-parameter"),
        ("/api/status?verbose".to_owned(), 400, "invalid-parameter"),
    ] {
        assert_eq!(world.get(&path).await.problem(), (status, code.into()), "{path}");
    }
}

#[tokio::test]
async fn history_cannot_begin_after_the_last_event() {
    let world = World::start().await;
    let id = world.desk.accept();
    for (since, code) in [
        ("2", "since-ahead"),
        ("18446744073709551615", "since-ahead"),
        ("18446744073709551616", "invalid-parameter"),
        ("-1", "invalid-parameter"),
        ("x", "invalid-parameter"),
        ("", "invalid-parameter"),
    ] {
        let history = world.get(&format!("/api/orders/{id}/events?since={since}")).await;
        assert_eq!(history.problem(), (400, code.into()), "{since}");
        let stream = world.open(&format!("/api/orders/status/{id}?since={since}")).await;
        assert_eq!(stream.err().unwrap().problem(), (400, code.into()), "{since}");
    }
    assert_eq!(world.hub.load().orders, 0);
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let world = World::start().await;
    for (method, path, allow) in [
        ("GET", "/api/orders/execute", "POST"),
        ("POST", "/health", "GET, HEAD"),
        ("POST", "/api/queue", "GET, HEAD"),
        ("PUT", "/api/venues", "GET, HEAD"),
        ("DELETE", "/api/status", "GET, HEAD"),
        ("DELETE", "/api/orders", "GET, HEAD"),
        ("OPTIONS", "/api/orders/status/x", "GET, HEAD"),
    ] {
        let reply = world.ask(format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n\r\n")).await;
        assert_eq!(reply.problem(), (405, "method-not-allowed".into()));
        assert_eq!(reply.headers["allow"], allow);
    }
}

#[tokio::test]
async fn bad_headers_of_an_order_are_refused() {
    let world = World::start().await;
    let key = |key: &str| post(&format!("idempotency-key: {key}\r\n"), ORDER);
    for (request, status, code) in [
        (post("", ORDER).replace("application/json", "text/plain"), 415, "unsupported-media-type"),
        (key("two words"), 400, "invalid-idempotency-key"),
        (key(&"k".repeat(256)), 400, "invalid-idempotency-key"),
        (key(""), 400, "invalid-idempotency-key"),
    ] {
        assert_eq!(world.ask(request).await.problem(), (status, code.into()));
    }
}

#[tokio::test]
async fn web_pages_of_other_origins_get_nowhere() {
    let world = World::start().await;
    let id = world.desk.accept();
    let stream = upgrade(&format!("/api/orders/status/{id}"));
    let stranger = "origin: http://evil.example\r\n";
    let streamed = stream.replace("\r\n\r\n", &format!("\r\n{stranger}\r\n"));
    for (request, status, code) in [
        (post(stranger, ORDER), 403, "origin-not-allowed"),
        (post("origin: null\r\n", ORDER), 403, "origin-not-allowed"),
        (streamed, 403, "origin-not-allowed"),
        (stream.replace("localhost", "evil.example"), 421, "host-not-allowed"),
        (post("", ORDER).replace("localhost", "evil.example"), 421, "host-not-allowed"),
        ("GET /health HTTP/1.1\r\nhost: evil.example:3000\r\n\r\n".into(), 421, "host-not-allowed"),
        (
            "GET http://evil.example/health HTTP/1.1\r\nhost: localhost\r\n\r\n".into(),
            421,
            "host-not-allowed",
        ),
        ("GET /health HTTP/1.1\r\n\r\n".into(), 400, "host-missing"),
    ] {
        assert_eq!(world.ask(&request).await.problem(), (status, code.into()), "{request}");
    }
    assert_eq!(world.post_with("origin: http://localhost:5173\r\n", ORDER).await.status, 202);
    let own = stream.replace("\r\n\r\n", "\r\norigin: http://localhost\r\n\r\n");
    assert_eq!(world.ask(own).await.status, 101);
}

#[tokio::test]
async fn a_broken_handshake_is_refused() {
    let world = World::start().await;
    let id = world.desk.accept();
    let good = upgrade(&format!("/api/orders/status/{id}"));
    let old = world.ask(good.replace("version: 13", "version: 8")).await;
    assert_eq!(old.problem(), (426, "websocket-version".into()));
    assert_eq!(old.headers["sec-websocket-version"], "13");
    let keyless = world.ask(good.replace("sec-websocket-key", "x-key")).await;
    assert_eq!(keyless.problem(), (400, "bad-upgrade".into()));
    let elsewhere = world.ask(upgrade("/health")).await;
    assert_eq!(elsewhere.status, 200, "an upgrade that nobody offers is ignored");
}

#[tokio::test]
async fn bodies_are_bounded_in_size_and_time() {
    let world = World::with(ApiSettings {
        max_body_bytes: 100,
        body_timeout: Duration::from_millis(500),
        ..ApiSettings::default()
    })
    .await;
    let declared = world.post(&" ".repeat(101)).await;
    assert_eq!(declared.problem(), (413, "body-too-large".into()));

    let head = post("", ORDER).split("content-length").next().unwrap().to_owned();
    let chunk = format!("{head}transfer-encoding: chunked\r\n\r\n65\r\n{}\r\n", " ".repeat(101));
    assert_eq!(world.ask(chunk).await.problem(), (413, "body-too-large".into()));

    let mut http = world.connect().await;
    http.send(format!("{head}content-length: 50\r\n\r\n{{")).await;
    let late = http.reply().await;
    assert_eq!(late.problem(), (408, "body-timeout".into()));
    http.ended().await;

    let mut http = world.connect().await;
    http.send(format!("{head}transfer-encoding: chunked\r\n\r\nzz\r\n")).await;
    assert_eq!(http.reply().await.problem(), (400, "body-broken".into()));
    http.ended().await;

    let mut http = world.connect().await;
    http.send(format!("{head}content-length: 2000000\r\n\r\n")).await;
    http.send(" ".repeat(2_000_000)).await;
    assert_eq!(
        http.reply().await.problem(),
        (413, "body-too-large".into()),
        "told although it never stopped"
    );
}

#[tokio::test]
async fn heads_are_bounded_in_size_and_time() {
    let world =
        World::with(ApiSettings { header_timeout: Duration::from_millis(500), ..ApiSettings::default() })
            .await;
    let huge = format!("GET /health HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "x".repeat(32 * 1024));
    assert_eq!(world.ask(huge).await.status, 431);
    let many = format!("GET /health HTTP/1.1\r\nhost: localhost\r\n{}\r\n", "x: y\r\n".repeat(100));
    assert_eq!(world.ask(many).await.status, 431);
    assert_eq!(world.ask("what?\r\n\r\n").await.status, 400);

    let mut silent = world.connect().await;
    silent.ended().await;
    let mut idle = world.connect().await;
    idle.send("GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert_eq!(idle.reply().await.status, 200);
    idle.ended().await;
}

#[tokio::test]
async fn connections_are_bounded_and_streams_leave_room() {
    let world = World::with(ApiSettings { max_connections: 3, ..ApiSettings::default() }).await;
    let id = world.desk.accept();
    let first = world.follow(id).await;
    let _second = world.follow(id).await;
    let refused = world.open(&format!("/api/orders/status/{id}")).await.err().unwrap();
    assert_eq!(refused.problem(), (503, "too-many-websockets".into()));
    assert_eq!(refused.headers["retry-after"], "5");
    drop(refused);

    let mut third = world.connect().await;
    third.send("GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert_eq!(third.reply().await.status, 200);
    let waiting = world.get("/health");
    drop(first);
    assert_eq!(waiting.await.status, 200, "a place became free");
}
