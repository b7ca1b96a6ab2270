//! Which servers a plugin may talk to over the daemon's connections. The rule is about the name in a URL, compared
//! as a whole; what the name resolves to is not looked at.

use super::value::Found;
use hyper::Uri;
use std::fmt;

/// How many rules a plugin may have.
pub(super) const MAX_RULES: usize = 64;
const EXPECTED: &str = "must be a scheme, a host and perhaps a port, such as https://api.example.com, \
                        https://*.example.com or http://127.0.0.1:8545";

/// The servers that a plugin may talk to; none unless it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Egress(pub(super) Vec<EgressRule>);

/// One server, or all hosts below a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EgressRule {
    scheme: Scheme,
    host: Hosts,
    port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    /// This one.
    One(String),
    /// Those whose name ends so; it begins with a dot.
    Below(String),
}

/// A server as a URL names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: Scheme,
    /// In lower case.
    host: String,
    port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

impl Egress {
    /// Whether the plugin may talk to this server.
    #[must_use]
    pub fn allows(&self, origin: &Origin) -> bool {
        self.0.iter().any(|rule| rule.allows(origin))
    }
}

impl EgressRule {
    fn allows(&self, origin: &Origin) -> bool {
        let host = match &self.host {
            Hosts::One(host) => *host == origin.host,
            Hosts::Below(domain) => origin.host.len() > domain.len() && origin.host.ends_with(domain),
        };
        host && self.scheme == origin.scheme && self.port == origin.port
    }
}

impl Origin {
    /// The server of a URL; none when it is no absolute `http` or `https` URL, or has a user in it.
    #[must_use]
    pub fn of(url: &Uri) -> Option<Self> {
        let scheme = match url.scheme_str()? {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return None,
        };
        let authority = url.authority()?;
        let host = authority.host();
        let port = match authority.port_u16() {
            Some(port) => port,
            // What is left besides the host is a user, or a port that is none.
            None if authority.as_str() == host => scheme.port(),
            None => return None,
        };
        let plain = !host.is_empty() && !authority.as_str().contains('@');
        plain.then(|| Self { scheme, host: host.to_ascii_lowercase(), port })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, host, port } = self;
        let name = match scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        write!(f, "{name}://{host}")?;
        match *port == scheme.port() {
            true => Ok(()),
            false => write!(f, ":{port}"),
        }
    }
}

impl Scheme {
    fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Reads a rule. What is wrong is not repeated: it may hold a password.
pub(super) fn read_rule(found: Found) -> Result<EgressRule, String> {
    parse_rule(&found.text()?).ok_or_else(|| EXPECTED.to_owned())
}

fn parse_rule(text: &str) -> Option<EgressRule> {
    let (scheme, authority) = text.split_once("://")?;
    if authority.contains(['/', '?', '#']) {
        return None;
    }
    let below = authority.strip_prefix("*.");
    let url: Uri = format!("{scheme}://{}", below.unwrap_or(authority)).parse().ok()?;
    let Origin { scheme, host, port } = Origin::of(&url)?;
    let host = match below {
        None if host.contains('*') => return None,
        None => Hosts::One(host),
        Some(_) if is_domain(&host) => Hosts::Below(format!(".{host}")),
        Some(_) => return None,
    };
    Some(EgressRule { scheme, host, port })
}

/// Whether hosts can be below it, and it is no top-level domain, below which everybody's are.
fn is_domain(host: &str) -> bool {
    let labels: Vec<_> = host.split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let is_name = labels.last().is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_alphabetic()));
    labels.len() >= 2 && is_name && labels.iter().all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(url: &str) -> Option<Origin> {
        Origin::of(&url.parse().ok()?)
    }

    fn allows(rule: &str, url: &str) -> bool {
        let egress = Egress(vec![parse_rule(rule).expect(rule)]);
        origin(url).is_some_and(|origin| egress.allows(&origin))
    }

    #[test]
    fn scheme_host_and_port_have_to_be_the_same() {
        for (rule, url, expected) in [
            ("https://api.example.com", "https://api.example.com/quote?key=1", true),
            ("https://api.example.com", "https://API.Example.com:443/", true),
            ("https://api.example.com:443", "https://api.example.com", true),
            ("https://api.example.com", "http://api.example.com/", false),
            ("https://api.example.com", "http://api.example.com:443/", false),
            ("https://api.example.com", "https://api.example.com:8443/", false),
            ("https://api.example.com", "https://api.example.com.evil.org/", false),
            ("https://api.example.com", "https://evil.org/https://api.example.com", false),
            ("https://api.example.com", "https://example.com/", false),
            ("https://api.example.com", "https://api.example.com./", false),
            ("https://api.example.com", "https://api%2eexample.com/", false),
            ("https://api.example.com", "https://me@api.example.com/", false),
            ("https://api.example.com", "https://api.example.com@evil.org/", false),
            ("http://127.0.0.1:8545", "http://127.0.0.1:8545/", true),
            ("http://127.0.0.1:8545", "http://localhost:8545/", false),
            ("http://127.0.0.1:8545", "http://127.0.0.1/", false),
            ("http://127.0.0.1:8545", "http://127.1:8545/", false),
            ("http://[::1]:80", "http://[::1]/", true),
            ("https://*.example.com", "https://a.example.com/", true),
            ("https://*.example.com", "https://a.b.example.com/", true),
            ("https://*.example.com", "https://example.com/", false),
            ("https://*.example.com", "https://.example.com/", false),
            ("https://*.example.com", "https://badexample.com/", false),
            ("https://*.example.com", "https://a.example.com.evil.org/", false),
            ("https://*.example.com", "https://a.example.com:444/", false),
        ] {
            assert_eq!(allows(rule, url), expected, "{rule} {url}");
        }
        assert!(!Egress::default().allows(&origin("http://127.0.0.1").unwrap()));
    }

    #[test]
    fn only_a_server_is_a_rule() {
        for text in [
            "api.example.com",
            "ftp://api.example.com",
            "https://",
            "https://api.example.com/",
            "https://api.example.com/v1",
            "https://api.example.com?x",
            "https://me:secret@api.example.com",
            "https://*",
            "https://*.com",
            "https://*.0.0.1",
            "https://*.*.com",
            "https://a*.example.com",
            "https://api.example.com:99999",
            "HTTPS//x",
        ] {
            assert_eq!(parse_rule(text), None, "{text}");
        }
    }

    #[test]
    fn a_server_is_shown_without_the_rest_of_its_url() {
        for (url, shown) in [
            ("https://API.example.com/v1/key?token=x", "https://api.example.com"),
            ("http://127.0.0.1:8545/", "http://127.0.0.1:8545"),
            ("http://[::1]:80", "http://[::1]"),
        ] {
            assert_eq!(origin(url).unwrap().to_string(), shown);
        }
    }
}
