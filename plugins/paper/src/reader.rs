//! Reads a table of settings key by key, and gathers what is wrong with it instead of stopping there.

use crate::chance::Percent;
use orderd_sdk::plugin::PluginError;
use serde_json::{Map, Value};

/// What is wrong, each with its key path.
#[derive(Debug, Default)]
pub(crate) struct Mistakes(Vec<String>);

impl Mistakes {
    pub(crate) fn add(&mut self, path: &str, mistake: impl AsRef<str>) {
        self.0.push(format!("{path} {}", mistake.as_ref()));
    }

    pub(crate) fn into_result(self) -> Result<(), PluginError> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(PluginError::invalid(self.0.join("; "))),
        }
    }
}

/// A table whose keys are read one after the other. A mistake counts as the default.
pub(crate) struct Reader<'a> {
    path: String,
    rest: Map<String, Value>,
    mistakes: &'a mut Mistakes,
}

impl<'a> Reader<'a> {
    /// Null is an empty table.
    pub(crate) fn new(path: String, table: &Value, mistakes: &'a mut Mistakes) -> Self {
        let rest = match table {
            Value::Object(map) => map.clone(),
            Value::Null => Map::new(),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                mistakes.add(&path, "is not a table");
                Map::new()
            }
        };
        Self { path, rest, mistakes }
    }

    /// Whatever has not been read by now is a mistake.
    pub(crate) fn finish(self) {
        for key in self.rest.keys() {
            self.mistakes.add(&format!("{}.{key}", self.path), "is not a setting");
        }
    }

    pub(crate) fn integer(&mut self, key: &str, default: u64, max: u64) -> u64 {
        let read = |value: Value| value.as_u64().filter(|number| *number <= max);
        self.take(key, &format!("is not a whole number up to {max}"), read).unwrap_or(default)
    }

    pub(crate) fn percent(&mut self, key: &str) -> Percent {
        Percent(u8::try_from(self.integer(key, 0, 100)).unwrap_or(100))
    }

    pub(crate) fn boolean(&mut self, key: &str, default: bool) -> bool {
        self.take(key, "is not true or false", |value| value.as_bool()).unwrap_or(default)
    }

    /// A decimal number's text; whole numbers may stand without quotation marks.
    pub(crate) fn decimal(&mut self, key: &str) -> Option<String> {
        self.take(key, "is not a whole number or a decimal text", decimal_text)
    }

    /// Two texts, or decimal numbers as for [`Reader::decimal`].
    pub(crate) fn pair(&mut self, key: &str) -> Option<[String; 2]> {
        let missing = !self.rest.contains_key(key);
        if missing {
            self.mistakes.add(&format!("{}.{key}", self.path), "is missing");
        }
        self.take(key, "is not a list of two texts", |value| {
            let texts: Option<Vec<String>> = items(value)?.into_iter().map(decimal_text).collect();
            texts?.try_into().ok()
        })
    }

    pub(crate) fn list(&mut self, key: &str) -> Vec<Value> {
        self.take(key, "is not a list", items).unwrap_or_default()
    }

    fn take<T>(&mut self, key: &str, mistake: &str, read: impl FnOnce(Value) -> Option<T>) -> Option<T> {
        let value = self.rest.remove(key)?;
        let read = read(value);
        if read.is_none() {
            self.mistakes.add(&format!("{}.{key}", self.path), mistake);
        }
        read
    }
}

fn items(value: Value) -> Option<Vec<Value>> {
    value.as_array().cloned()
}

fn decimal_text(value: Value) -> Option<String> {
    let number = || value.as_u64().map(|number| number.to_string());
    value.as_str().map(str::to_owned).or_else(number)
}
