//! HTTP through the daemon: its connections, its deadlines, its list of hosts that a plugin may talk to.

use super::{Data, ErrorKind, PluginError};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A request that the daemon makes for a plugin. Redirects are not followed: they come back as answers. Its `Debug` text
/// shows neither values of headers nor what may hold a key in the URL.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HttpRequest {
    /// What to do.
    pub method: HttpMethod,
    /// An absolute `http` or `https` URL of a host that the operator allows this plugin, without user and password.
    pub url: String,
    /// Names and values. The daemon adds `host`, `content-length` and `user-agent`; the first two are its own.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    #[serde(default)]
    pub body: Data,
}

/// The verb of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the names are those of RFC 9110")]
pub enum HttpMethod {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

/// What a server answered, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HttpResponse {
    /// Such as 200.
    pub status: u16,
    /// Names, in lower case, and values, in the order they came.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The whole body.
    #[serde(default)]
    pub body: Data,
}

/// Why there is no answer. As with [`SendOutcome`](super::SendOutcome), the difference is what the server may have done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// Certainly not a byte of the request went out: not allowed, not understood, no connection, too much under way.
    #[error(transparent)]
    NotSent(PluginError),
    /// The server may have got the request, and acted on it: the time was up, the connection broke, the answer was
    /// too large.
    #[error(transparent)]
    Unknown(PluginError),
}

/// What crosses the interface: the reply to the service `http`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum HttpOutcome {
    /// There is an answer.
    Response(HttpResponse),
    /// See [`HttpError::NotSent`].
    NotSent(PluginError),
    /// See [`HttpError::Unknown`].
    Unknown(PluginError),
}

impl HttpRequest {
    /// Gets this URL.
    pub fn get(url: impl Into<String>) -> Self {
        Self { method: HttpMethod::Get, url: url.into(), headers: Vec::new(), body: Data::default() }
    }

    /// Posts JSON to this URL.
    ///
    /// # Errors
    /// When the value has no JSON.
    pub fn post_json(url: impl Into<String>, value: &impl Serialize) -> Result<Self, PluginError> {
        let body = Data::of_json(value)?;
        let request = Self { method: HttpMethod::Post, url: url.into(), headers: Vec::new(), body };
        Ok(request.header("content-type", "application/json"))
    }

    /// The same request with one more header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = self.url.split('/').nth(2).and_then(|authority| authority.rsplit('@').next());
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("server", &server)
            .field("headers", &headers)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl HttpResponse {
    /// The first header of this name, which is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str())
    }

    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl From<HttpError> for PluginError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::NotSent(error) | HttpError::Unknown(error) => error,
        }
    }
}

impl From<Result<HttpResponse, HttpError>> for HttpOutcome {
    fn from(result: Result<HttpResponse, HttpError>) -> Self {
        match result {
            Ok(response) => Self::Response(response),
            Err(HttpError::NotSent(error)) => Self::NotSent(error),
            Err(HttpError::Unknown(error)) => Self::Unknown(error),
        }
    }
}

impl From<HttpOutcome> for Result<HttpResponse, HttpError> {
    fn from(outcome: HttpOutcome) -> Self {
        match outcome {
            HttpOutcome::Response(response) => Ok(response),
            HttpOutcome::NotSent(error) => Err(HttpError::NotSent(error)),
            HttpOutcome::Unknown(error) => Err(HttpError::Unknown(error)),
        }
    }
}

impl HttpError {
    /// What the daemon should make of it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotSent(error) | Self::Unknown(error) => error.kind,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_shown_without_its_secrets() {
        let request =
            HttpRequest::post_json("https://me:s3cret@api.example.com/s3cret?key=s3cret", &"s3cret").unwrap();
        let shown = format!("{:?}", request.header("authorization", "s3cret"));
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(shown.contains("api.example.com") && shown.contains("authorization"), "{shown}");
    }

    #[test]
    fn an_outcome_says_by_its_name_what_it_is() {
        let answer = HttpResponse { status: 200, headers: Vec::new(), body: "hi".into() };
        for (outcome, json) in [
            (
                HttpOutcome::from(Ok(answer)),
                r#"{"outcome":"response","status":200,"headers":[],"body":{"text":"hi"}}"#,
            ),
            (
                HttpOutcome::from(Err(HttpError::NotSent(PluginError::permanent("no")))),
                r#"{"outcome":"not-sent","kind":"permanent","message":"no"}"#,
            ),
            (
                HttpOutcome::from(Err(HttpError::Unknown(PluginError::transient("cut")))),
                r#"{"outcome":"unknown","kind":"transient","message":"cut"}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&outcome).unwrap(), json);
            assert_eq!(serde_json::from_str::<HttpOutcome>(json).unwrap(), outcome);
        }
    }
}
