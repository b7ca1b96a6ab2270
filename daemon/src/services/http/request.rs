//! From what a plugin asks for to a request, if it may ask for that.

use crate::config::{Origin, ServiceSettings};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    HeaderMap, Method, Request, Uri,
    header::{self, HeaderName, HeaderValue},
};
use orderd_sdk::plugin::{HttpMethod, HttpRequest, PluginError};

const MAX_URL: usize = 8 << 10;
const MAX_HEADERS: usize = 64;
/// Names and values together, in bytes.
const MAX_HEADER_BYTES: usize = 16 << 10;
/// What the daemon says for a plugin that does not say what it is.
const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("orderd/", env!("CARGO_PKG_VERSION")));
/// They are about the connection, which is the daemon's.
const OWN_HEADERS: [HeaderName; 10] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::EXPECT,
    header::TE,
    header::TRAILER,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("keep-alive"),
];

/// A request that is allowed.
pub(super) struct Allowed {
    pub(super) request: Request<Full<Bytes>>,
    pub(super) origin: Origin,
}

/// Checks what a plugin asks for. What is said of mistakes repeats nothing of it but the server.
///
/// # Errors
/// When it makes no sense, is too large, or goes to a server that the plugin may not talk to.
pub(super) fn prepare(
    plugin: &str,
    settings: &ServiceSettings,
    asked: HttpRequest,
) -> Result<Allowed, PluginError> {
    let uri = uri(&asked.url)?;
    let origin = Origin::of(&uri).ok_or_else(no_url)?;
    if !settings.egress.allows(&origin) {
        let refusal = format!("the plugin may not talk to {origin}: it is not in plugins.{plugin}.egress");
        return Err(PluginError::permanent(refusal));
    }
    let (size, limit) = (asked.body.len(), settings.http_max_request);
    if size > limit {
        let refusal =
            format!("the body has {size} bytes, {limit} are allowed (plugins.{plugin}.http_max_request_kib)");
        return Err(PluginError::invalid(refusal));
    }
    let headers = headers(&asked.headers)?;
    let mut request = Request::new(Full::from(asked.body.into_bytes()));
    *request.method_mut() = method(asked.method);
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(Allowed { request, origin })
}

fn uri(text: &str) -> Result<Uri, PluginError> {
    match text.len() <= MAX_URL {
        true => text.parse().map_err(|_| no_url()),
        false => Err(PluginError::invalid(format!("the url has more than {MAX_URL} bytes"))),
    }
}

fn no_url() -> PluginError {
    PluginError::invalid("the url must be an absolute http or https one, without a user")
}

fn headers(asked: &[(String, String)]) -> Result<HeaderMap, PluginError> {
    let bytes: usize = asked.iter().map(|(name, value)| name.len() + value.len()).sum();
    if asked.len() > MAX_HEADERS || bytes > MAX_HEADER_BYTES {
        let refusal = format!("at most {MAX_HEADERS} headers of {MAX_HEADER_BYTES} bytes are sent");
        return Err(PluginError::invalid(refusal));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in asked {
        let malformed = || PluginError::invalid("a header's name or value is malformed");
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| malformed())?;
        if OWN_HEADERS.contains(&name) {
            return Err(PluginError::invalid(format!("the header {name} is for the daemon to set")));
        }
        headers.append(name, HeaderValue::from_str(value).map_err(|_| malformed())?);
    }
    headers.entry(header::USER_AGENT).or_insert(USER_AGENT);
    Ok(headers)
}

fn method(method: HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Delete => Method::DELETE,
    }
}
