//! What is in force after all has been considered.

use super::Looks;
use crate::console::model::{Access, Guarded};
use std::{fmt, path::PathBuf};

/// Which daemon is meant, what may be done there, and how it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name in the configuration; none when no profile is in use.
    pub name: Option<String>,
    /// Where the daemon is.
    pub url: String,
    /// What it is shown.
    pub token: TokenSource,
    /// How much is asked before something is changed there.
    pub guarded: Guarded,
    /// Whether anything may be changed there.
    pub access: Access,
    /// How the console looks.
    pub looks: Looks,
}

/// Where the token is. There is no option for the token itself: everybody on the machine can read command lines.
#[derive(Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// Nowhere: none is shown.
    None,
    /// In this file.
    File(PathBuf),
    /// Here.
    Text(String),
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::File(file) => f.debug_tuple("File").field(file).finish(),
            Self::Text(_) => f.write_str("Text(..)"),
        }
    }
}
