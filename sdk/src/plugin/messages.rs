//! Pieces that several requests share.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// A token on a chain.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Token {
    /// Its symbol in the configuration: what orders call it.
    pub symbol: String,
    /// Where it lives on its chain (an ERC-20 contract, a mint).
    pub address: String,
    /// Decimal places of one whole token.
    pub decimals: u8,
}

/// Who signs: a key handle that only the host can use, and the address it has on the chain.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Signer {
    /// The account's name in the configuration: the handle for [`Host::sign`](super::Host::sign).
    pub account: String,
    /// Its address on the chain.
    pub address: String,
}

/// Bytes, as JSON a `0x…` string of lower-case hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct HexBytes(pub Vec<u8>);

impl HexBytes {
    /// Bytes as such text, for hashes and whatever else has a type of its own. Every byte of a signed transaction passes
    /// through here several times, and the crate `hex` puts its text together character by character.
    #[must_use]
    pub fn text_of(bytes: &[u8]) -> String {
        let mut text = vec![b'0'; 2 + 2 * bytes.len()];
        text[1] = b'x';
        for (digits, byte) in text[2..].as_chunks_mut().0.iter_mut().zip(bytes) {
            *digits = PAIRS[usize::from(*byte)];
        }
        String::from_utf8(text).expect("digits are ASCII")
    }

    /// The bytes of such a text; none when it is none. The digits may be upper-case ones.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.strip_prefix("0x").map(str::as_bytes).and_then(Self::from_digits)
    }

    /// The bytes of these digits; none when they are no digits, or half a byte is missing.
    fn from_digits(digits: &[u8]) -> Option<Self> {
        let (pairs, []) = digits.as_chunks() else {
            return None;
        };
        let mut seen = 0;
        let byte = |[high, low]: &[u8; 2]| {
            let (high, low) = (VALUES[usize::from(*high)], VALUES[usize::from(*low)]);
            seen |= high | low;
            (high << 4) | low
        };
        let bytes = pairs.iter().map(byte).collect();
        (seen != NO_DIGIT).then_some(Self(bytes))
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";
const NO_DIGIT: u8 = u8::MAX;
/// The digits of each byte.
const PAIRS: [[u8; 2]; 256] = pairs();
/// What each digit stands for.
const VALUES: [u8; 256] = values();

const fn pairs() -> [[u8; 2]; 256] {
    let (mut pairs, mut byte) = ([[0; 2]; 256], 0);
    while byte < pairs.len() {
        pairs[byte] = [DIGITS[byte >> 4], DIGITS[byte & 0xf]];
        byte += 1;
    }
    pairs
}

const fn values() -> [u8; 256] {
    let (mut values, mut value) = ([NO_DIGIT; 256], 0);
    while value < 16 {
        let digit = DIGITS[value as usize];
        values[digit as usize] = value;
        values[digit.to_ascii_uppercase() as usize] = value;
        value += 1;
    }
    values
}

impl fmt::Debug for HexBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Self::text_of(&self.0))
    }
}

impl fmt::Display for HexBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl Serialize for HexBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.serialize_str(&Self::text_of(&self.0)),
            false => serializer.serialize_bytes(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.is_human_readable() {
            true => deserializer.deserialize_str(HexText),
            false => Vec::deserialize(deserializer).map(Self),
        }
    }
}

struct HexText;

impl de::Visitor<'_> for HexText {
    type Value = HexBytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x and two hexadecimal digits for each byte")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<HexBytes, E> {
        HexBytes::parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for HexBytes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "HexBytes".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Bytes as hexadecimal digits, two for each; written in lower case.",
            "type": "string",
            "pattern": "^0x([0-9a-fA-F]{2})*$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<HexBytes> {
        serde_json::from_value(text.into()).ok()
    }

    #[test]
    fn what_is_no_bytes_is_refused() {
        for text in ["", "0", "0x0", "00", "0X00", "0x0g", "0x 0", "0x00 ", "0x€1"] {
            assert_eq!(read(text), None, "{text:?}");
        }
        assert_eq!(read("0x"), Some(HexBytes::default()));
    }

    proptest! {
        #[test]
        fn text_and_bytes_are_inverse(bytes: Vec<u8>) {
            let bytes = HexBytes(bytes);
            let text = format!("0x{}", hex::encode(&bytes.0));
            prop_assert_eq!(&bytes.to_string(), &text);
            prop_assert_eq!(serde_json::to_value(&bytes).unwrap(), text.as_str());
            prop_assert_eq!(read(&text), Some(bytes.clone()));
            prop_assert_eq!(read(&text.to_uppercase().replace('X', "x")), Some(bytes));
        }
    }
}
