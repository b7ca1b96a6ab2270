//! Requests and replies of the HTTP interface.

use super::{Decimal, OrderDto, OrderMessage, OrderStatus};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `POST /api/orders/execute`: what to trade.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["market", null])))]
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
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub deadline: Option<String>,
    /// 0 to 9; higher goes first. 5 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(max = 9)))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ExecuteResponse {
    /// Always true.
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
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

/// The body of `POST /api/orders/{id}/cancel`, which may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CancelRequest {
    /// Why, for whoever reads the order's history: one line of at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A body without fields, which may be left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NoFields {}

/// `GET /api/orders/status/{id}`, and the answer to `cancel` and `retry`. It reads as an [`OrderDto`]: `success` is one member more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderReply {
    /// Always true.
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    pub success: bool,
    /// The order.
    #[serde(flatten)]
    pub order: OrderDto,
}

/// `GET /api/orders`: newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrderPage {
    /// Always true.
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    pub success: bool,
    /// The orders of this page.
    pub orders: Vec<OrderDto>,
    /// Pass as `cursor` to get the next page; none on the last.
    pub next_cursor: Option<String>,
}

/// `GET /api/orders/{id}/events`: the same messages that the stream carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrderEvents {
    /// Always true.
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    pub success: bool,
    /// The order's id.
    pub order_id: String,
    /// Events in the order of `seq`.
    pub events: Vec<OrderMessage>,
}

/// `GET /health`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// `ok`, or `draining` while the daemon shuts down.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["ok", "draining"])))]
    pub status: String,
    /// The daemon's version.
    pub version: String,
    /// Milliseconds since the daemon was ready.
    pub uptime_ms: u64,
    /// Orders that are not ended yet, by status.
    #[cfg_attr(feature = "schema", schemars(schema_with = "super::schema::by_status"))]
    pub orders: BTreeMap<OrderStatus, u64>,
    /// The WebSocket side.
    pub websocket: WebsocketLoad,
}

/// How many clients listen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WebsocketLoad {
    /// Orders that somebody follows.
    pub connected_orders: u64,
    /// Open connections.
    pub total_clients: u64,
}

/// `GET /ready`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Ready {
    /// Whether the daemon is fit to be given work.
    pub ready: bool,
    /// `recovering`, `running` or `draining`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["recovering", "running", "draining"])))]
    pub phase: String,
    /// What became of the orders from before the start.
    pub recovery: RecoveryReport,
    /// Whether each account can sign.
    pub lanes: Vec<LaneReport>,
}

/// How the orders from before the start were taken up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RecoveryReport {
    /// Whether every chain has spoken about the orders that were signed.
    pub complete: bool,
    /// Orders that were open.
    pub orders: u64,
    /// Those of them that were signed, and had to be looked up before anything new was.
    pub signed: u64,
    /// Chains that have not spoken about all of theirs.
    pub waits_for: Vec<String>,
    /// Milliseconds it took, or has taken so far.
    pub took_ms: u64,
}

/// Whether an account can sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LaneReport {
    /// The chain.
    pub chain: String,
    /// The account.
    pub account: String,
    /// `open`, or why not: `opening`, `recovering`, `full`, `held`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["open", "opening", "recovering", "full", "held"])))]
    pub standing: String,
    /// What it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
