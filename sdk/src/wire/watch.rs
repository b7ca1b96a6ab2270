//! What the daemon tells of itself, over HTTP and on the topics of the same names.

use super::{LaneReport, OrderDto, OrderStatus, Pause, RecoveryReport, Topic, WebsocketLoad};
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `GET /api/status`: how the daemon is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// `recovering`, `running` or `draining`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["recovering", "running", "draining"])))]
    pub phase: String,
    /// The daemon's version.
    pub version: String,
    /// When the daemon was ready.
    pub started_at: Timestamp,
    /// Milliseconds since then.
    pub uptime_ms: u64,
    /// Names the log of all events.
    pub epoch: String,
    /// The cursor of its last event.
    pub cursor: u64,
    /// Orders that are not ended yet, by status.
    #[cfg_attr(feature = "schema", schemars(schema_with = "super::schema::by_status"))]
    pub orders: BTreeMap<OrderStatus, u64>,
    /// The WebSocket side.
    pub websocket: WebsocketLoad,
    /// What became of the orders from before the start.
    pub recovery: RecoveryReport,
    /// Whether each account can sign.
    pub lanes: Vec<LaneReport>,
    /// Since when the queue is paused, and why; none while it is not.
    #[serde(default)]
    pub paused: Option<Pause>,
    /// Bytes of the store's files, as of the last minute; none before they were looked up.
    #[serde(default)]
    pub store_bytes: Option<u64>,
}

/// `GET /api/clients`: who is connected by WebSocket, the most behind first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Clients {
    /// How many are.
    pub total: u64,
    /// The first of them.
    pub clients: Vec<ClientReport>,
}

/// A WebSocket client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClientReport {
    /// The name of its connection.
    pub id: String,
    /// Where it connects from.
    pub address: String,
    /// What program it says it is.
    pub user_agent: Option<String>,
    /// The name of its token.
    pub name: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// What it follows.
    pub subscriptions: Vec<SubscriptionReport>,
    /// Messages that were sent to it.
    pub sent_messages: u64,
    /// Bytes of them.
    pub sent_bytes: u64,
    /// Events that wait to be sent to it.
    pub buffered_messages: u64,
    /// Bytes of them.
    pub buffered_bytes: u64,
    /// How many events of all it is behind the last one.
    pub lag: u64,
}

/// The answer to `POST /api/clients/{id}/disconnect`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Disconnected {
    /// Always true.
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    pub success: bool,
    /// The client that has to leave.
    pub id: String,
}

/// One subscription of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionReport {
    /// The client's name for it; on the path of one order, the order's id.
    pub id: String,
    /// What it is about.
    pub topic: Topic,
}

/// `GET /api/logs`: the last lines of the log, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Logs {
    /// The lines.
    pub lines: Vec<LogLine>,
}

/// Lines of the log, as the topic `logs` carries them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename = "logs", rename_all = "camelCase")]
pub struct LogMessage {
    /// Names the subscription.
    pub id: String,
    /// The lines, oldest first.
    pub lines: Vec<LogLine>,
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// Counts all lines since the daemon started: 1, 2, 3, …
    pub n: u64,
    /// When it was written.
    pub timestamp: Timestamp,
    /// `ERROR`, `WARN`, `INFO`, `DEBUG` or `TRACE`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"])))]
    pub level: String,
    /// The part of the daemon that wrote it.
    pub target: String,
    /// What it says.
    pub message: String,
    /// What it says it of.
    pub fields: BTreeMap<String, String>,
}

/// `GET /api/orders?since=`: orders that have changed, in the order in which they did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrderChanges {
    /// Always true.
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    pub success: bool,
    /// The epoch of the cursor.
    pub epoch: String,
    /// Ask from here the next time.
    pub cursor: u64,
    /// Whether there is more already.
    pub more: bool,
    /// The orders as they stand.
    pub orders: Vec<OrderDto>,
}

/// A topic's object as it is streamed: the object itself, with the topic as its `type`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicMessage<T> {
    /// The topic.
    #[serde(rename = "type")]
    pub topic: Topic,
    /// When it was so.
    pub timestamp: Timestamp,
    /// The object.
    #[serde(flatten)]
    pub object: T,
}
