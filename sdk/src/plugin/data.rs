//! Bytes on their way through JSON: as text where they are text, else in hexadecimal digits.

use super::{HexBytes, PluginError};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The body of a message, or a stored value: `{"text":"…"}` or `{"hex":"0x…"}`. Both say bytes; text is only shorter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Data {
    /// Bytes that are UTF-8.
    Text(String),
    /// Any bytes.
    Hex(HexBytes),
}

impl Data {
    /// This value as JSON.
    ///
    /// # Errors
    /// [`Invalid`](super::ErrorKind::Invalid) when it has no JSON, such as a map whose keys are no texts.
    pub fn of_json(value: &impl Serialize) -> Result<Self, PluginError> {
        let text = serde_json::to_string(value);
        text.map(Self::Text).map_err(|error| PluginError::invalid(format!("it has no JSON: {error}")))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Hex(bytes) => &bytes.0,
        }
    }

    /// The bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Hex(bytes) => bytes.0,
        }
    }

    /// How many bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }

    /// Reads the bytes as JSON.
    ///
    /// # Errors
    /// When they are not, or something else than was asked for. The message does not repeat them.
    pub fn json<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(self.as_bytes())
    }
}

impl Default for Data {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl From<Vec<u8>> for Data {
    fn from(bytes: Vec<u8>) -> Self {
        String::from_utf8(bytes).map_or_else(|error| Self::Hex(HexBytes(error.into_bytes())), Self::Text)
    }
}

impl From<String> for Data {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Data {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_text_where_they_can_be_and_come_back_as_they_were() {
        for (bytes, json) in [
            (b"".to_vec(), r#"{"text":""}"#),
            (b"{\"a\":1}".to_vec(), r#"{"text":"{\"a\":1}"}"#),
            ("µ".into(), r#"{"text":"µ"}"#),
            (vec![0xff, 0x00], r#"{"hex":"0xff00"}"#),
        ] {
            let data = Data::from(bytes.clone());
            assert_eq!(serde_json::to_string(&data).unwrap(), json);
            let read: Data = serde_json::from_str(json).unwrap();
            assert_eq!((read.len(), read.into_bytes()), (bytes.len(), bytes));
        }
        let text_in_hex: Data = serde_json::from_str(r#"{"hex":"0x6869"}"#).unwrap();
        assert_eq!(text_in_hex.as_bytes(), b"hi");
    }
}
