//! A store that is only read, damaged or not: what can be read of its log, with an index elsewhere.

use super::{
    StoreError,
    disk::subject,
    index::{Index, Indexing, Wanted},
    log::{self, Damage, Entry, Files, LogId},
    recent::Recent,
    tree::{Direction, KeyRange},
};
use sled::IVec;
use std::{fs, io, path::PathBuf};

/// Memory for the index's pages.
const CACHE_BYTES: u64 = 64 << 20;

/// What can be read of a store.
#[derive(Debug)]
pub(super) struct Reading {
    index: Index,
    files: Files,
    // Dropped last: the index lies in it.
    _scratch: Scratch,
}

impl Reading {
    /// Reads the log of the store in this directory, and tells what cannot be read of it.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn open(dir: &std::path::Path, tell: &mut dyn FnMut(Damage)) -> Result<Self, StoreError> {
        let scratch = Scratch::new()?;
        let unusable =
            |error: io::Error| StoreError::Open { path: scratch.0.clone(), reason: error.to_string() };
        let index = Index::create(&scratch.0, LogId::default(), CACHE_BYTES)?;
        let mut indexing = Indexing::new(&index, Wanted::default(), Recent::default());
        let mut visit = |entry: Entry<'_>, position| indexing.take(&entry, position).map_err(unusable);
        let files = log::salvage(dir, &mut visit, tell)?;
        indexing.end().map_err(unusable)?;
        Ok(Self { index, files, _scratch: scratch })
    }

    /// The last value of a key that can be found.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        let corrupt = |error: io::Error| subject(key).corrupt(error);
        let Some(place) = self.index.get(key).map_err(corrupt)? else {
            return Ok(None);
        };
        let bytes = self.files.read(place.position).map_err(corrupt)?;
        match bytes.as_deref().and_then(Entry::decode) {
            Some((entry, _)) if entry.key == key => Ok(entry.value.map(IVec::from)),
            Some(_) | None => Err(subject(key).corrupt("it has changed while it was read")),
        }
    }

    /// The keys of a range that have a value.
    pub(super) fn keys(&self, range: &KeyRange) -> impl Iterator<Item = io::Result<IVec>> {
        self.index.range(range, Direction::Up).map(|found| found.map(|(key, _)| key))
    }
}

/// A directory for a while.
#[derive(Debug)]
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, StoreError> {
        let mut name = [0; 8];
        getrandom::fill(&mut name)
            .map_err(|error| StoreError::Write(format!("the system has no random bytes: {error}")))?;
        Ok(Self(std::env::temp_dir().join(format!("orderd-{}", hex::encode(name)))))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left of it is in the system's temporary directory.
        fs::remove_dir_all(&self.0).ok();
    }
}
