//! Keeps web pages away from an interface that may have no authentication, before anything else looks at a request.
//!
//! A browser sends what any page tells it to, also to the loopback address. `Host` has to name this machine, or
//! a page could rebind its own name to it; `Origin`, which pages cannot forge, has to be on that same host
//! wherever a request changes something or opens a stream. Pages on that host may read replies, see
//! [`cors`](super::cors).

use super::problem::ApiError;
use hyper::{
    HeaderMap, Method, Request, Version,
    header::{HOST, HeaderValue, ORIGIN},
    http::uri::Authority,
};
use std::net::IpAddr;

/// Refuses what a page of another origin may have caused.
pub(super) fn admit<B>(request: &Request<B>, is_upgrade: bool) -> Result<(), ApiError> {
    let host = requested_host(request)?;
    if is_upgrade || !matches!(*request.method(), Method::GET | Method::HEAD) {
        admit_origin(request.headers(), host.as_ref())?;
    }
    Ok(())
}

/// The origin of the page that a request comes from, if the page may read the reply.
pub(super) fn reader<B>(request: &Request<B>) -> Option<HeaderValue> {
    let mut origins = request.headers().get_all(ORIGIN).iter();
    let origin = origins.next().filter(|_| origins.next().is_none())?;
    let host = requested_host(request).ok()?;
    admit_origin(request.headers(), host.as_ref()).ok()?;
    Some(origin.clone())
}

/// The host that the request is meant for; only HTTP/1.0 may leave it out, and browsers never do.
fn requested_host<B>(request: &Request<B>) -> Result<Option<Authority>, ApiError> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => {
            Some(Authority::try_from(host.as_bytes()).map_err(|_| ApiError::HostNotAllowed)?)
        }
        (Some(_), Some(_)) => return Err(ApiError::HostNotAllowed),
        (None, _) if request.version() == Version::HTTP_10 => None,
        (None, _) => return Err(ApiError::HostMissing),
    };
    let mut named = host.iter().chain(request.uri().authority());
    match named.all(is_loopback) {
        true => Ok(host),
        false => Err(ApiError::HostNotAllowed),
    }
}

fn admit_origin(headers: &HeaderMap, host: Option<&Authority>) -> Result<(), ApiError> {
    let is_same_host = |origin: &[u8]| {
        let origin = origin.strip_prefix(b"http://").or(origin.strip_prefix(b"https://"));
        let origin = origin.and_then(|origin| Authority::try_from(origin).ok());
        (origin.zip(host)).is_some_and(|(origin, host)| origin.host().eq_ignore_ascii_case(host.host()))
    };
    let mut origins = headers.get_all(ORIGIN).iter();
    match origins.all(|origin| is_same_host(origin.as_bytes())) {
        true => Ok(()),
        false => Err(ApiError::OriginNotAllowed),
    }
}

fn is_loopback(authority: &Authority) -> bool {
    let host = authority.host();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let is_user_free = !authority.as_str().contains('@');
    is_user_free
        && (host.eq_ignore_ascii_case("localhost")
            || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(method: &str, headers: &[(&str, &str)], is_upgrade: bool) -> Option<&'static str> {
        let mut request = Request::builder().method(method).uri("/health");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        match admit(&request.body(()).unwrap(), is_upgrade) {
            Ok(()) => None,
            Err(ApiError::HostMissing) => Some("missing"),
            Err(ApiError::HostNotAllowed) => Some("host"),
            Err(ApiError::OriginNotAllowed) => Some("origin"),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_loopback_hosts_are_served() {
        for host in ["localhost", "LOCALHOST:3000", "127.0.0.1:1", "127.9.9.9", "[::1]:3000", "[::1]"] {
            assert_eq!(verdict("GET", &[("host", host)], false), None, "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.nip.io",
            "10.0.0.1",
            "0.0.0.0",
            "[::]",
            "",
            "a b",
            "evil.example@127.0.0.1",
            "127.0.0.1,evil.example",
        ] {
            assert_eq!(verdict("GET", &[("host", host)], false), Some("host"), "{host}");
        }
        assert_eq!(verdict("GET", &[], false), Some("missing"));
        assert_eq!(verdict("GET", &[("host", "localhost"), ("host", "evil")], false), Some("host"));
    }

    #[test]
    fn writes_and_streams_are_for_pages_of_the_same_host_only() {
        let host = ("host", "localhost:3000");
        for origin in ["http://localhost:3000", "http://localhost:5173", "https://LocalHost"] {
            assert_eq!(verdict("POST", &[host, ("origin", origin)], false), None, "{origin}");
        }
        for origin in [
            "null",
            "",
            "http://evil.example",
            "http://127.0.0.1:3000",
            "file://",
            "http://localhost.evil.example",
            "http://localhost@evil.example",
            "http://localhost/",
        ] {
            assert_eq!(verdict("POST", &[host, ("origin", origin)], false), Some("origin"), "{origin}");
            assert_eq!(verdict("GET", &[host, ("origin", origin)], true), Some("origin"), "{origin}");
            assert_eq!(verdict("GET", &[host, ("origin", origin)], false), None, "{origin}");
        }
        assert_eq!(verdict("POST", &[host], false), None, "programs send no origin");
    }
}
