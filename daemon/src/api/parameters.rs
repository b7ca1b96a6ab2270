//! Query parameters.

use super::problem::ApiError;
use orderd_sdk::filter::Filter;
use std::{borrow::Cow, str::FromStr};

/// The parameters of a query; each may come once, and only those a path knows.
#[derive(Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads a query that may have these parameters.
    pub(super) fn read(query: Option<&str>, known: &[&str]) -> Result<Self, ApiError> {
        let mut read = Self(Vec::new());
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) =
                decode(name).zip(decode(value)).ok_or_else(|| invalid("broken % sequence"))?;
            if !known.contains(&name.as_str()) {
                let known = if known.is_empty() { "none".into() } else { known.join(", ") };
                return Err(invalid(format!("{name:?} is not known here; known: {known}")));
            }
            if read.text(&name).is_some() {
                return Err(invalid(format!("{name} is there twice")));
            }
            read.0.push((name, value));
        }
        Ok(read)
    }

    /// The text of a parameter.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter; `expected` tells the client what it should have been.
    pub(super) fn value<T: FromStr>(&self, name: &str, expected: &str) -> Result<Option<T>, ApiError> {
        let parse = |text: &str| text.parse().map_err(|_| invalid(format!("{name} must be {expected}")));
        self.text(name).map(parse).transpose()
    }

    /// The values of a parameter that is a list with commas.
    pub(super) fn list<T: FromStr>(&self, name: &str, expected: &str) -> Result<Vec<T>, ApiError> {
        let parse = |text: &str| text.parse().map_err(|_| invalid(format!("{name} must be {expected}")));
        let Some(texts) = self.text(name) else {
            return Ok(Vec::new());
        };
        texts.split(',').map(parse).collect()
    }
}

/// A filter of orders.
pub(super) fn filter(text: &str) -> Result<Filter, ApiError> {
    Filter::parse(text).map_err(ApiError::InvalidFilter)
}

/// A parameter that is not what it should be.
pub(super) fn invalid(detail: impl Into<Cow<'static, str>>) -> ApiError {
    ApiError::InvalidParameter(detail.into().into_owned())
}

/// The text behind `%` sequences and pluses; none when it is not UTF-8 or a sequence is broken.
fn decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (hex_digit(bytes.next()?)?, hex_digit(bytes.next()?)?);
                high << 4 | low
            }
            other => other,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_strictly() {
        let query = Parameters::read(Some("limit=5&status=a%2Cb+c&x="), &["limit", "status", "x"]).unwrap();
        assert_eq!(query.value("limit", "a number").unwrap(), Some(5_u64));
        assert_eq!(query.list::<String>("status", "a list").unwrap(), ["a", "b c"]);
        assert_eq!(query.text("x"), Some(""));
        assert!(query.value::<u64>("x", "a number").is_err());
        for bad in ["other=1", "limit=1&limit=2", "limit=%", "limit=%4", "limit=%zz", "limit=%ff"] {
            assert!(Parameters::read(Some(bad), &["limit"]).is_err(), "{bad}");
        }
        assert!(Parameters::read(None, &[]).unwrap().text("limit").is_none());
    }
}
