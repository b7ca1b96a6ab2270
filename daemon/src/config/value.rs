//! One value as it was found, and what it can be read as.

use std::{fmt::Display, ops::RangeInclusive};
use toml::{Table, Value};

/// A value, with the type it was written in.
pub(super) enum Found {
    /// In the file.
    File(Value),
    /// In the environment or on the command line, where everything is text.
    Override(String),
}

impl Found {
    /// A text that is not empty.
    pub(super) fn text(self) -> Result<String, String> {
        match self {
            Self::Override(text) | Self::File(Value::String(text)) if text.is_empty() => {
                Err("must not be empty".to_owned())
            }
            Self::Override(text) | Self::File(Value::String(text)) => Ok(text),
            Self::File(other) => Err(expected("text", &other)),
        }
    }

    /// True or false.
    pub(super) fn boolean(self) -> Result<bool, String> {
        match self {
            Self::File(Value::Boolean(value)) => Ok(value),
            Self::File(other) => Err(expected("true or false", &other)),
            Self::Override(text) => text.trim().parse().map_err(|_| "expected true or false".to_owned()),
        }
    }

    /// A whole number within bounds.
    pub(super) fn integer<N>(self, range: &RangeInclusive<N>) -> Result<N, String>
    where
        N: TryFrom<i64> + PartialOrd + Display,
    {
        let number = match self {
            Self::File(Value::Integer(number)) => number,
            Self::File(other) => return Err(expected("a whole number", &other)),
            Self::Override(text) => {
                (text.trim().parse()).map_err(|_| "expected a whole number".to_owned())?
            }
        };
        N::try_from(number)
            .ok()
            .filter(|number| range.contains(number))
            .ok_or_else(|| format!("must be {} to {}, got {number}", range.start(), range.end()))
    }
}

/// A table.
pub(super) fn as_table(value: Value) -> Result<Table, String> {
    if let Value::Table(table) = value {
        return Ok(table);
    }
    Err(expected("a table", &value))
}

/// A list.
pub(super) fn as_list(value: Value) -> Result<Vec<Value>, String> {
    if let Value::Array(items) = value {
        return Ok(items);
    }
    Err(expected("a list", &value))
}

/// The complaint about a value of another type. It shows the type alone: the value may be a misplaced secret.
pub(super) fn expected(wanted: &str, got: &Value) -> String {
    let got = match got {
        Value::String(_) => "text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number with a fraction",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    };
    format!("expected {wanted}, got {got}")
}
