//! Ids by their ends: nobody writes a whole one.

use std::fmt;

/// How an id begins, how it ends, or either: hexadecimal digits in lower case, without hyphens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum IdPattern {
    /// It begins or ends so.
    Either(String),
    /// It begins with the one and ends with the other, as shortened ids are shown.
    Ends(String, String),
}

/// Stands for what a shortened id leaves out.
const LEFT_OUT: char = '…';

impl IdPattern {
    /// What a value means; none when it cannot be of an id.
    pub(super) fn read(text: &str) -> Option<Self> {
        match text.split_once(LEFT_OUT) {
            Some((head, tail)) if !(head.is_empty() && tail.is_empty()) => {
                Some(Self::Ends(digits(head)?, digits(tail)?))
            }
            Some(_) => None,
            None => digits(text).filter(|digits| !digits.is_empty()).map(Self::Either),
        }
    }

    pub(super) fn fits(&self, id: &str) -> bool {
        match self {
            Self::Either(end) => begins(id, end) || ends(id, end),
            Self::Ends(head, tail) => begins(id, head) && ends(id, tail),
        }
    }
}

impl fmt::Display for IdPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Either(end) => f.write_str(end),
            Self::Ends(head, tail) => write!(f, "{head}{LEFT_OUT}{tail}"),
        }
    }
}

fn digits(text: &str) -> Option<String> {
    let digits: String =
        text.chars().filter(|char| *char != '-').map(|char| char.to_ascii_lowercase()).collect();
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(digits)
}

fn begins(id: &str, digits: &str) -> bool {
    is_start(id.bytes(), digits.bytes())
}

fn ends(id: &str, digits: &str) -> bool {
    is_start(id.bytes().rev(), digits.bytes().rev())
}

fn is_start(id: impl Iterator<Item = u8>, mut digits: impl Iterator<Item = u8>) -> bool {
    let mut id = id.filter(|byte| *byte != b'-');
    digits.all(|digit| id.next().is_some_and(|byte| byte.to_ascii_lowercase() == digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_by_its_ends() {
        let id = "01a0c1e2-8a10-7c31-9d2c-4f6f0d6f7a01";
        for fits in ["01a0", "01A0C1E2-8", "01a0c1e28a", "7a01", "6f0d6f7a01", "01a0…7a01", "…a01", "01…", id]
        {
            assert!(IdPattern::read(fits).unwrap().fits(id), "{fits}");
        }
        for does_not in ["8a10", "02", "01a0…7a02", "…c1e2", "01a0c1e2-8a10-7c31-9d2c-4f6f0d6f7a01-0"] {
            assert!(!IdPattern::read(does_not).unwrap().fits(id), "{does_not}");
        }
        for none in ["", "-", "…", "xyz", "01a0…g"] {
            assert!(IdPattern::read(none).is_none(), "{none}");
        }
    }
}
