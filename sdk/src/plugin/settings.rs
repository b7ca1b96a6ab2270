//! Reads the settings that an operator gave a chain or venue, and names every mistake at once.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::fmt;

/// A settings table that is read key by key. Every mistake is noted under its key path, as `path: what is wrong`; what
/// nobody has taken when the table is closed is a mistake too. Values are never echoed: an endpoint may hold a secret.
pub struct SettingsTable<'a> {
    path: String,
    entries: Map<String, Value>,
    mistakes: &'a mut Vec<String>,
}

impl<'a> SettingsTable<'a> {
    /// Starts to read the table at this path, such as `chains.main.config`. Null is an empty table.
    pub fn open(path: String, value: Value, mistakes: &'a mut Vec<String>) -> Self {
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

    /// Takes a key that may be left out. `expected` completes "expected …".
    pub fn optional<T: DeserializeOwned>(&mut self, key: &str, expected: &str) -> Option<T> {
        let value = self.entries.remove(key)?;
        let read = serde_json::from_value(value).ok();
        if read.is_none() {
            self.mistake(key, format_args!("expected {expected}"));
        }
        read
    }

    /// Takes a key that has to be there.
    pub fn required<T: DeserializeOwned>(&mut self, key: &str, expected: &str) -> Option<T> {
        if !self.entries.contains_key(key) {
            self.mistake(key, format_args!("missing, expected {expected}"));
        }
        self.optional(key, expected)
    }

    /// Takes a whole number that may be left out, and must not be larger than `max`.
    pub fn integer(&mut self, key: &str, default: u64, max: u64) -> u64 {
        let expected = format!("a whole number up to {max}");
        match self.optional(key, &expected) {
            Some(number) if number <= max => number,
            Some(_) => {
                self.mistake(key, format_args!("expected {expected}"));
                default
            }
            None => default,
        }
    }

    /// Notes a mistake at a key.
    pub fn mistake(&mut self, key: &str, what: impl fmt::Display) {
        self.mistakes.push(format!("{}.{key}: {what}", self.path));
    }

    /// Drops keys without a look.
    pub fn forget(&mut self, keys: &[&str]) {
        self.entries.retain(|key, _| !keys.contains(&key.as_str()));
    }

    /// Ends the reading: every key that is left is a mistake.
    pub fn close(mut self) {
        for key in std::mem::take(&mut self.entries).keys() {
            self.mistake(key, "unknown key");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_mistake_is_named_by_its_path_and_no_value_is_shown() {
        let mut mistakes = Vec::new();
        let value = json!({"fee": "sesame", "depth": 11, "colour": "sesame", "old": 1, "name": "alpha"});
        let mut table = SettingsTable::open("venues.a.config".to_owned(), value, &mut mistakes);
        assert_eq!(table.optional::<u32>("fee", "a whole number"), None);
        assert_eq!(table.required::<String>("router", "an address"), None);
        assert_eq!(table.required::<String>("name", "a name"), Some("alpha".to_owned()));
        assert_eq!((table.integer("depth", 3, 10), table.integer("pace", 3, 10)), (3, 3));
        table.forget(&["old"]);
        table.close();
        let expected = [
            "venues.a.config.fee: expected a whole number",
            "venues.a.config.router: missing, expected an address",
            "venues.a.config.depth: expected a whole number up to 10",
            "venues.a.config.colour: unknown key",
        ];
        assert_eq!(mistakes, expected);
    }

    #[test]
    fn nothing_is_an_empty_table_and_a_list_is_none() {
        let mut mistakes = Vec::new();
        SettingsTable::open("a".to_owned(), Value::Null, &mut mistakes).close();
        assert!(mistakes.is_empty());
        SettingsTable::open("a".to_owned(), json!([]), &mut mistakes).close();
        assert_eq!(mistakes, ["a: expected a table"]);
    }
}
