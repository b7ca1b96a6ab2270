//! Where a key stands in the file, and the variable of the environment that overrides it.

use std::fmt;

/// What every override's name begins with.
pub(super) const PREFIX: &str = "ORDERD_";
/// What stands between the levels of an override's name.
pub(super) const SEPARATOR: &str = "__";

/// A key with the tables around it. Its text is what the file would say: `chains.paper.poll_ms`.
#[derive(Clone, Debug, Default)]
pub(super) struct KeyPath {
    shown: String,
    variable: String,
}

impl KeyPath {
    /// The path of these keys, outermost first.
    pub(super) fn of(keys: &[&str]) -> Self {
        keys.iter().fold(Self::default(), |path, key| path.key(key))
    }

    /// A key in this table.
    pub(super) fn key(&self, key: &str) -> Self {
        let dot = if self.shown.is_empty() { "" } else { "." };
        let shown = match is_bare(key) {
            true => format!("{}{dot}{key}", self.shown),
            false => format!("{}{dot}{key:?}", self.shown),
        };
        Self { shown, variable: self.deeper(key) }
    }

    /// An element of this list.
    pub(super) fn index(&self, index: usize) -> Self {
        Self { shown: format!("{}[{index}]", self.shown), variable: self.deeper(&index.to_string()) }
    }

    /// The variable of the environment that overrides this key.
    pub(super) fn variable(&self) -> &str {
        &self.variable
    }

    fn deeper(&self, key: &str) -> String {
        let key = variable_part(key);
        match self.variable.is_empty() {
            true => format!("{PREFIX}{key}"),
            false => format!("{}{SEPARATOR}{key}", self.variable),
        }
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// A key as one level of an override's name: upper case, with `_` for whatever a shell does not take.
pub(super) fn variable_part(key: &str) -> String {
    key.chars()
        .map(|c| match c.is_ascii_alphanumeric() {
            true => c.to_ascii_uppercase(),
            false => '_',
        })
        .collect()
}

/// Whether TOML takes the key without quotes.
fn is_bare(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_in_the_file_and_as_a_variable() {
        let venue = KeyPath::of(&["venues", "paper-alpha", "config"]);
        assert_eq!(venue.to_string(), "venues.paper-alpha.config");
        assert_eq!(venue.variable(), "ORDERD_VENUES__PAPER_ALPHA__CONFIG");
        let odd = venue.key("a b").index(2).key("feeBps");
        assert_eq!(odd.to_string(), r#"venues.paper-alpha.config."a b"[2].feeBps"#);
        assert_eq!(odd.variable(), "ORDERD_VENUES__PAPER_ALPHA__CONFIG__A_B__2__FEEBPS");
    }
}
