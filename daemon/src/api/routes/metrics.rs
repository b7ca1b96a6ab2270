//! `GET /metrics`: figures for a monitoring system.

use crate::api::{
    ApiState,
    reply::{self, METRICS, Reply},
    reports,
};
use bytes::Bytes;
use hyper::{StatusCode, header::HeaderValue};

/// Answers from memory alone.
pub(in crate::api) fn metrics(state: &ApiState) -> Reply {
    let text = reports::metrics(state);
    reply::encoded(StatusCode::OK, HeaderValue::from_static(METRICS), Bytes::from(text))
}
