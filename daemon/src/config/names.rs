//! What chains, venues, accounts, plugins and tokens may be called.

use super::{
    key_path::{KeyPath, variable_part},
    source::Source,
};
use std::collections::BTreeMap;

const MAX_NAME: usize = 64;
const MAX_SYMBOL: usize = 32;

/// A name that may stand in a URL, a file name and a log line.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    match is_plain(name, MAX_NAME, inner) && name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        true => Ok(()),
        false => Err(format!(
            "a name has 1 to {MAX_NAME} letters, digits, - and _, and begins with a letter or digit"
        )),
    }
}

/// A token's symbol.
pub(super) fn check_symbol(symbol: &str) -> Result<(), String> {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '$');
    match is_plain(symbol, MAX_SYMBOL, inner) {
        true => Ok(()),
        false => Err(format!("a symbol has 1 to {MAX_SYMBOL} letters, digits, -, _, . and $")),
    }
}

fn is_plain(text: &str, max: usize, inner: fn(char) -> bool) -> bool {
    (1..=max).contains(&text.len()) && text.chars().all(inner)
}

/// Checks each name of a table, and that no two differ in case or separators alone: they would share a folder on
/// some systems, and their overrides.
pub(super) fn check<'a>(
    source: &Source,
    table: &KeyPath,
    names: impl Iterator<Item = &'a String>,
    check_one: fn(&str) -> Result<(), String>,
) {
    let mut seen = BTreeMap::new();
    for name in names {
        if let Err(detail) = check_one(name) {
            source.report(&table.key(name), detail);
        }
        if let Some(other) = seen.insert(variable_part(name), name) {
            source.report(&table.key(name), format!("too like the name {other:?}"));
        }
    }
}
