//! Who may call: tokens, scopes, tickets, and how a handshake shows them.

use crate::{
    wire::{Http, Reply, Ws},
    world::World,
};
use futures_util::SinkExt;
use hyper_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};
use k256::sha2::{Digest, Sha256};
use orderd::{
    api::{ApiSettings, Auth, Identity},
    config::Scope,
    order::OrderId,
};
use orderd_sdk::{
    client::{Client, ClientError, OrdersQuery},
    wire::{ExecuteRequest, StreamTicket},
};
use serde_json::json;
use std::time::Duration;

pub(crate) const TOKENS: [(&str, &str, Scope); 3] = [
    ("screen", "read-0123456789abcdef", Scope::Read),
    ("bot", "trade-0123456789abcdef", Scope::Trade),
    ("ops", "admin-0123456789abcdef", Scope::Admin),
];
const READ: &str = TOKENS[0].1;

pub(crate) async fn guarded() -> World {
    guarded_with(ApiSettings::default()).await
}

async fn guarded_with(settings: ApiSettings) -> World {
    let tokens = TOKENS
        .map(|(name, token, scope)| (Identity { name: name.into(), scope }, Sha256::digest(token).into()));
    World::serving(settings, |state| state.with_auth(Auth::new(tokens))).await
}

fn request(call: &str, headers: &str) -> String {
    format!("{call} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n{headers}\r\n")
}

async fn call(world: &World, call: &str, headers: &str) -> Reply {
    world.ask(request(call, headers)).await
}

pub(crate) fn bearer(token: &str) -> String {
    format!("authorization: Bearer {token}\r\n")
}

/// Asks for the stream of an order, with these headers.
async fn handshake(world: &World, path: &str, headers: &str) -> (Reply, Http) {
    let mut http = world.connect().await;
    let upgrade = crate::wire::upgrade(path);
    http.send(format!("{}\r\n{headers}\r\n", upgrade.trim_end())).await;
    (http.reply().await, http)
}

fn stream(id: OrderId) -> String {
    format!("/api/orders/status/{id}")
}

async fn ticket(world: &World) -> String {
    let reply = call(world, "POST /api/stream/ticket", &bearer(READ)).await;
    assert_eq!((reply.status, reply.headers["cache-control"].as_str()), (200, "no-store"));
    let StreamTicket { ticket, expires_ms } = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!((ticket.len(), expires_ms), (64, 30_000));
    ticket
}

#[tokio::test]
async fn each_call_needs_its_scope() {
    let world = guarded().await;
    let id = world.desk.accept();
    for (path, needs) in [
        ("GET /health".to_owned(), None),
        ("HEAD /ready".to_owned(), None),
        ("GET /api/orders".to_owned(), Some(Scope::Read)),
        (format!("GET {}", stream(id)), Some(Scope::Read)),
        (format!("HEAD /api/orders/{id}/events"), Some(Scope::Read)),
        ("POST /api/stream/ticket".to_owned(), Some(Scope::Read)),
        ("GET /api/stream".to_owned(), Some(Scope::Read)),
        ("GET /api/status".to_owned(), Some(Scope::Read)),
        ("GET /api/queue".to_owned(), Some(Scope::Read)),
        ("GET /api/venues".to_owned(), Some(Scope::Read)),
        ("POST /api/orders/execute".to_owned(), Some(Scope::Trade)),
        (format!("POST /api/orders/{id}/cancel"), Some(Scope::Trade)),
        (format!("POST /api/orders/{id}/retry"), Some(Scope::Trade)),
        ("GET /api/logs".to_owned(), Some(Scope::Admin)),
        ("GET /api/clients".to_owned(), Some(Scope::Admin)),
        ("POST /api/clients/ws-1/disconnect".to_owned(), Some(Scope::Admin)),
        ("POST /api/venues/alpha/enable".to_owned(), Some(Scope::Admin)),
        ("POST /api/venues/alpha/disable".to_owned(), Some(Scope::Admin)),
        ("POST /api/queue/pause".to_owned(), Some(Scope::Admin)),
        ("POST /api/queue/resume".to_owned(), Some(Scope::Admin)),
        ("GET /api/actions".to_owned(), Some(Scope::Admin)),
    ] {
        let nobody = status(&world, &path, "").await;
        assert_eq!(nobody == 401, needs.is_some(), "{path}: {nobody}");
        for (name, token, has) in TOKENS {
            let status = status(&world, &path, &bearer(token)).await;
            assert_ne!(status, 401, "{path} by {name}");
            assert_eq!(status == 403, needs.is_some_and(|needs| has < needs), "{path} by {name}: {status}");
        }
    }
}

async fn status(world: &World, path: &str, headers: &str) -> u16 {
    let mut http = world.connect().await;
    http.send(request(path, headers)).await;
    http.reply_to(path.split(' ').next().unwrap()).await.status
}

#[tokio::test]
async fn a_refusal_says_what_is_needed_and_repeats_no_token() {
    let world = guarded().await;
    for headers in [
        "",
        "authorization: Bearer read-0123456789abcdeg\r\n",
        "authorization: Basic cmVhZC0wMTIz\r\n",
        "authorization: Bearer \r\n",
        &bearer(READ).repeat(2),
    ] {
        let reply = call(&world, "GET /api/orders", headers).await;
        assert_eq!(reply.problem(), (401, "unauthenticated".into()), "{headers}");
        assert_eq!(reply.headers["www-authenticate"], "Bearer");
        assert!(!String::from_utf8_lossy(&reply.body).contains("0123"));
    }
    let reply = call(&world, "GET /api/logs", &bearer(READ)).await;
    assert_eq!(reply.problem(), (403, "forbidden".into()));
    assert_eq!(reply.json()["detail"], "this needs a token of scope admin, and this one has scope read");
}

#[tokio::test]
async fn hosts_origins_paths_and_methods_are_looked_at_before_tokens() {
    let world = guarded().await;
    let of_a_page = call(&world, "POST /api/orders/execute", "origin: http://evil.example\r\n").await;
    assert_eq!(of_a_page.problem(), (403, "origin-not-allowed".into()));
    let rebound = world.ask("GET /api/orders HTTP/1.1\r\nhost: evil.example\r\n\r\n").await;
    assert_eq!(rebound.problem(), (421, "host-not-allowed".into()));
    assert_eq!(call(&world, "GET /api/nothing", "").await.problem(), (404, "not-found".into()));
    assert_eq!(call(&world, "OPTIONS /api/orders", "").await.problem(), (405, "method-not-allowed".into()));
}

#[tokio::test]
async fn without_tokens_everything_is_open() {
    let world = World::start().await;
    let id = world.desk.accept();
    for headers in ["", "authorization: Bearer whatever\r\n", "authorization: Basic b3Blbg==\r\n"] {
        for path in ["GET /api/orders", "GET /api/logs", "POST /api/stream/ticket"] {
            assert_eq!(call(&world, path, headers).await.status, 200, "{path} {headers}");
        }
    }
    let (reply, http) = handshake(&world, &format!("{}?ticket=any", stream(id)), "").await;
    assert_eq!((reply.status, reply.headers.get("sec-websocket-protocol")), (101, None));
    assert_eq!(http.into_websocket().await.json().await["authenticated"], true);
}

#[tokio::test]
async fn a_stream_opens_for_a_token_in_its_handshake() {
    let world = guarded().await;
    let id = world.desk.accept();
    let token = format!("sec-websocket-protocol: orderd.v1, orderd.token.{READ}\r\n");
    let lines =
        format!("sec-websocket-protocol: orderd.token.{READ}\r\nsec-websocket-protocol: orderd.v1\r\n");
    let both = format!("{}sec-websocket-protocol: chat, orderd.v1\r\n", bearer(READ));
    let unknown = format!("{}sec-websocket-protocol: chat, orderd.v2\r\n", bearer(READ));
    let ours = Some("orderd.v1");
    for (headers, selected) in
        [(bearer(READ), None), (token, ours), (lines, ours), (both, ours), (unknown, None)]
    {
        let (reply, http) = handshake(&world, &stream(id), &headers).await;
        assert_eq!(reply.status, 101, "{headers}: {reply:?}");
        let protocol = reply.headers.get("sec-websocket-protocol").map(String::as_str);
        assert_eq!(protocol, selected, "{headers}");
        let mut ws = http.into_websocket().await;
        let connection = ws.json().await;
        assert_eq!((&connection["type"], &connection["authenticated"]), (&"connection".into(), &true.into()));
        assert_eq!(ws.json().await["type"], "subscribed");
    }
}

#[tokio::test]
async fn a_handshake_with_what_is_no_token_is_refused() {
    let world = guarded().await;
    let id = world.desk.accept();
    let nobody: OrderId = "01a0c1e2-8a10-7c31-9d2c-4f6f0d6f7a01".parse().unwrap();
    for headers in [
        "authorization: Bearer nonsense-0123456789\r\n",
        "sec-websocket-protocol: orderd.v1, orderd.token.nonsense-0123456789\r\n",
        "sec-websocket-protocol: orderd.v1, orderd.token.\r\n",
    ] {
        for id in [id, nobody] {
            let (reply, _http) = handshake(&world, &stream(id), headers).await;
            assert_eq!(reply.problem(), (401, "unauthenticated".into()), "{headers}");
        }
    }
    let bad_token_and_good_ticket = format!("{}?ticket={}", stream(id), ticket(&world).await);
    let (reply, _http) =
        handshake(&world, &bad_token_and_good_ticket, "authorization: Bearer nonsense-0123456789\r\n").await;
    assert_eq!(reply.status, 401);
}

#[tokio::test]
async fn who_shows_nothing_hears_nothing_before_it_says_who_it_is() {
    let world = guarded().await;
    let id = world.desk.accept();
    for path in [stream(id), "/api/stream".to_owned()] {
        let mut ws: Ws = world.open(&path).await.unwrap();
        assert_eq!(ws.json().await["authenticated"], false);
        for (said, answer) in [
            (json!({ "type": "ping" }), "pong"),
            (json!({ "type": "subscribe", "id": "a", "topic": "orders" }), "unauthenticated"),
            (json!({ "type": "unsubscribe", "id": "a" }), "unauthenticated"),
        ] {
            say(&mut ws, &said).await;
            let told = ws.json().await;
            let code = if told["type"] == "error" { &told["code"] } else { &told["type"] };
            // On the path of one order there is nothing to subscribe to, whoever asks.
            assert!(code == answer || code == "unknown-message", "{told}");
        }
        say(&mut ws, &json!({ "type": "auth", "token": READ })).await;
        let mut told = vec![ws.json().await];
        while told.last().unwrap()["type"] != "authenticated" {
            told.push(ws.json().await);
        }
        let authenticated = told.pop().unwrap();
        assert_eq!((&authenticated["name"], &authenticated["scope"]), (&json!(TOKENS[0].0), &json!("read")));
        say(&mut ws, &json!({ "type": "subscribe", "id": "a", "topic": "clients" })).await;
        let refused = ws.json().await;
        assert!(refused["code"] == "forbidden" || path != "/api/stream", "{refused}");
    }
}

#[tokio::test]
async fn who_does_not_say_who_it_is_is_closed() {
    let hurried = ApiSettings { auth_timeout: Duration::from_millis(100), ..ApiSettings::default() };
    let world = guarded_with(hurried).await;
    let mut silent: Ws = world.open("/api/stream").await.unwrap();
    let (code, told) = silent.closed().await;
    assert_eq!((code, told.len()), (CloseCode::Library(4401), 1), "with no more than a greeting");

    let mut liar: Ws = world.open("/api/stream").await.unwrap();
    say(&mut liar, &json!({ "type": "auth", "token": "not-a-token-at-all" })).await;
    assert_eq!(liar.closed().await.0, CloseCode::Library(4401));
}

async fn say(ws: &mut Ws, message: &serde_json::Value) {
    ws.0.send(Message::text(message.to_string())).await.unwrap();
}

#[tokio::test]
async fn a_ticket_opens_one_stream() {
    let world = guarded().await;
    let id = world.desk.accept();
    world.desk.grow(id);
    let path = format!("{}?since=1&ticket={}", stream(id), ticket(&world).await);
    let mut ws: Ws = world.open(&path).await.unwrap();
    assert_eq!(ws.json().await["authenticated"], true);
    assert_eq!(ws.json().await["recovered"], true);
    assert_eq!(ws.json().await["seq"], 2);

    let again = world.open(&path).await.err().unwrap();
    assert_eq!(again.problem(), (401, "unauthenticated".into()));
    let invented = format!("{}?ticket={}", stream(id), "0".repeat(64));
    assert_eq!(world.open(&invented).await.err().unwrap().status, 401);
    let by_http = call(&world, &format!("GET {}?ticket={}", stream(id), ticket(&world).await), "").await;
    assert_eq!(by_http.status, 401, "a ticket is for streams only");
}

#[tokio::test]
async fn a_topic_needs_the_scope_of_its_call() {
    let world = guarded().await;
    let client = Client::new(&format!("http://{}", world.address)).unwrap();
    for (name, token, has) in TOKENS {
        let ticket = client.clone().with_token(token).unwrap().stream_ticket().await.unwrap().ticket;
        let mut ws = world.open(&format!("/api/stream?ticket={ticket}")).await.unwrap();
        assert_eq!(ws.json().await["authenticated"], true);
        let subscribe = serde_json::json!({ "type": "subscribe", "id": "c", "topic": "clients" });
        ws.0.send(Message::text(subscribe.to_string())).await.unwrap();
        let answer = ws.json().await;
        let expected = if has == Scope::Admin { ("subscribed", None) } else { ("error", Some("forbidden")) };
        assert_eq!((answer["type"].as_str().unwrap(), answer["code"].as_str()), expected, "{name}: {answer}");
    }
}

#[tokio::test]
async fn the_client_shows_its_token_with_every_call() {
    let world = guarded().await;
    let client = Client::new(&format!("http://{}", world.address)).unwrap();
    let refused = client.orders(&OrdersQuery::default()).await.unwrap_err();
    assert!(
        matches!(&refused, ClientError::Problem(problem) if problem.code == "unauthenticated"),
        "{refused}"
    );

    let screen = client.clone().with_token(READ).unwrap();
    assert!(screen.orders(&OrdersQuery::default()).await.unwrap().orders.is_empty());
    let refused = screen.submit(&ExecuteRequest::market("SOL", "USDC", "1"), None).await.unwrap_err();
    assert!(matches!(&refused, ClientError::Problem(problem) if problem.code == "forbidden"), "{refused}");
    let bot = client.with_token(TOKENS[1].1).unwrap();
    let accepted = bot.submit(&ExecuteRequest::market("SOL", "USDC", "1"), None).await.unwrap();
    let ticket = screen.stream_ticket().await.unwrap().ticket;
    let path = format!("/api/orders/status/{}?ticket={ticket}", accepted.order_id);
    assert!(world.open(&path).await.is_ok());
}
