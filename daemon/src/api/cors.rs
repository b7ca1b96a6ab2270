//! Lets pages read replies that are served from the same host at another port, such as by a development server.
//!
//! The guard decides which pages those are; they may send requests and open streams anyway. Nothing is granted to
//! credentials that a browser sends by itself: there are none.

use super::reply::Reply;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderValue,
        VARY,
    },
};

/// What pages may set besides what every page may.
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static("authorization, content-type, idempotency-key");

/// What pages may read besides what every page may.
const REPLY_HEADERS: HeaderValue =
    HeaderValue::from_static("idempotency-replayed, location, retry-after, www-authenticate");

/// How long a browser remembers what it was permitted, in seconds.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// Whether a browser asks on behalf of a page if that may send a request.
pub(super) fn is_preflight<B>(request: &Request<B>) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer that it may, with these methods.
pub(super) fn permit(methods: &'static str) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::new()));
    *reply.status_mut() = StatusCode::NO_CONTENT;
    let headers = reply.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    reply
}

/// Lets the page of this origin read a reply. Without a page it stays as it is: nothing keeps replies for later,
/// so none that was made for a program is ever shown to a page.
pub(super) fn show(mut reply: Reply, origin: Option<HeaderValue>) -> Reply {
    if let Some(origin) = origin {
        let headers = reply.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, REPLY_HEADERS);
        headers.append(VARY, HeaderValue::from_static("origin"));
    }
    reply
}
