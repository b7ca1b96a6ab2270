//! What is wrong with a log.

use super::super::StoreError;
use std::path::{Path, PathBuf};

/// Something that was acknowledged cannot be read, or is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Damage {
    /// The file.
    pub(in crate::store) file: PathBuf,
    /// What is wrong with it.
    pub(in crate::store) reason: String,
}

impl Damage {
    pub(in crate::store) fn at(file: &Path, reason: impl Into<String>) -> Self {
        Self { file: file.to_owned(), reason: reason.into() }
    }
}

impl From<Damage> for StoreError {
    fn from(damage: Damage) -> Self {
        Self::Damaged { file: damage.file, reason: damage.reason }
    }
}
