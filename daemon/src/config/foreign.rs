//! The plugins' own tables, passed on as JSON. The daemon knows nothing of their keys.

use super::{
    key_path::KeyPath,
    source::Source,
    value::{Found, expected},
};
use serde_json::Value as Json;
use toml::Value;

impl Source {
    /// The same value as JSON: a date becomes text. An override takes the type of the value it replaces.
    pub(super) fn to_json(&self, path: &KeyPath, value: Value) -> Json {
        match value {
            Value::Table(table) => (table.into_iter())
                .map(|(key, value)| {
                    let value = self.to_json(&path.key(&key), value);
                    (key, value)
                })
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Value::Array(items) => (items.into_iter().enumerate())
                .map(|(index, item)| self.to_json(&path.index(index), item))
                .collect(),
            leaf @ (Value::String(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_)) => self.leaf_to_json(path, leaf),
        }
    }

    fn leaf_to_json(&self, path: &KeyPath, in_file: Value) -> Json {
        let replaced = match self.replacement(path) {
            Some(text) => retype(text, &in_file),
            None => Ok(in_file),
        };
        replaced.and_then(scalar).unwrap_or_else(|detail| {
            self.report_value(path, &detail);
            Json::Null
        })
    }
}

fn scalar(value: Value) -> Result<Json, String> {
    match value {
        Value::String(text) => Ok(text.into()),
        Value::Integer(number) => Ok(number.into()),
        Value::Boolean(truth) => Ok(truth.into()),
        Value::Datetime(date) => Ok(date.to_string().into()),
        Value::Float(_) => Err("write decimals as text".to_owned()),
        other @ (Value::Array(_) | Value::Table(_)) => Err(expected("a single value", &other)),
    }
}

fn retype(text: &str, like: &Value) -> Result<Value, String> {
    match like {
        Value::Integer(_) => {
            Found::Override(text.to_owned()).integer(&(i64::MIN..=i64::MAX)).map(Value::Integer)
        }
        Value::Boolean(_) => match text {
            "true" => Ok(Value::Boolean(true)),
            "false" => Ok(Value::Boolean(false)),
            _ => Err("expected true or false".to_owned()),
        },
        Value::String(_) | Value::Float(_) | Value::Datetime(_) | Value::Array(_) | Value::Table(_) => {
            Ok(Value::String(text.to_owned()))
        }
    }
}
