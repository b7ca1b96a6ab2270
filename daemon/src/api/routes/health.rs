//! `GET /health`: whether the daemon lives, and what it has in hand.

use crate::{
    api::{ApiState, reply, reply::Reply, reports},
    engine::Phase,
};
use hyper::StatusCode;
use orderd_sdk::wire::Health;

/// Answers from memory alone.
pub(in crate::api) fn health(state: &ApiState) -> Reply {
    let status = match state.desk.phase() {
        Phase::Running => "ok",
        Phase::Draining => "draining",
    };
    let health = Health {
        status: status.into(),
        version: env!("CARGO_PKG_VERSION").into(),
        uptime_ms: state.uptime_ms(),
        orders: state.desk.live_counts(),
        websocket: reports::websocket_load(state),
    };
    reply::json(StatusCode::OK, &health)
}
