//! Why no profile can be used.

use std::{fmt, io, path::PathBuf};

/// No profile can be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProfileError {
    /// The file cannot be read.
    #[error("cannot read {}", file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    /// Something in it is wrong; everything that is, is told.
    #[error("{}: {}", file.display(), List(problems))]
    Invalid { file: PathBuf, problems: Vec<Problem> },
    /// A profile was asked for that is not there.
    #[error("there is no profile {name}; {}", Known(known))]
    Unknown { name: String, known: Vec<String> },
}

/// One thing that is wrong in the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    /// The key, such as `profiles.local.url`; nothing where the file is no TOML.
    pub(crate) key: String,
    /// What is wrong there, a lower-case fragment. It shows no value: that may be a misplaced secret.
    pub(crate) detail: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => f.write_str(&self.detail),
            key => write!(f, "{key}: {}", self.detail),
        }
    }
}

struct List<'a>(&'a [Problem]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&problems.join("; "))
    }
}

struct Known<'a>(&'a [String]);

impl fmt::Display for Known<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => f.write_str("there are none"),
            known => write!(f, "there are {}", known.join(", ")),
        }
    }
}
