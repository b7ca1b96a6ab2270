//! `GET /api/queue`, `/api/venues`, `/api/status`: what the daemon tells of itself. All are answered from memory.

use crate::api::{
    ApiState,
    reply::{self, Reply},
    reports,
};
use hyper::StatusCode;

/// What waits, and how fast it goes.
pub(in crate::api) fn queue(state: &ApiState) -> Reply {
    reply::json(StatusCode::OK, &reports::queue(state))
}

/// How the venues do.
pub(in crate::api) fn venues(state: &ApiState) -> Reply {
    reply::json(StatusCode::OK, &reports::venues(state))
}

/// How the daemon is.
pub(in crate::api) fn status(state: &ApiState) -> Reply {
    reply::json(StatusCode::OK, &reports::status(state))
}
