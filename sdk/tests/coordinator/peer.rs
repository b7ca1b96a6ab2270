//! The daemon's end of a socket, and what it says.

use crate::server::PATIENCE;
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::header::HeaderValue;
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

/// The daemon's end of a socket.
pub(crate) struct Peer {
    socket: WebSocketStream<TcpStream>,
    /// What the handshake showed.
    pub(crate) authorization: Option<HeaderValue>,
}

impl Peer {
    pub(crate) fn new(socket: WebSocketStream<TcpStream>, authorization: Option<HeaderValue>) -> Self {
        Self { socket, authorization }
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.socket.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next message of the client.
    pub(crate) async fn heard(&mut self) -> Value {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("the client says nothing") {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => (),
                other => panic!("the client has ended: {other:?}"),
            }
        }
    }

    /// Waits until the client has closed the socket, or broken it off.
    pub(crate) async fn ended(&mut self) {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("the client does not end") {
                None | Some(Err(_) | Ok(Message::Close(_))) => return,
                Some(Ok(_)) => (),
            }
        }
    }

    /// Greets, and takes the subscription to orders that answers it.
    pub(crate) async fn greet(&mut self, epoch: &str, cursor: u64) -> Value {
        self.greet_every(epoch, cursor, 15_000).await
    }

    pub(crate) async fn greet_every(&mut self, epoch: &str, cursor: u64, heartbeat_ms: u64) -> Value {
        let limits = json!({ "maxMessageBytes": 65536, "maxSubscriptions": 32, "maxFilterIds": 256,
            "bufferMessages": 1024, "bufferBytes": 1048576 });
        self.say(
            json!({ "type": "connection", "connectionId": "ws-1", "heartbeatMs": heartbeat_ms, "epoch": epoch,
            "cursor": cursor, "authenticated": true, "limits": limits }),
        )
        .await;
        let subscribe = self.heard().await;
        assert_eq!((&subscribe["type"], &subscribe["id"]), (&json!("subscribe"), &json!("orders")));
        subscribe
    }

    /// Greets, and answers the subscription with a snapshot.
    pub(crate) async fn begin(&mut self, epoch: &str, cursor: u64, orders: &[Value]) {
        self.greet(epoch, cursor).await;
        self.subscribed(false, cursor).await;
        self.snapshot(cursor, orders).await;
    }

    pub(crate) async fn subscribed(&mut self, recovered: bool, cursor: u64) {
        let topic = "orders";
        self.say(json!({ "type": "subscribed", "id": "orders", "topic": topic, "recovered": recovered,
            "cursor": cursor }))
            .await;
    }

    pub(crate) async fn snapshot(&mut self, cursor: u64, orders: &[Value]) {
        self.say(
            json!({ "type": "snapshot", "id": "orders", "orders": orders, "cursor": cursor, "last": true }),
        )
        .await;
    }

    pub(crate) async fn gap(&mut self, reason: &str, cursor: u64) {
        self.say(json!({ "type": "gap", "id": "orders", "reason": reason, "cursor": cursor })).await;
    }

    pub(crate) async fn ping(&mut self, cursor: u64, top: u64) {
        self.say(json!({ "type": "ping", "cursor": cursor, "top": top })).await;
    }

    /// Answers the client's ping.
    pub(crate) async fn pong(&mut self, cursor: u64, top: u64) {
        assert_eq!(self.heard().await, json!({ "type": "ping" }));
        self.say(json!({ "type": "pong", "cursor": cursor, "top": top })).await;
    }

    pub(crate) async fn close(mut self, code: u16) {
        let frame = CloseFrame { code: CloseCode::from(code), reason: "as the test says".into() };
        let _ = self.socket.close(Some(frame)).await;
    }
}

/// An order at one of its events.
pub(crate) fn order(id: &str, seq: u64, status: &str) -> Value {
    json!({
        "id": id, "jobId": id, "orderType": "market", "tokenIn": "SOL", "tokenOut": "USDC", "amount": "1",
        "slippage": 1, "status": status, "progress": 0, "message": "", "chain": "paper", "account": "main",
        "dex": null, "quotes": [], "amountOut": null, "txHash": null, "attempts": 0, "maxAttempts": 3,
        "lastError": null, "labels": {}, "seq": seq, "createdAt": "2026-01-01T00:00:00.000Z",
        "updatedAt": "2026-01-01T00:00:00.000Z",
    })
}

/// One of its events.
pub(crate) fn event(id: &str, seq: u64, cursor: u64, status: &str) -> Value {
    json!({ "type": status, "orderId": id, "seq": seq, "cursor": cursor, "timestamp": "2026-01-01T00:00:00.000Z",
        "progress": 0, "message": "", "order": order(id, seq, status) })
}

/// A page of `GET /api/orders?since=`.
pub(crate) fn changes(epoch: &str, cursor: u64, more: bool, orders: &[Value]) -> Value {
    json!({ "success": true, "epoch": epoch, "cursor": cursor, "more": more, "orders": orders })
}

/// A reply of `GET /api/orders/status/{id}`.
pub(crate) fn reply_of(mut order: Value) -> Value {
    order["success"] = true.into();
    order
}
