//! The bounds of the interface.

use crate::stream::Budget;
use std::time::Duration;

/// Every bound of the interface. The default suits one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiSettings {
    /// Connections at the most, WebSockets among them. Further ones wait to be accepted. One in sixteen is kept
    /// free of WebSockets, so that an operator still gets in.
    pub max_connections: usize,
    /// How long a client may take for the head of a request, and stay idle between two requests.
    pub header_timeout: Duration,
    /// How long a client may take for the body of a request.
    pub body_timeout: Duration,
    /// The largest head of a request, in bytes; at least 8192.
    pub max_header_bytes: usize,
    /// The largest body of a request.
    pub max_body_bytes: usize,
    /// The server pings a WebSocket this often. A client that shows no sign of life for three of these is closed.
    pub heartbeat: Duration,
    /// How long a WebSocket has to say who it is, where its handshake has not.
    pub auth_timeout: Duration,
    /// The largest WebSocket message from a client.
    pub max_message_bytes: usize,
    /// WebSocket messages from a client within one heartbeat.
    pub max_messages: u32,
    /// Subscriptions of one WebSocket.
    pub max_subscriptions: usize,
    /// How far behind a subscription may be.
    pub buffer: Budget,
    /// A WebSocket that takes nothing of what is sent for so long is closed.
    pub write_stall: Duration,
    /// When clients of a closing daemon are told to come back, at the earliest.
    pub reconnect_after: Duration,
    /// Orders that one bulk call acts on.
    pub max_bulk_orders: usize,
    /// How long orders are kept that are over; for good, when not said. It is told with an order that is not there.
    pub retention: Option<Duration>,
    /// How long a closing daemon waits for requests in flight and for WebSockets to say goodbye.
    pub closing_grace: Duration,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            max_connections: 10_240,
            header_timeout: Duration::from_secs(15),
            body_timeout: Duration::from_secs(10),
            max_header_bytes: 16 * 1024,
            max_body_bytes: 64 * 1024,
            heartbeat: Duration::from_secs(15),
            auth_timeout: Duration::from_secs(5),
            max_message_bytes: 4 * 1024,
            max_messages: 60,
            max_subscriptions: 32,
            buffer: Budget { messages: 8_192, bytes: 16 * 1024 * 1024 },
            write_stall: Duration::from_secs(10),
            reconnect_after: Duration::from_secs(1),
            max_bulk_orders: 10_000,
            retention: None,
            closing_grace: Duration::from_secs(5),
        }
    }
}

impl ApiSettings {
    /// WebSockets at the most.
    pub(super) fn max_websockets(&self) -> usize {
        let kept_free = (self.max_connections / 16).max(1);
        self.max_connections.saturating_sub(kept_free)
    }
}
