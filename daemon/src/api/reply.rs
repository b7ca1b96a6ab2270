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

/// A reply with this object as JSON.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Reply {
    encode(status, HeaderValue::from_static("application/json"), body)
}

/// A reply with JSON of this media type.
pub(super) fn encode(status: StatusCode, media_type: HeaderValue, body: &impl Serialize) -> Reply {
    let body = serde_json::to_vec(body).expect("wire objects have string keys only");
    let mut reply = Response::new(Full::new(Bytes::from(body)));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, media_type);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}
