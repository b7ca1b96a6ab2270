//! Where the daemon is.

use hyper::{Uri, http::uri::Scheme};
use std::str::FromStr;

const HTTP_PORT: u16 = 80;

/// The daemon's host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// What connections are made to; an IPv6 address without brackets.
    pub(super) host: String,
    /// The port.
    pub(super) port: u16,
    /// What the `Host` header says.
    pub(super) authority: String,
}

/// A text is not the URL of a daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// It is not a URL at all.
    #[error("not a URL; expected one such as http://127.0.0.1:3000")]
    Malformed,
    /// Only plain HTTP is spoken.
    #[error("the URL must begin with http://")]
    NotHttp,
    /// It has a path or a query.
    #[error("the URL must end after the port")]
    HasPath,
    /// It has a name or a password.
    #[error("the URL must not hold credentials")]
    HasCredentials,
}

impl FromStr for Address {
    type Err = InvalidUrl;

    fn from_str(url: &str) -> Result<Self, InvalidUrl> {
        let uri: Uri = url.parse().map_err(|_| InvalidUrl::Malformed)?;
        let authority = uri.authority().ok_or(InvalidUrl::Malformed)?;
        if uri.scheme() != Some(&Scheme::HTTP) {
            return Err(InvalidUrl::NotHttp);
        }
        if authority.as_str().contains('@') {
            return Err(InvalidUrl::HasCredentials);
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(InvalidUrl::HasPath);
        }
        let port = match &authority.as_str()[authority.host().len()..] {
            "" => HTTP_PORT,
            port => {
                (port.strip_prefix(':').and_then(|port| port.parse().ok())).ok_or(InvalidUrl::Malformed)?
            }
        };
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        Ok(Self { host: host.to_owned(), port, authority: authority.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_host_and_port_and_nothing_else() {
        for (url, host, port, authority) in [
            ("http://127.0.0.1:3000", "127.0.0.1", 3000, "127.0.0.1:3000"),
            ("http://[::1]:3000/", "::1", 3000, "[::1]:3000"),
            ("HTTP://localhost", "localhost", 80, "localhost"),
        ] {
            let (host, authority) = (host.to_owned(), authority.to_owned());
            assert_eq!(url.parse(), Ok(Address { host, port, authority }), "{url}");
        }
        for (url, error) in [
            ("", InvalidUrl::Malformed),
            ("/health", InvalidUrl::Malformed),
            ("http://a b", InvalidUrl::Malformed),
            ("http://localhost:99999", InvalidUrl::Malformed),
            ("https://localhost", InvalidUrl::NotHttp),
            ("localhost:3000", InvalidUrl::NotHttp),
            ("http://localhost/api", InvalidUrl::HasPath),
            ("http://localhost/?x", InvalidUrl::HasPath),
            ("http://me:secret@localhost", InvalidUrl::HasCredentials),
        ] {
            assert_eq!(url.parse::<Address>(), Err(error), "{url}");
        }
    }
}
