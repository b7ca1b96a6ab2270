//! What can be shown, in each style.

use crate::{args::Style, table::plain};
use serde::Serialize;
use std::io::{self, Write};

/// Something that can be shown to people who see, to people who do not, and to programs.
pub(crate) trait Report {
    /// In columns.
    fn table(&self, out: &mut dyn Write) -> io::Result<()>;

    /// In words, one fact per line. What is not a fact of its own, such as how long ago something was, is left out, so that
    /// a line is new only when something has happened.
    fn words(&self) -> Vec<String>;

    /// As JSON, one object per line.
    fn json(&self, out: &mut dyn Write) -> io::Result<()>;

    /// In this style.
    fn write(&self, style: Style, out: &mut dyn Write) -> io::Result<()> {
        match style {
            Style::Table => self.table(out),
            Style::Words => self.words().iter().try_for_each(|line| writeln!(out, "{line}")),
            Style::Json => self.json(out),
        }
    }
}

/// One object in one line.
pub(crate) fn json_line(object: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, object)?;
    writeln!(out)
}

/// A fact in words: its parts, without those that say nothing, in one line that holds no control characters.
pub(crate) fn fact<const N: usize>(parts: [String; N]) -> String {
    let parts = parts.iter().filter(|part| !part.is_empty());
    parts.map(|part| plain(part)).collect::<Vec<_>>().join(", ")
}

/// A part of a fact that is there only when the value is.
pub(crate) fn part<T: std::fmt::Display>(name: &str, value: Option<T>) -> String {
    value.map_or(String::new(), |value| format!("{name} {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_one_line_whatever_it_tells() {
        let parts = ["order 7".to_owned(), part::<u8>("venue", None), part("error", Some("a\n\u{1b}[2Jb"))];
        assert_eq!(fact(parts), "order 7, error a\\n\\u{1b}[2Jb");
    }
}
