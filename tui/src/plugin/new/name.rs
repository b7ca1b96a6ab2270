//! Names of plugins: crates, libraries and tables of the configuration are called by them.

use std::{env::consts, fmt};

/// As long as crates.io takes them.
const LONGEST: usize = 64;

/// Words that cannot be a crate's name, or stand for something else already.
const TAKEN: [&str; 73] = [
    "abstract",
    "alloc",
    "alloy-primitives",
    "alloy-sol-types",
    "as",
    "async",
    "async-trait",
    "aux",
    "await",
    "become",
    "box",
    "break",
    "con",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "evm",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "none",
    "nul",
    "orderd",
    "orderctl",
    "orderd-sdk",
    "override",
    "paper",
    "prn",
    "proc-macro",
    "pub",
    "ref",
    "return",
    "self",
    "serde-json",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "tokio",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "uniswap",
    "unsafe",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// A plugin's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name(String);

/// Why a text is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NameError {
    /// Other letters, or none.
    Letters,
    /// Too long.
    Length,
    /// It means something else.
    Taken(String),
}

impl Name {
    pub(super) fn parse(text: &str) -> Result<Self, NameError> {
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        if !text.starts_with(|first: char| first.is_ascii_lowercase()) || !text.bytes().all(letter) {
            return Err(NameError::Letters);
        }
        if text.len() > LONGEST {
            return Err(NameError::Length);
        }
        match TAKEN.contains(&text.replace('_', "-").as_str()) {
            true => Err(NameError::Taken(text.to_owned())),
            false => Ok(Self(text.to_owned())),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// What the compiler calls its library.
    pub(super) fn library(&self) -> String {
        format!("{}{}{}", consts::DLL_PREFIX, self.0.replace('-', "_"), consts::DLL_SUFFIX)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Letters => f.write_str(
                "a name begins with a lower-case letter, and has such letters, digits, - and _ only",
            ),
            Self::Length => write!(f, "a name has at most {LONGEST} characters"),
            Self::Taken(name) => write!(f, "{name} means something else already: choose another name"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_crates() {
        for good in ["my-dex", "a", "curve2", "my_dex"] {
            assert_eq!(Name::parse(good).map(|name| name.0), Ok(good.to_owned()));
        }
        assert!(Name::parse("my-dex").unwrap().library().contains("my_dex"));
        for bad in ["", "My-dex", "2dex", "-dex", "my dex", "../dex", "dex/x", "dëx", "my.dex"] {
            assert_eq!(Name::parse(bad), Err(NameError::Letters), "{bad}");
        }
        for taken in ["fn", "tokio", "orderd_sdk", "paper", "test"] {
            assert_eq!(Name::parse(taken), Err(NameError::Taken(taken.to_owned())));
        }
        assert_eq!(Name::parse(&"a".repeat(65)), Err(NameError::Length));
    }
}
