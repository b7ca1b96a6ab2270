//! Replies as they go out.

use super::problem::ApiError;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue},
};
use serde::Serialize;

/// A reply; its body is complete.
pub(super) type Reply = Response<Full<Bytes>>;

/// What a route returns.
pub(super) type RouteResult = Result<Reply, ApiError>;

/// The media type of what is served.
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The media type of what is refused.
pub(super) const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

/// The media type of figures.
pub(super) const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// As long as an order is, about.
const TYPICAL_BYTES: usize = 1024;

/// A reply with this object as JSON.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Reply {
    encode(status, JSON, body)
}

/// A reply with JSON of this media type.
pub(super) fn encode(status: StatusCode, media_type: HeaderValue, body: &impl Serialize) -> Reply {
    encoded(status, media_type, to_json(body))
}

/// This object as JSON.
pub(super) fn to_json(body: &impl Serialize) -> Bytes {
    let mut json = Vec::with_capacity(TYPICAL_BYTES);
    serde_json::to_writer(&mut json, body).expect("wire objects have string keys only");
    Bytes::from(json)
}

/// A reply with what is encoded already.
pub(super) fn encoded(status: StatusCode, media_type: HeaderValue, body: Bytes) -> Reply {
    let mut reply = Response::new(Full::new(body));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, media_type);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}
