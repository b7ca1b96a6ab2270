//! Messages of the WebSocket interface.

use super::{ErrorCode, OrderDto, OrderStatus, QuoteDto, Topic};
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// The first message of every connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename = "connection", rename_all = "camelCase")]
pub struct Connection {
    /// Names this connection in logs and among the clients.
    pub connection_id: String,
    /// The server pings this often, in milliseconds.
    pub heartbeat_ms: u64,
    /// Cursors of one epoch can be compared; another epoch starts over.
    pub epoch: String,
    /// The cursor of the last event of all.
    pub cursor: u64,
    /// Whether the client may go on; if not, `auth` has to come first.
    pub authenticated: bool,
    /// What the server accepts from this client.
    pub limits: Limits,
}

/// Bounds of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// The largest message the server reads, in bytes.
    pub max_message_bytes: u64,
    /// Subscriptions at one time.
    pub max_subscriptions: u64,
    /// Order ids in one filter.
    pub max_filter_ids: u64,
    /// Events that a subscription may be behind.
    pub buffer_messages: u64,
    /// Bytes that a subscription may be behind.
    pub buffer_bytes: u64,
}

/// A subscription has begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename = "subscribed", rename_all = "camelCase")]
pub struct Subscribed {
    /// Names the subscription; on the path of one order, the order's id.
    pub id: String,
    /// What it is about.
    pub topic: Topic,
    /// Whether what follows continues exactly where the client left off.
    pub recovered: bool,
    /// On the path of one order: the order as it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderDto>,
    /// What follows are events after this one; on the path of one order, the cursor of its last event.
    pub cursor: u64,
}

/// One page of the orders of a subscription as they stand. Events after its cursor follow the last page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename = "snapshot", rename_all = "camelCase")]
pub struct Snapshot {
    /// Names the subscription.
    pub id: String,
    /// The orders of this page.
    pub orders: Vec<OrderDto>,
    /// All pages show the orders as they stood after this event.
    pub cursor: u64,
    /// Whether this is the last page.
    pub last: bool,
}

/// What the server says apart from that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Signal {
    /// The server lives.
    Ping {
        /// Everything up to this event that the client has asked for was sent.
        cursor: u64,
        /// The cursor of the last event of all.
        top: u64,
    },
    /// The answer to a client's `ping`.
    Pong {
        /// Everything up to this event that the client has asked for was sent.
        cursor: u64,
        /// The cursor of the last event of all.
        top: u64,
    },
    /// A subscription has ended at the client's wish.
    Unsubscribed {
        /// Names the subscription.
        id: String,
    },
    /// Something is missing here.
    Gap {
        /// Names the subscription.
        id: String,
        /// Why.
        reason: GapReason,
        /// The subscription goes on after this event.
        cursor: u64,
        /// For the log: how many lines are missing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        missed: Option<u64>,
    },
    /// The client is who it says.
    Authenticated {
        /// The name of its token.
        name: String,
        /// What it may do.
        scope: String,
    },
    /// A message of the client could not be served; the connection goes on.
    Error {
        /// Stable, for programs.
        #[cfg_attr(feature = "schema", schemars(extend("enum" = [
            "malformed-message", "unknown-message", "invalid-filter", "invalid-subscription",
            "duplicate-subscription", "unknown-subscription", "too-many-subscriptions", "unauthenticated",
            "forbidden", "order-not-found", "busy", "storage-unavailable",
        ])))]
        code: String,
        /// For people.
        detail: String,
        /// The subscription it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// The server closes the connection now.
    Reconnect {
        /// Milliseconds after which the client may come back.
        after_ms: u64,
    },
}

/// Why something is missing from a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum GapReason {
    /// The daemon has another store than before.
    Epoch,
    /// The client left off further back than the daemon remembers.
    TooOld,
    /// The client has seen more than there is.
    Ahead,
    /// The client did not keep up.
    Slow,
    /// An order in between cannot be read from storage.
    Unreadable,
}

/// One event of an order's life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrderMessage {
    /// What happened.
    #[serde(rename = "type")]
    pub kind: OrderStatus,
    /// The order.
    pub order_id: String,
    /// 1, 2, 3, … per order, without a hole.
    pub seq: u64,
    /// Position in the stream of all events; grows, may skip.
    pub cursor: u64,
    /// When it happened.
    pub timestamp: Timestamp,
    /// 0 to 100.
    #[cfg_attr(feature = "schema", schemars(range(max = 100)))]
    pub progress: u8,
    /// For people.
    pub message: String,
    /// The fields of this kind of event.
    #[serde(flatten)]
    pub fields: EventFields,
    /// The order as it stood after this event.
    pub order: OrderDto,
}

/// The fields that only some kinds of event have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct EventFields {
    /// `pending`: orders ahead in the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_position: Option<u64>,
    /// `routing`: how many venues answered with a quote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quotes_fetched: Option<u32>,
    /// `routing`: every venue's answer, best first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quotes: Option<Vec<QuoteDto>>,
    /// `building`: the venue that won.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen_dex: Option<String>,
    /// `building`: its quote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<QuoteDto>,
    /// What happened within a status: `building` has `started`, `approving`, `approved`, `approval-undone` and `signed`; whatever is signed
    /// can have `cancel-requested`, `cancel-refused`, `fee-bump`, `voiding` and `voided`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("enum" = [
        "started", "approving", "approved", "approval-undone", "signed", "cancel-requested", "cancel-refused",
        "fee-bump", "voiding", "voided",
    ])))]
    pub stage: Option<String>,
    /// `building`, stage `approving`: who may spend the sold token from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spender: Option<String>,
    /// `submitted`: number of the attempt, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// `submitted`: attempts at the most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u32>,
    /// Hash of the transaction the event is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tx_hash: Option<String>,
    /// The transaction's place in its account's sequence (on EVM chains, the nonce).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    /// `execution-failed`, `failed`: what went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// `execution-failed`, `failed`: the same for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<ErrorCode>,
    /// `execution-failed`: whether trying again may help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transient: Option<bool>,
    /// `execution-failed`: attempts left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries_remaining: Option<u32>,
    /// `retry-pending`: milliseconds until the next attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<u64>,
    /// `retry-pending`: number of the next attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_attempt: Option<u32>,
    /// `unknown`, `cancelled`, `expired`, and the stages `cancel-requested` and `cancel-refused`: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// `unknown`: since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// `confirmed`: the venue that executed the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dex: Option<String>,
    /// `confirmed`: what was received, read from the chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_out: Option<String>,
    /// `confirmed`, `finalized`, `reorged`, and the stages `approved` and `voided`: number of the block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<u64>,
    /// `failed`: always true.
    #[serde(rename = "final", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    pub is_final: Option<bool>,
    /// `failed`: attempts used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_attempts: Option<u32>,
}
