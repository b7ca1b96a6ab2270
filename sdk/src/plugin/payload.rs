//! JSON in the words of whoever wrote it, handed on as it was written.

use super::PluginError;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned, de::Error as _};
use serde_json::{Value, value::RawValue, value::to_raw_value};
use std::fmt;

/// Lists and objects within one another. A message has two more at the most, and `serde_json` reads 127.
const MOST_NESTED: usize = 125;

/// A transaction before it is signed, a route, a question, an answer: JSON that only its own chain or venue reads.
///
/// The daemon takes it for what it is, a text: it sees that it is JSON and not nested without end, and hands it on. Whoever
/// it is for [reads](Payload::read) it, once.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Payload(Box<RawValue>);

impl Payload {
    /// `null`: nothing.
    #[must_use]
    pub fn null() -> Self {
        Self(RawValue::NULL.to_owned())
    }

    /// This value as JSON. What `json!` makes can be had with `into`, too.
    ///
    /// # Errors
    /// [`Invalid`](super::ErrorKind::Invalid) when it has none, such as a map whose keys are no texts.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, PluginError> {
        let json = to_raw_value(value);
        json.map(Self).map_err(|error| PluginError::invalid(format!("it has no JSON: {error}")))
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`Invalid`](super::ErrorKind::Invalid) when it is something else than was asked for.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, PluginError> {
        serde_json::from_str(self.as_json()).map_err(|error| PluginError::invalid(error.to_string()))
    }

    /// As it was written.
    #[must_use]
    pub fn as_json(&self) -> &str {
        self.0.get()
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.as_json() == RawValue::NULL.get()
    }
}

impl Default for Payload {
    fn default() -> Self {
        Self::null()
    }
}

impl From<Value> for Payload {
    fn from(value: Value) -> Self {
        Self(to_raw_value(&value).expect("keys of a value are texts"))
    }
}

/// Whether it says the same, however it is written.
impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        let read = |payload: &Self| payload.read::<Value>().ok();
        self.as_json() == other.as_json() || read(self).is_some_and(|value| read(other) == Some(value))
    }
}

impl Eq for Payload {}

/// For tests: what `json!` makes can be expected.
impl PartialEq<Value> for Payload {
    fn eq(&self, other: &Value) -> bool {
        self.read::<Value>().is_ok_and(|value| value == *other)
    }
}

impl fmt::Display for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_json())
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_json())
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        match is_nested_deeper(json.get(), MOST_NESTED) {
            true => Err(D::Error::custom(format_args!(
                "more than {MOST_NESTED} lists and objects in one another"
            ))),
            false => Ok(Self(json)),
        }
    }
}

/// Most are shorter than the brackets alone would be, or have fewer of them than may be open at one time, and need no closer
/// look.
fn is_nested_deeper(json: &str, most: usize) -> bool {
    let opens = |byte: &&u8| matches!(byte, b'[' | b'{');
    json.len() / 2 > most && json.as_bytes().iter().filter(opens).count() > most && depth(json) > most
}

fn depth(json: &str) -> usize {
    let (mut deepest, mut open, mut in_text) = (0, 0_usize, false);
    let mut bytes = json.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => in_text = !in_text,
            // Whatever is escaped ends no text.
            b'\\' => drop(bytes.next()),
            b'[' | b'{' if !in_text => {
                open += 1;
                deepest = deepest.max(open);
            }
            b']' | b'}' if !in_text => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Payload {
    fn inline_schema() -> bool {
        Value::inline_schema()
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        Value::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Value::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> serde_json::Result<Payload> {
        serde_json::from_str(text)
    }

    #[test]
    fn it_is_handed_on_as_it_was_written() {
        let written = r#"{ "b": 340282366920938463463374607431768211456, "a": [1.50, "\u00b5"] }"#;
        let payload = read(&format!("  {written}  ")).unwrap();
        assert_eq!((payload.as_json(), payload.to_string().as_str()), (written, written));
        assert_eq!(serde_json::to_string(&[payload]).unwrap(), format!("[{written}]"));
    }

    #[test]
    fn what_is_no_json_is_no_payload() {
        for text in ["", "{", "{\"a\":}", "nul", "01", "\"\u{1}\"", "\"\\x\"", "[1,]", "1 2"] {
            assert!(read(text).is_err(), "{text:?}");
        }
        assert!(serde_json::from_slice::<Payload>(b"\"\xff\"").is_err());
    }

    #[test]
    fn it_is_nested_as_deep_as_whoever_reads_it_can_follow() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let message = |depth| serde_json::from_str::<Vec<Vec<Payload>>>(&format!("[[{}]]", nested(depth)));
        let deepest = message(MOST_NESTED).unwrap().remove(0).remove(0);
        assert!(deepest.read::<Value>().is_ok());
        assert!(message(MOST_NESTED + 1).is_err() && message(100_000).is_err());
        let (wide, texts) = ("[]".repeat(300).replace("][", "],["), "[{\\\"[".repeat(300));
        assert!(read(&format!("[{wide}]")).is_ok() && read(&format!("[\"{texts}\"]")).is_ok());
        assert!(read(&format!("[\"\\\\\",{}]", nested(MOST_NESTED))).is_err(), "the text has ended");
    }

    #[test]
    fn two_are_the_same_that_say_the_same() {
        let one = read(r#"{"a":1,"b":[null]}"#).unwrap();
        assert_eq!(one, read(r#"{ "b": [ null ], "a": 1 }"#).unwrap());
        assert_eq!(one, Payload::from(json!({"a": 1, "b": [null]})));
        assert_eq!(one, json!({"a": 1, "b": [null]}));
        assert_ne!(one, read(r#"{"a":1,"b":[]}"#).unwrap());
        assert_ne!(read("1e999").unwrap(), read("1e998").unwrap());
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let payload = Payload::of(&("sol", 7_u64)).unwrap();
        assert_eq!(payload.read::<(String, u64)>(), Ok(("sol".to_owned(), 7)));
        assert_eq!(payload.read::<u64>().unwrap_err().kind, super::super::ErrorKind::Invalid);
        assert!(Payload::default().is_null() && Payload::null() == Value::Null);
        assert!(Payload::of(&std::collections::BTreeMap::from([((), ())])).is_err());
    }
}
