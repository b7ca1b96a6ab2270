//! `GET /api/actions`: what operators and clients had done.

use crate::api::{
    ApiState,
    parameters::{Parameters, invalid},
    reply::{self, RouteResult},
    reports,
};
use hyper::StatusCode;

const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1_000;

/// Answers with the newest, or with the newest before another.
pub(in crate::api) fn actions(state: &ApiState, query: &Parameters) -> RouteResult {
    let limit = query.value("limit", "a number from 1 to 1000")?.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(invalid(format!("limit must be a number from 1 to {MAX_LIMIT}")));
    }
    let before = query.value("before", "the number of an action")?.unwrap_or(u64::MAX);
    Ok(reply::json(StatusCode::OK, &reports::actions(state, before, limit)))
}
