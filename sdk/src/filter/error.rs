//! Why a text is no filter: where, what was expected there, and what was probably meant.

use std::{fmt, ops::Range};

/// A text is no filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FilterError {
    /// Where in the text, in bytes; both ends lie between characters.
    pub span: Range<usize>,
    /// What is wrong.
    pub problem: FilterProblem,
    /// What could stand there.
    pub expected: String,
    /// What probably should: a text to put in the place of the span.
    pub suggestion: Option<String>,
}

/// What is wrong with a part of a filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterProblem {
    /// The text is too long.
    #[error("the filter is too long")]
    TooLong,
    /// There are too many terms.
    #[error("the filter has too many terms")]
    TooManyTerms,
    /// A quote is not closed.
    #[error("the quote is not closed")]
    OpenQuote,
    /// A minus has nothing to negate.
    #[error("nothing follows the minus")]
    NothingNegated,
    /// Nothing is to be searched for.
    #[error("the text is empty")]
    EmptyText,
    /// Nothing can be asked by this name.
    #[error("{0:?} is not a name")]
    UnknownName(String),
    /// A value is missing.
    #[error("a value is missing")]
    NoValue,
    /// There are more values than one.
    #[error("there is more than one value")]
    SeveralValues,
    /// A value is not what goes with its name.
    #[error("{0:?} does not go with the name")]
    BadValue(String),
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; expected {}", self.problem, self.expected)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; did you mean {suggestion:?}?"),
            None => Ok(()),
        }
    }
}

/// The candidate that somebody who wrote this probably meant.
pub(super) fn nearest<'a>(written: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_ascii_lowercase();
    let most = 1 + written.len() / 4;
    let distances =
        candidates.map(|candidate| (distance(written.as_bytes(), candidate.as_bytes()), candidate));
    distances.filter(|(distance, _)| *distance <= most).min().map(|(_, candidate)| candidate)
}

/// How many bytes have to be put in, taken out or replaced, as far as that is not more than the longer text has; two that are
/// swapped count as one.
fn distance(one: &[u8], other: &[u8]) -> usize {
    if one.len().abs_diff(other.len()) > 3 {
        return usize::MAX;
    }
    let (mut before, mut above): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=other.len()).collect());
    for (row, byte) in one.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, against) in other.iter().enumerate() {
            let replaced = above[column] + usize::from(byte != against);
            let mut least = replaced.min(above[column + 1] + 1).min(current[column] + 1);
            let is_swapped = row > 0 && column > 0 && *byte == other[column - 1] && one[row - 1] == *against;
            if is_swapped {
                least = least.min(before[column - 1] + 1);
            }
            current.push(least);
        }
        (before, above) = (above, current);
    }
    above.pop().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_another_word_is_not() {
        let of = |written| nearest(written, ["state", "venue", "since", "id"].into_iter());
        for (written, meant) in [
            ("sate", Some("state")),
            ("tsate", Some("state")),
            ("STAET", Some("state")),
            ("venues", Some("venue")),
            ("sinc", Some("since")),
            ("ids", Some("id")),
            ("client", None),
            ("", None),
        ] {
            assert_eq!(of(written), meant, "{written}");
        }
    }
}
