//! Reads a settings table key by key and notes every mistake under its key path. Values are never echoed:
//! an endpoint may contain a secret.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::fmt;

/// A settings table that is being read. What nobody has taken when it is closed, is unknown.
pub(super) struct Table<'a> {
    path: String,
    entries: Map<String, Value>,
    mistakes: &'a mut Vec<String>,
}

impl<'a> Table<'a> {
    /// Starts to read the table at this path.
    pub(super) fn open(path: String, value: Value, mistakes: &'a mut Vec<String>) -> Self {
        let entries = match value {
            Value::Object(entries) => entries,
            Value::Null => Map::new(),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                mistakes.push(format!("{path}: expected a table"));
                Map::new()
            }
        };
        Self { path, entries, mistakes }
    }

    /// Takes a key that may be left out.
    pub(super) fn optional<T: DeserializeOwned>(&mut self, key: &str, expected: &str) -> Option<T> {
        let value = self.entries.remove(key)?;
        let read = serde_json::from_value(value).ok();
        if read.is_none() {
            self.mistake(key, format_args!("expected {expected}"));
        }
        read
    }

    /// Takes a key that has to be there.
    pub(super) fn required<T: DeserializeOwned>(&mut self, key: &str, expected: &str) -> Option<T> {
        if !self.entries.contains_key(key) {
            self.mistake(key, format_args!("missing, expected {expected}"));
        }
        self.optional(key, expected)
    }

    /// Notes a mistake at a key.
    pub(super) fn mistake(&mut self, key: &str, what: impl fmt::Display) {
        self.mistakes.push(format!("{}.{key}: {what}", self.path));
    }

    /// Ends the reading: every key that is left is a mistake.
    pub(super) fn close(mut self) {
        for key in std::mem::take(&mut self.entries).keys() {
            self.mistake(key, "unknown key");
        }
    }
}
