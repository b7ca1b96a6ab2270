//! Words of a filter, and the quotes in them. Between quotes blanks, colons, commas and minuses are what they are; `\"` is
//! a quote and `\\` a backslash there.

use super::{FilterError, FilterProblem};
use std::{borrow::Cow, fmt};

/// A part of a filter as it is written, and where it begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'a> {
    pub(super) raw: &'a str,
    pub(super) start: usize,
}

impl<'a> Word<'a> {
    /// An error about this word.
    pub(super) fn error(self, problem: FilterProblem, expected: impl Into<String>) -> FilterError {
        let span = self.start..self.start + self.raw.len();
        FilterError { span, problem, expected: expected.into(), suggestion: None }
    }

    /// What it says, without its quotes.
    pub(super) fn unquoted(self) -> Cow<'a, str> {
        if !self.raw.contains('"') {
            return Cow::Borrowed(self.raw);
        }
        let mut said = String::with_capacity(self.raw.len());
        let (mut chars, mut is_quoted) = (self.raw.chars().peekable(), false);
        while let Some(char) = chars.next() {
            match char {
                '"' => is_quoted = !is_quoted,
                '\\' if is_quoted => {
                    said.push(chars.next_if(|next| matches!(next, '"' | '\\')).unwrap_or('\\'))
                }
                other => said.push(other),
            }
        }
        Cow::Owned(said)
    }

    /// The parts before and after the first of these characters that is not between quotes.
    pub(super) fn split_once(self, separator: char) -> Option<(Self, Self)> {
        let (at, _) = outside_quotes(self.raw).find(|(_, char)| *char == separator)?;
        let before = Self { raw: &self.raw[..at], start: self.start };
        Some((before, self.from(at + separator.len_utf8())))
    }

    /// The parts between these characters, but for those between quotes.
    pub(super) fn split(self, separator: char) -> impl Iterator<Item = Self> {
        let mut rest = Some(self);
        std::iter::from_fn(move || {
            let whole = rest?;
            let (part, left) =
                whole.split_once(separator).map_or((whole, None), |(part, left)| (part, Some(left)));
            rest = left;
            Some(part)
        })
    }

    /// All from this byte on.
    pub(super) fn from(self, byte: usize) -> Self {
        Self { raw: &self.raw[byte..], start: self.start + byte }
    }
}

/// The words of a filter.
pub(super) fn words(text: &str) -> Result<impl Iterator<Item = Word<'_>>, FilterError> {
    if let Some(start) = open_quote(text) {
        let rest = Word { raw: text, start: 0 }.from(start);
        return Err(rest.error(FilterProblem::OpenQuote, "a closing \""));
    }
    let mut start = 0;
    let ends =
        outside_quotes(text).filter(|(_, char)| char.is_whitespace()).map(|(at, char)| (at, char.len_utf8()));
    let words = ends.chain([(text.len(), 0)]).map(move |(end, blank)| {
        let word = Word { raw: &text[start..end], start };
        start = end + blank;
        word
    });
    Ok(words.filter(|word| !word.raw.is_empty()))
}

/// Characters that are not between quotes, and are none themselves.
fn outside_quotes(raw: &str) -> impl Iterator<Item = (usize, char)> {
    scan(raw)
        .filter(|(_, char, place)| *place == Place::Outside && *char != '"')
        .map(|(at, char, _)| (at, char))
}

fn open_quote(raw: &str) -> Option<usize> {
    let mut opened = None;
    for (at, char, place) in scan(raw) {
        if char == '"' && place != Place::Escaped {
            opened = (place == Place::Outside).then_some(at);
        }
    }
    opened
}

/// Where a character stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Outside,
    Quoted,
    /// Behind a backslash between quotes.
    Escaped,
}

/// Every character and where it stands; a quote that opens is outside, and one that closes is quoted.
fn scan(raw: &str) -> impl Iterator<Item = (usize, char, Place)> {
    raw.char_indices().scan(Place::Outside, |next, (at, char)| {
        let place = *next;
        *next = match (place, char) {
            (Place::Outside, '"') | (Place::Escaped, _) => Place::Quoted,
            (Place::Quoted, '"') => Place::Outside,
            (Place::Quoted, '\\') => Place::Escaped,
            (same, _) => same,
        };
        Some((at, char, place))
    })
}

/// Writes a text so that it is read as one value, or as one word.
pub(super) fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let is_special = |char: char| char.is_whitespace() || matches!(char, '"' | ',' | ':');
    if !text.is_empty() && !text.starts_with('-') && !text.contains(is_special) {
        return f.write_str(text);
    }
    f.write_str("\"")?;
    for part in text.split_inclusive(['"', '\\']) {
        match part.strip_suffix(['"', '\\']) {
            Some(before) => write!(f, "{before}\\{}", &part[before.len()..])?,
            None => f.write_str(part)?,
        }
    }
    f.write_str("\"")
}
