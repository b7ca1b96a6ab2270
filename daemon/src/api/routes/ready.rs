//! `GET /ready`: whether the daemon is fit to be given work, and if not, what it waits for.

use crate::api::{
    ApiState,
    reply::{self, Reply},
    reports,
};
use hyper::StatusCode;

/// 200 once every order from before the start has been looked up, 503 before that and while the daemon shuts down.
/// Orders are taken meanwhile; those of a chain that has not spoken are not signed.
pub(in crate::api) fn ready(state: &ApiState) -> Reply {
    let ready = reports::ready(state);
    let status = if ready.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    reply::json(status, &ready)
}
