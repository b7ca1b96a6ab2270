//! A store as text, one JSON object a line: [`export`] writes it, also from a damaged directory, and [`import`] makes
//! a new directory of it.
//!
//! A line has one key, which says what it is of. `store` comes first and `end`, with the counts, last; between them
//! are lanes, orders with all their events, and idempotency keys. The objects are the records' own types, so that
//! they follow when those change.

mod export;
mod import;
mod importer;
mod line;
#[cfg(test)]
mod tests;

pub use export::{Exported, export};
pub use import::{Completeness, Imported, import};

use super::StoreError;
use std::{io, path::PathBuf};

/// Why a store cannot be exported or imported.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is nothing to export.
    #[error("there is no store in {}", .0.display())]
    Missing(PathBuf),
    /// Only an empty place can be imported into.
    #[error("{} is there already; an import makes a new store and changes none", .0.display())]
    Occupied(PathBuf),
    /// The archive makes no sense.
    #[error("line {line}: {reason}")]
    Line {
        /// Which line, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The archive was made of a damaged store, and nobody said that this will do.
    #[error("{0} things could not be read when this was exported; see --accept-incomplete")]
    Incomplete(u64),
    /// The archive, or the disk, cannot be read or written.
    #[error("cannot read or write")]
    Io(#[from] io::Error),
}
