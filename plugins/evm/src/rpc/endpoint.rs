//! Where a node listens. Providers put keys into host names, paths and queries, so nothing of it is ever shown.

use hyper::Uri;
use std::{fmt, str::FromStr};

/// The most characters of a foreign text that are passed on.
const LONGEST_TEXT: usize = 300;
/// Path segments at least this long are taken for keys.
const SHORTEST_KEY: usize = 8;

/// The URL of a node. It cannot be printed.
#[derive(Clone)]
pub(crate) struct Endpoint(Uri);

/// Why a text is no endpoint. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EndpointError {
    #[error("expected an http:// or https:// URL")]
    NotHttp,
    #[error("a user name and password in the URL are not supported")]
    Credentials,
}

impl Endpoint {
    /// The URL itself, for the transport alone.
    pub(super) fn uri(&self) -> Uri {
        self.0.clone()
    }

    /// A text from outside, fit to be shown: without any piece of the URL, on one line, bounded.
    pub(crate) fn scrub(&self, text: &str) -> String {
        let scrubbed = self.secrets().fold(text.to_owned(), |text, secret| text.replace(secret, "…"));
        let printable = scrubbed.chars().map(|c| if c.is_control() { ' ' } else { c });
        printable.take(LONGEST_TEXT).collect()
    }

    fn secrets(&self) -> impl Iterator<Item = &str> {
        let path = self.0.path();
        let segments = path.split('/').filter(|segment| segment.len() >= SHORTEST_KEY);
        let whole = (path.len() >= SHORTEST_KEY).then_some(path);
        let host = self.0.host().filter(|host| host.parse::<std::net::IpAddr>().is_err());
        self.0.query().into_iter().chain(whole).chain(segments).chain(host)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Endpoint(…)")
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let uri: Uri = text.parse().map_err(|_| EndpointError::NotHttp)?;
        let authority = uri.authority().ok_or(EndpointError::NotHttp)?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(EndpointError::NotHttp);
        }
        if authority.as_str().contains('@') {
            return Err(EndpointError::Credentials);
        }
        Ok(Self(uri))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_url_survives_scrubbing() {
        let endpoint: Endpoint =
            "https://k3y.example.org/v3/0123456789abcdef?token=swordfish".parse().unwrap();
        let text = "POST https://k3y.example.org/v3/0123456789abcdef?token=swordfish: no key 0123456789abcdef\nat k3y.example.org";
        let scrubbed = endpoint.scrub(text);
        for secret in ["k3y", "0123456789abcdef", "swordfish", "\n"] {
            assert!(!scrubbed.contains(secret), "{scrubbed}");
        }
        assert_eq!(format!("{endpoint:?}"), "Endpoint(…)");
    }

    #[test]
    fn only_http_without_credentials_is_an_endpoint() {
        for text in ["ws://a", "/path", "a.b", "", "http://"] {
            assert_eq!(text.parse::<Endpoint>().unwrap_err(), EndpointError::NotHttp, "{text}");
        }
        let text = "http://me:secret@a";
        assert_eq!(text.parse::<Endpoint>().unwrap_err(), EndpointError::Credentials);
    }
}
