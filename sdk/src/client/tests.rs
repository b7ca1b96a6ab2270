//! The client against servers that say one thing once.

use super::{Client, ClientError, InvalidToken, OrdersQuery};
use crate::{
    timestamp::Timestamp,
    wire::{
        CancelRequest, Decimal, EventFields, ExecuteRequest, ExecuteResponse, FieldProblem, Health,
        OrderChanges, OrderDto, OrderEvents, OrderMessage, OrderPage, OrderReply, OrderStatus, Position,
        Problem, QuoteDto, WebsocketLoad,
    },
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpListener,
    thread::JoinHandle,
    time::Duration,
};

/// Answers one connection with these bytes; gives the request.
pub(super) fn answering(reply: impl Into<Vec<u8>>) -> (Client, JoinHandle<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let reply = reply.into();
    let server = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !is_whole(&request) {
            let mut bytes = [0; 1024];
            match socket.read(&mut bytes).unwrap() {
                0 => break,
                read => request.extend_from_slice(&bytes[..read]),
            }
        }
        // A client that has read enough may be gone already.
        let _ = socket.write_all(&reply);
        String::from_utf8(request).unwrap()
    });
    (client, server)
}

fn is_whole(request: &[u8]) -> bool {
    let request = String::from_utf8_lossy(request);
    let Some((head, body)) = request.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_none_or(|length| length.parse() == Ok(body.len()))
}

pub(super) fn http(status: u16, body: &impl Serialize) -> String {
    let body = serde_json::to_string(body).unwrap();
    format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

pub(super) fn order() -> OrderDto {
    let quote = QuoteDto {
        dex: "alpha".into(),
        amount_out: Some("1500".into()),
        net_amount_out: None,
        price_impact: Some("0.1".into()),
        latency_ms: 3,
        error: None,
    };
    OrderDto {
        id: "0199".into(),
        job_id: "0199".into(),
        order_type: "market".into(),
        token_in: "SOL".into(),
        token_out: "USDC".into(),
        amount: "10".into(),
        slippage: Decimal::from("0.5"),
        status: OrderStatus::Routing,
        progress: 30,
        message: "1 of 1 venues quoted".into(),
        chain: "paper".into(),
        account: "main".into(),
        dex: None,
        quotes: vec![quote],
        amount_out: None,
        tx_hash: None,
        attempts: 1,
        max_attempts: 3,
        last_error: None,
        last_error_code: None,
        cancel_requested: false,
        labels: BTreeMap::from([("team".into(), "ops".into())]),
        seq: 3,
        created_at: Timestamp(1_790_000_000_000),
        updated_at: Timestamp(1_790_000_000_001),
    }
}

#[tokio::test]
async fn an_order_is_handed_in_with_its_key() {
    let accepted = ExecuteResponse {
        success: true,
        order_id: "0199".into(),
        job_id: "0199".into(),
        status: OrderStatus::Pending,
        message: "accepted".into(),
        ws_url: "/api/orders/status/0199".into(),
    };
    let (client, server) = answering(http(202, &accepted));
    let request = ExecuteRequest::market("SOL", "USDC", "0.1");
    assert_eq!(client.submit(&request, Some("k-1")).await.unwrap(), accepted);
    let sent = server.join().unwrap();
    assert!(sent.starts_with("POST /api/orders/execute HTTP/1.1\r\n"), "{sent}");
    assert!(sent.contains("idempotency-key: k-1\r\n"), "{sent}");
    assert!(sent.contains("content-type: application/json\r\n"), "{sent}");
    assert!(sent.ends_with(r#"{"tokenIn":"SOL","tokenOut":"USDC","amount":0.1}"#), "{sent}");

    let refused = client.submit(&request, Some("two\nlines")).await;
    assert!(matches!(refused, Err(ClientError::InvalidIdempotencyKey)));
}

#[tokio::test]
async fn an_order_and_a_page_of_orders_read_back_as_they_were_written() {
    let reply = OrderReply { success: true, order: order() };
    let (client, server) = answering(http(200, &reply));
    assert_eq!(client.order("0199").await.unwrap(), order());
    let sent = server.join().unwrap();
    assert!(sent.starts_with("GET /api/orders/status/0199 HTTP/1.1\r\n"), "{sent}");

    let page = OrderPage { success: true, orders: vec![order()], next_cursor: Some("0199".into()) };
    let (client, server) = answering(http(200, &page));
    let query =
        OrdersQuery { statuses: vec![OrderStatus::Routing], limit: Some(1), ..OrdersQuery::default() };
    assert_eq!(client.orders(&query).await.unwrap(), page);
    let sent = server.join().unwrap();
    assert!(sent.starts_with("GET /api/orders?status=routing&limit=1 HTTP/1.1\r\n"), "{sent}");
}

#[tokio::test]
async fn a_cancellation_and_a_retry_give_the_order_back() {
    let reply = OrderReply { success: true, order: order() };
    let (client, server) = answering(http(202, &reply));
    let request = CancelRequest { reason: Some("too slow".into()) };
    assert_eq!(client.cancel("0199", &request).await.unwrap(), order());
    let sent = server.join().unwrap();
    assert!(sent.starts_with("POST /api/orders/0199/cancel HTTP/1.1\r\n"), "{sent}");
    assert!(sent.ends_with(r#"{"reason":"too slow"}"#), "{sent}");

    let (client, server) = answering(http(202, &reply));
    assert_eq!(client.retry("0199").await.unwrap(), order());
    let sent = server.join().unwrap();
    assert!(sent.starts_with("POST /api/orders/0199/retry HTTP/1.1\r\n"), "{sent}");
}

#[tokio::test]
async fn a_history_and_the_health_read_back_as_they_were_written() {
    let event = OrderMessage {
        kind: OrderStatus::Routing,
        order_id: "0199".into(),
        seq: 3,
        cursor: 30,
        timestamp: Timestamp(1_790_000_000_001),
        progress: 30,
        message: "1 of 1 venues quoted".into(),
        fields: EventFields {
            quotes_fetched: Some(1),
            quotes: Some(order().quotes),
            ..EventFields::default()
        },
        order: order(),
    };
    let history = OrderEvents { success: true, order_id: "0199".into(), events: vec![event] };
    let (client, server) = answering(http(200, &history));
    assert_eq!(client.events("0199", 2).await.unwrap(), history);
    let sent = server.join().unwrap();
    assert!(sent.starts_with("GET /api/orders/0199/events?since=2 HTTP/1.1\r\n"), "{sent}");

    let health = Health {
        status: "ok".into(),
        version: "0.1.0".into(),
        uptime_ms: 5,
        orders: BTreeMap::from([(OrderStatus::RetryPending, 2)]),
        websocket: WebsocketLoad::default(),
    };
    let (client, _) = answering(http(200, &health));
    assert_eq!(client.health().await.unwrap(), health);
}

#[tokio::test]
async fn a_refusal_is_the_daemons_problem() {
    let field = FieldProblem {
        field: "amount".into(),
        code: "amount-zero".into(),
        detail: "must be more than zero".into(),
    };
    let problem = Problem {
        kind: "about:blank".into(),
        title: "The order is not valid".into(),
        status: 422,
        detail: "amount: must be more than zero".into(),
        code: "amount-zero".into(),
        errors: vec![field],
        position: None,
    };
    let (client, _) = answering(http(422, &problem));
    let Err(ClientError::Problem(told)) = client.order("x").await else {
        panic!("no problem");
    };
    assert_eq!(*told, problem);
    assert_eq!(ClientError::Problem(told).cursor_gone(), None);
}

#[tokio::test]
async fn changes_are_asked_for_by_cursor() {
    let changes =
        OrderChanges { success: true, epoch: "5b".into(), cursor: 9, more: false, orders: vec![order()] };
    for (epoch, limit, path) in [
        (None, None, "/api/orders?since=7"),
        (Some("5b"), None, "/api/orders?since=7&epoch=5b"),
        (Some("a b"), Some(20), "/api/orders?since=7&epoch=a%20b&limit=20"),
    ] {
        let (client, server) = answering(http(200, &changes));
        assert_eq!(client.changes(7, epoch, limit).await.unwrap(), changes);
        assert!(server.join().unwrap().starts_with(&format!("GET {path} HTTP/1.1\r\n")), "{path}");
    }
}

#[tokio::test]
async fn a_cursor_that_is_gone_tells_where_to_begin_afresh() {
    let body = serde_json::json!({
        "type": "about:blank", "title": "Gone", "status": 410, "detail": "too long ago", "code": "cursor-gone",
        "epoch": "5b", "cursor": 4711,
    });
    let (client, _) = answering(http(410, &body));
    let error = client.changes(7, None, None).await.unwrap_err();
    assert_eq!(error.cursor_gone(), Some(&Position { epoch: "5b".into(), cursor: 4711 }));
}

#[tokio::test]
async fn what_is_not_orderd_is_told_from_what_does_not_answer() {
    for foreign in [
        "HTTP/1.1 502 X\r\ncontent-length: 4\r\n\r\noops",
        "HTTP/1.1 200 X\r\ncontent-length: 2\r\n\r\n[]",
        "SSH-2.0\r\n",
    ] {
        let (client, _) = answering(foreign);
        let error = client.health().await.unwrap_err();
        assert!(matches!(error, ClientError::Protocol(_)), "{foreign}: {error:?}");
    }
    for broken in ["", "HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n{"] {
        let (client, _) = answering(broken);
        let error = client.health().await.unwrap_err();
        assert!(matches!(error, ClientError::Unanswered(_)), "{broken}: {error:?}");
    }
    let closed = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let client = Client::new(&format!("http://{closed}")).unwrap();
    assert!(matches!(client.health().await, Err(ClientError::Unreachable { .. })));

    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let client = Client::new(&format!("http://{}", silent.local_addr().unwrap())).unwrap();
    let client = client.with_patience(Duration::from_secs(5), Duration::from_millis(20));
    assert!(matches!(client.health().await, Err(ClientError::Unanswered(_))));
}

#[tokio::test]
async fn an_endless_reply_is_cut_off() {
    let endless = format!("HTTP/1.1 200 X\r\n\r\n{}", " ".repeat(33 * 1024 * 1024));
    let (client, _) = answering(endless);
    assert!(matches!(client.health().await, Err(ClientError::Protocol(_))));
}

#[tokio::test]
async fn a_token_is_shown_with_every_call_and_to_nobody_else() {
    let page = OrderPage { success: true, orders: Vec::new(), next_cursor: None };
    let (client, server) = answering(http(200, &page));
    let client = client.with_token("0123456789abcdef").unwrap();
    assert!(!format!("{client:?}").contains("0123456789"), "{client:?}");
    client.orders(&OrdersQuery::default()).await.unwrap();
    let sent = server.join().unwrap();
    assert!(sent.contains("authorization: Bearer 0123456789abcdef\r\n"), "{sent}");

    let (client, server) = answering(http(200, &page));
    client.orders(&OrdersQuery::default()).await.unwrap();
    assert!(!server.join().unwrap().contains("authorization"));
    for bad in ["", "a b", "a\r\nhost: b", "ä", "a\u{7f}"] {
        let client = Client::new("http://localhost").unwrap();
        assert_eq!(client.with_token(bad).unwrap_err(), InvalidToken, "{bad:?}");
    }
}
