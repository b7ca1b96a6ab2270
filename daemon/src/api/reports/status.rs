//! How the daemon is.

use super::ready;
use crate::api::ApiState;
use orderd_sdk::wire::{Ready, Status, WebsocketLoad};

/// As of now.
pub(in crate::api) fn status(state: &ApiState) -> Status {
    let Ready { phase, recovery, lanes, .. } = ready(state);
    let (epoch, cursor) = state.desk.position();
    Status {
        phase,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: state.started_at(),
        uptime_ms: state.uptime_ms(),
        epoch: epoch.to_string(),
        cursor,
        orders: state.desk.live_counts(),
        websocket: websocket_load(state),
        recovery,
        lanes,
        paused: None,
        store_bytes: None,
    }
}

/// How many clients listen.
pub(in crate::api) fn websocket_load(state: &ApiState) -> WebsocketLoad {
    WebsocketLoad { connected_orders: state.hub.load().orders, total_clients: state.clients.count() }
}
