//! What can be shown, in each style.

use crate::{
    args::Style,
    table::{is_active, plain},
};
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
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

/// One object in one line, which does nothing to a terminal that it may be shown on.
pub(crate) fn json_line(object: &impl Serialize, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    object.serialize(&mut Serializer::with_formatter(&mut *out, Harmless))?;
    writeln!(out)
}

/// JSON as usual, with everything escaped that a terminal would not simply show. It means the same.
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: Write + ?Sized>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        for piece in fragment.split_inclusive(is_active) {
            let shown = piece.trim_end_matches(is_active);
            out.write_all(shown.as_bytes())?;
            for unit in piece[shown.len()..].encode_utf16() {
                write!(out, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
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

/// So many of something: `1 order`, `2 orders`.
pub(crate) fn counted(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_does_nothing_to_a_terminal_and_means_the_same() {
        let text = "a\u{9b}2Jb\u{202e}\u{e0041}c\n\u{1b}[m日";
        let mut out = Vec::new();
        json_line(&text, &mut out).unwrap();
        let line = String::from_utf8(out).unwrap();
        assert_eq!(line, "\"a\\u009b2Jb\\u202e\\udb40\\udc41c\\n\\u001b[m日\"\n");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }

    #[test]
    fn a_fact_is_one_line_whatever_it_tells() {
        let parts = ["order 7".to_owned(), part::<u8>("venue", None), part("error", Some("a\n\u{1b}[2Jb"))];
        assert_eq!(fact(parts), "order 7, error a\\n\\u{1b}[2Jb");
    }
}
