//! Requests and replies of the HTTP interface.

use super::{Decimal, OrderDto, OrderMessage, OrderStatus};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `POST /api/orders/execute`: what to trade.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExecuteRequest {
    /// Symbol of the token to sell.
    pub token_in: String,
    /// Symbol of the token to buy.
    pub token_out: String,
    /// What to sell in units of the token, as a decimal string or number; read exactly from its text.
    pub amount: Decimal,
    /// The most the price may worsen, in percent, 0 to 50; the daemon's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slippage: Option<Decimal>,
    /// `market`, also when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_type: Option<String>,
    /// The chain to settle on; may be absent where the daemon has one, or the account decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    /// The account that trades; may be absent where the chain has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Only these venues may execute the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venues: Option<Vec<String>>,
    /// RFC 3339: no attempt begins after it, and no transaction that was signed before takes effect after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<String>,
    /// 0 to 9; higher goes first. 5 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// Quotes that move the price by more than this, in percent, are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_price_impact: Option<Decimal>,
    /// The client's own labels, kept with the order.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

impl ExecuteRequest {
    /// A market order with every other field at its default.
    pub fn market(
        token_in: impl Into<String>,
        token_out: impl Into<String>,
        amount: impl Into<Decimal>,
    ) -> Self {
        Self {
            token_in: token_in.into(),
            token_out: token_out.into(),
            amount: amount.into(),
            slippage: None,
            order_type: None,
            chain: None,
            account: None,
            venues: None,
            deadline: None,
            priority: None,
            max_price_impact: None,
            labels: BTreeMap::new(),
        }
    }
}

/// The answer to an accepted order: it is on stable storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecuteResponse {
    /// Always true.
    pub success: bool,
    /// The order's id.
    pub order_id: String,
    /// The id of its entry in the queue.
    pub job_id: String,
    /// `pending`, or where the order stands when the same request was sent before.
    pub status: OrderStatus,
    /// For people.
    pub message: String,
    /// Path of the WebSocket that streams the order's life.
    pub ws_url: String,
}

/// `GET /api/orders/status/{id}`. It reads as an [`OrderDto`]: `success` is one member more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderReply {
    /// Always true.
    pub success: bool,
    /// The order.
    #[serde(flatten)]
    pub order: OrderDto,
}

/// `GET /api/orders`: newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderPage {
    /// Always true.
    pub success: bool,
    /// The orders of this page.
    pub orders: Vec<OrderDto>,
    /// Pass as `cursor` to get the next page; none on the last.
    pub next_cursor: Option<String>,
}

/// `GET /api/orders/{id}/events`: the same messages that the stream carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderEvents {
    /// Always true.
    pub success: bool,
    /// The order's id.
    pub order_id: String,
    /// Events in the order of `seq`.
    pub events: Vec<OrderMessage>,
}

/// `GET /health`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// `ok`, or `draining` while the daemon shuts down.
    pub status: String,
    /// The daemon's version.
    pub version: String,
    /// Milliseconds since the daemon was ready.
    pub uptime_ms: u64,
    /// Orders that are not ended yet, by status.
    pub orders: BTreeMap<OrderStatus, u64>,
    /// The WebSocket side.
    pub websocket: WebsocketLoad,
}

/// How many clients listen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebsocketLoad {
    /// Orders that somebody follows.
    pub connected_orders: u64,
    /// Open connections.
    pub total_clients: u64,
}
