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

/// A transaction before it is signed, in a form that only its chain reads.
pub type Payload = serde_json::Value;

/// Bytes, as JSON a `0x…` string of lower-case hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct HexBytes(pub Vec<u8>);

impl fmt::Debug for HexBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(&self.0))
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
            true => serializer.collect_str(self),
            false => serializer.serialize_bytes(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.is_human_readable() {
            true => {
                let text = String::deserialize(deserializer)?;
                let digits = text.strip_prefix("0x").ok_or_else(|| de::Error::custom("expected 0x…"))?;
                hex::decode(digits).map(Self).map_err(de::Error::custom)
            }
            false => Vec::deserialize(deserializer).map(Self),
        }
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
