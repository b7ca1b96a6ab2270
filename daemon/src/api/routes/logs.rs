//! `GET /api/logs`: the last lines of the log.

use crate::{
    api::{
        ApiState,
        parameters::{Parameters, invalid},
        reply::{self, RouteResult},
    },
    telemetry::LogTailFilter,
};
use hyper::StatusCode;
use orderd_sdk::wire::Logs;

const DEFAULT_LINES: usize = 100;
const MAX_LINES: usize = 1_000;

/// Answers from memory, which remembers some thousands of lines.
pub(in crate::api) fn logs(state: &ApiState, query: &Parameters) -> RouteResult {
    let lines = query.value("lines", "a number from 0 to 1000")?.unwrap_or(DEFAULT_LINES);
    if lines > MAX_LINES {
        return Err(invalid(format!("lines must be a number from 0 to {MAX_LINES}")));
    }
    let filter = LogTailFilter::new(query.text("level"), query.text("target"))
        .map_err(|error| invalid(error.to_string()))?;
    let lines = state.logs.last(lines, &filter).lines;
    Ok(reply::json(StatusCode::OK, &Logs { lines }))
}
