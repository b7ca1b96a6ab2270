//! A JSON number or string kept as the text it was written in.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;

/// A decimal number by its text: read from a JSON number or string, never through a float.
///
/// Whether the text is a number that makes sense is for its user to say; this type only keeps the digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal(String);

impl Decimal {
    /// The digits as they were written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for Decimal {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl Serialize for Decimal {
    /// Writes a JSON number where the text is one, else a string.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serde_json::from_str::<&RawValue>(&self.0) {
            Ok(number) if number.get().starts_with(|c: char| c.is_ascii_digit()) => {
                number.serialize(serializer)
            }
            _ => self.0.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'"') => serde_json::from_str(text).map(Self).map_err(de::Error::custom),
            Some(b'-' | b'0'..=b'9') => Ok(Self(text.to_owned())),
            _ => Err(de::Error::custom("expected a number, or a string with one")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_survive_both_ways() {
        for (json, text) in [
            ("0.5", "0.5"),
            ("\"10\"", "10"),
            ("1e400", "1e400"),
            (
                "123456789012345678901234567890.000000000000000001",
                "123456789012345678901234567890.000000000000000001",
            ),
        ] {
            assert_eq!(serde_json::from_str::<Decimal>(json).unwrap().as_str(), text);
        }
        assert!(serde_json::from_str::<Decimal>("true").is_err());
        assert_eq!(serde_json::to_string(&Decimal::from("0.50")).unwrap(), "0.50");
        assert_eq!(serde_json::to_string(&Decimal::from("x")).unwrap(), "\"x\"");
    }
}
