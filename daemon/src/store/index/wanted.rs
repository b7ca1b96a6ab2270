//! How many bytes of each file of the log the index points to: what nothing points to is wanted no more.
//!
//! It says where looking is worth while. Nothing is removed because of it alone.

use super::Place;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bytes that are wanted of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct Wanted {
    total: u64,
    /// By file; none of those of which nothing is wanted.
    files: BTreeMap<u64, u64>,
}

impl Wanted {
    /// Of all files.
    pub(in crate::store) fn total(&self) -> u64 {
        self.total
    }

    /// Of this file.
    pub(in crate::store) fn of(&self, file: u64) -> u64 {
        self.files.get(&file).copied().unwrap_or_default()
    }

    /// The index points here now.
    pub(super) fn add(&mut self, Place { position, .. }: Place) {
        let len = u64::from(position.len);
        self.total += len;
        *self.files.entry(position.file).or_default() += len;
    }

    /// The index does not point here any more.
    pub(super) fn remove(&mut self, Place { position, .. }: Place) {
        let len = u64::from(position.len);
        self.total = self.total.saturating_sub(len);
        if let Some(wanted) = self.files.get_mut(&position.file) {
            *wanted = wanted.saturating_sub(len);
            if *wanted == 0 {
                self.files.remove(&position.file);
            }
        }
    }

    /// As if so many bytes were wanted of this file.
    #[cfg(test)]
    pub(in crate::store) fn plant(&mut self, file: u64, bytes: u64) {
        self.total = self.total - self.of(file) + bytes;
        self.files.insert(file, bytes);
    }
}
