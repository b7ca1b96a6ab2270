//! `GET /health`: whether the daemon lives, and what it has in hand.

use crate::{
    api::{ApiState, reply, reply::Reply},
    engine::Phase,
};
use hyper::StatusCode;
use orderd_sdk::wire::{Health, WebsocketLoad};

/// Answers from memory alone.
pub(in crate::api) fn health(state: &ApiState) -> Reply {
    let load = state.hub.load();
    let status = match state.desk.phase() {
        Phase::Running => "ok",
        Phase::Draining => "draining",
    };
    let health = Health {
        status: status.into(),
        version: env!("CARGO_PKG_VERSION").into(),
        uptime_ms: state.uptime_ms(),
        orders: state.desk.live_counts(),
        websocket: WebsocketLoad { connected_orders: load.orders, total_clients: load.readers },
    };
    reply::json(StatusCode::OK, &health)
}
