//! Reads a TOML table key by key, and collects whatever is wrong with it.

use super::problem::Problem;
use clap::ValueEnum;
use toml::{Table, Value};

/// Collects what is wrong.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn add(&mut self, key: impl Into<String>, detail: impl Into<String>) {
        self.0.push(Problem { key: key.into(), detail: detail.into() });
    }

    /// All of them in the order of their keys.
    pub(super) fn into_sorted(mut self) -> Vec<Problem> {
        self.0.sort();
        self.0
    }
}

/// A table whose keys are taken one by one; those that are left over are unknown.
pub(super) struct Reader<'a> {
    path: String,
    table: Table,
    known: Vec<&'static str>,
    problems: &'a mut Problems,
}

impl<'a> Reader<'a> {
    pub(super) fn new(path: impl Into<String>, table: Table, problems: &'a mut Problems) -> Self {
        Self { path: path.into(), table, known: Vec::new(), problems }
    }

    /// A text that is not empty.
    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        let value = self.take(key)?;
        match value.as_str() {
            Some("") => self.wrong(key, "must not be empty"),
            Some(text) => Some(text.to_owned()),
            None => self.wrong_type(key, "a text", &value),
        }
    }

    pub(super) fn boolean(&mut self, key: &'static str) -> Option<bool> {
        let value = self.take(key)?;
        value.as_bool().or_else(|| self.wrong_type(key, "true or false", &value))
    }

    /// One of a few words.
    pub(super) fn word<T: ValueEnum>(&mut self, key: &'static str) -> Option<T> {
        let text = self.text(key)?;
        match T::from_str(&text, false) {
            Ok(value) => Some(value),
            Err(_) => self.wrong(key, &format!("expected one of {}", words::<T>().join(", "))),
        }
    }

    pub(super) fn table(&mut self, key: &'static str) -> Option<Table> {
        let value = self.take(key)?;
        value.as_table().cloned().or_else(|| self.wrong_type(key, "a table", &value))
    }

    /// Complains of a value that was taken.
    pub(super) fn wrong<T>(&mut self, key: &str, detail: &str) -> Option<T> {
        self.problems.add(self.place(key), detail);
        None
    }

    /// Complains of every key that nobody asked for.
    pub(super) fn finish(self) {
        for key in self.table.keys() {
            let detail = format!("no such setting; there are {}", self.known.join(", "));
            self.problems.add(self.place(key), detail);
        }
    }

    fn take(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        self.table.remove(key)
    }

    fn wrong_type<T>(&mut self, key: &str, wanted: &str, got: &Value) -> Option<T> {
        self.wrong(key, &format!("expected {wanted}, got {}", type_of(got)))
    }

    fn place(&self, key: &str) -> String {
        match self.path.as_str() {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        }
    }
}

fn words<T: ValueEnum>() -> Vec<String> {
    let values = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    values.map(|value| value.get_name().to_owned()).collect()
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Boolean(_) => "true or false",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
        Value::Datetime(_) => "a date",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number with a fraction",
    }
}
