//! `http`: who may be talked to, and what bounds a request.

use super::{Asking, request, server::Server};
use crate::{LONG, folder, poll_once, records::records};
use orderd_sdk::plugin::{Context, ErrorKind};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpListener;

fn get(url: &str) -> Value {
    json!({"http": {"method": "GET", "url": url}})
}

async fn allowed(server: &Server, more: &str) -> Asking {
    let settings = format!("egress = ['{}']\n{more}", server.origin);
    Asking::start(&settings, folder().path()).await
}

/// Asserts that the answer is this outcome, and that its message says this.
#[track_caller]
fn assert_outcome(answer: &Value, outcome: &str, kind: &str, words: &str) {
    assert_eq!((&answer["outcome"], &answer["kind"]), (&json!(outcome), &json!(kind)), "{answer}");
    assert!(answer["message"].as_str().unwrap().contains(words), "{answer}");
}

/// Asks for what is not answered in time. Whether the plugin or the daemon sees first that the time is up is chance.
async fn ask_in_vain(asking: &Asking, budget: Duration, command: Value) {
    match asking.ask_within(budget, command).await {
        Ok(answer) => assert_ne!(answer["outcome"], json!("response"), "{answer}"),
        Err(error) => assert_eq!(error.kind, ErrorKind::Deadline),
    }
}

#[tokio::test]
async fn a_request_goes_out_as_it_was_asked_for_and_the_answer_comes_back_whole() {
    let server = Server::start().await;
    let asking = allowed(&server, "").await;
    let command = json!({"http": {
        "method": "PUT",
        "url": server.url("/echo/a?b=c"),
        "headers": [["X-Api-Key", "k"], ["content-type", "text/plain"]],
        "body": {"hex": "0x6869"},
    }});
    let answer = asking.ask(command).await.unwrap();
    assert_eq!((&answer["outcome"], &answer["status"]), (&json!("response"), &json!(200)));
    let said: Value = serde_json::from_str(answer["body"]["text"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&said["method"], &said["uri"], &said["body"]),
        (&json!("PUT"), &json!("/echo/a?b=c"), &json!("hi"))
    );
    let headers = &said["headers"];
    assert_eq!((&headers["x-api-key"], &headers["content-length"]), (&json!("k"), &json!("2")));
    assert!(headers["user-agent"].as_str().unwrap().starts_with("orderd/"), "{headers}");
    let bytes = asking.ask(get(&server.url("/bytes"))).await.unwrap();
    assert_eq!(bytes["body"], json!({"hex": "0xff00"}));
    assert_eq!(server.connections(), 1, "the connection was kept");
    asking.end().await;
}

#[tokio::test]
async fn a_server_that_is_not_allowed_hears_nothing() {
    let server = Server::start().await;
    let nobody = Asking::start("", folder().path()).await;
    let refused = nobody.ask(get(&server.url("/echo"))).await.unwrap();
    let told = format!("may not talk to {}: it is not in plugins.rfq.egress", server.origin);
    assert_outcome(&refused, "not-sent", "permanent", &told);
    nobody.end().await;

    let asking = allowed(&server, "").await;
    let port = server.origin.rsplit_once(':').unwrap().1;
    for (url, kind) in [
        (format!("http://localhost:{port}/echo"), "permanent"),
        (format!("https://127.0.0.1:{port}/echo"), "permanent"),
        (format!("http://127.0.0.1:{port}@localhost/"), "invalid"),
        (format!("http://user@127.0.0.1:{port}/"), "invalid"),
        ("http://127.0.0.1/".to_owned(), "permanent"),
        ("file:///etc/passwd".to_owned(), "invalid"),
        ("/echo".to_owned(), "invalid"),
        (format!("http://127.0.0.1:{port}/a b"), "invalid"),
    ] {
        let refused = asking.ask(get(&url)).await.unwrap();
        assert_outcome(&refused, "not-sent", kind, "");
    }
    assert_eq!((server.requests(), server.connections()), (0, 0));
    asking.end().await;
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let server = Server::start().await;
    let asking = allowed(&server, "").await;
    let answer = asking.ask(get(&server.url("/redirect"))).await.unwrap();
    assert_eq!(answer["status"], json!(302));
    assert!(answer["headers"].as_array().unwrap().contains(&json!(["location", "/echo"])), "{answer}");
    assert_eq!(server.requests(), 1);
    asking.end().await;
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_given_up_with_or_without_its_length() {
    let server = Server::start().await;
    let asking = allowed(&server, "http_max_response_kib = 4").await;
    for path in ["/large", "/endless"] {
        let answer = asking.ask(get(&server.url(path))).await.unwrap();
        assert_outcome(
            &answer,
            "unknown",
            "permanent",
            "more than 4096 bytes (plugins.rfq.http_max_response_kib)",
        );
    }
    assert_eq!(asking.ask(get(&server.url("/echo"))).await.unwrap()["status"], json!(200));
    asking.end().await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_a_byte_of_it_is_sent() {
    let server = Server::start().await;
    let asking = allowed(&server, "http_max_request_kib = 64").await;
    let upload =
        async |bytes: usize| asking.ask(json!({"upload": [server.url("/echo"), bytes]})).await.unwrap();
    assert_outcome(&upload(65_537).await, "not-sent", "invalid", "(plugins.rfq.http_max_request_kib)");
    assert_outcome(&upload(10_000_000).await, "not-sent", "invalid", "the question is too large");
    assert_eq!(server.requests(), 0);
    assert_eq!(upload(65_536).await["status"], json!(200));
    asking.end().await;
}

#[tokio::test]
async fn headers_of_the_connection_are_the_daemons() {
    let server = Server::start().await;
    let asking = allowed(&server, "").await;
    for name in ["Host", "content-length", "Transfer-Encoding", "connection", "upgrade", "a b", "a\r\nb"] {
        let command = json!({"http": {"method": "GET", "url": server.url("/"), "headers": [[name, "x"]]}});
        assert_outcome(&asking.ask(command).await.unwrap(), "not-sent", "invalid", "header");
    }
    let command =
        json!({"http": {"method": "GET", "url": server.url("/"), "headers": [["a", "x\r\nhost: y"]]}});
    assert_outcome(&asking.ask(command).await.unwrap(), "not-sent", "invalid", "header");
    assert_eq!(server.requests(), 0);
    asking.end().await;
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let asking = Asking::start(&format!("egress = ['{origin}']"), folder().path()).await;
    let answer = asking.ask(get(&origin)).await.unwrap();
    assert_outcome(&answer, "not-sent", "transient", &format!("cannot connect to {origin}: "));
    asking.end().await;

    let server = Server::start().await;
    let origin = server.origin.replace("http:", "https:");
    let asking = Asking::start(&format!("egress = ['{origin}']"), folder().path()).await;
    let answer = asking.ask(get(&origin)).await.unwrap();
    assert_outcome(&answer, "not-sent", "transient", "cannot connect to https://");
    asking.end().await;
}

#[tokio::test]
async fn a_slow_server_costs_no_more_than_the_calls_budget_and_its_connection_is_closed() {
    let server = Server::start().await;
    let asking = allowed(&server, "http_max_in_flight = 1").await;
    ask_in_vain(&asking, Duration::from_millis(300), get(&server.url("/slow"))).await;
    server.seen.closed().await;
    assert_eq!(
        asking.ask(get(&server.url("/echo"))).await.unwrap()["status"],
        json!(200),
        "its place is free"
    );
    asking.end().await;
}

#[tokio::test]
async fn a_call_that_is_cancelled_frees_its_connection_long_before_its_deadline() {
    let server = Server::start().await;
    let asking = allowed(&server, "http_max_in_flight = 1").await;
    let (venue, ctx) = (asking.venue(), Context::within(LONG * 10));
    let mut waiting = venue.quote(&ctx, request(&get(&server.url("/slow"))));
    assert!(poll_once(&mut waiting).await.is_pending());
    server.seen.slow_request().await;
    drop(waiting);
    server.seen.closed().await;
    assert_eq!(
        asking.ask(get(&server.url("/echo"))).await.unwrap()["status"],
        json!(200),
        "its place is free"
    );
    asking.end().await;
}

#[tokio::test]
async fn more_requests_than_may_be_under_way_wait_and_were_not_sent() {
    let server = Server::start().await;
    let asking = allowed(&server, "http_max_in_flight = 1").await;
    let (venue, ctx) = (asking.venue(), Context::within(LONG));
    let mut first = venue.quote(&ctx, request(&get(&server.url("/slow"))));
    assert!(poll_once(&mut first).await.is_pending());
    server.seen.slow_request().await;
    ask_in_vain(&asking, Duration::from_millis(50), get(&server.url("/echo"))).await;
    assert_eq!(server.requests(), 1, "the second one waited for its turn");
    drop(first);
    asking.end().await;
}

#[tokio::test]
async fn secrets_reach_the_server_and_neither_the_log_nor_an_error() {
    const SECRET: &str = "swordfish";
    let records = records();
    let server = Server::start().await;
    let asking = allowed(&server, "http_max_response_kib = 4").await;
    let ask = async |url: String| {
        let command = json!({"http": {
            "method": "GET", "url": url, "headers": [["authorization", format!("Bearer {SECRET}")]],
        }});
        asking.ask(command).await.unwrap()
    };
    let echoed = ask(server.url(&format!("/echo?token={SECRET}"))).await;
    assert_eq!(echoed.to_string().matches(SECRET).count(), 2, "the server got both: {echoed}");
    for url in [
        server.url(&format!("/large?token={SECRET}")),
        format!("http://127.0.0.1:1/{SECRET}?token={SECRET}"),
        format!("http://me:{SECRET}@127.0.0.1:1/"),
        format!("{SECRET}://{SECRET}/ {SECRET}"),
    ] {
        let answer = ask(url).await;
        assert!(answer["message"].is_string() && !answer.to_string().contains(SECRET), "{answer}");
    }
    records.wait_for(&["http request failed", &server.origin, "rfq"]).await;
    assert_eq!(records.with(&[SECRET]), Vec::<String>::new());
    asking.end().await;
}
