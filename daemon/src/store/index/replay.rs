//! Makes an index of a log that is read from some file on.

use super::{Index, Slot, Wanted};
use crate::store::{
    log::{Entry, Log, Position},
    recent::Recent,
};
use sled::IVec;
use std::{collections::BTreeMap, io, mem};

/// An index in the making.
pub(in crate::store) struct Indexing<'a> {
    index: &'a Index,
    /// The file that is being read, when one is.
    file: Option<u64>,
    /// The last entries of the file.
    entries: BTreeMap<IVec, Slot>,
    indexed: Indexed,
}

/// What was found out on the way.
#[derive(Debug)]
pub(in crate::store) struct Indexed {
    /// How many bytes of the log the index points to.
    pub(in crate::store) wanted: Wanted,
    /// Which orders were written last.
    pub(in crate::store) recent: Recent,
}

impl<'a> Indexing<'a> {
    /// What is read follows what the index knows, of which this is known.
    pub(in crate::store) fn new(index: &'a Index, wanted: Wanted, recent: Recent) -> Self {
        let indexed = Indexed { wanted, recent };
        Self { index, file: None, entries: BTreeMap::new(), indexed }
    }

    /// The next entry of the log.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub(in crate::store) fn take(&mut self, entry: &Entry<'_>, position: Position) -> io::Result<()> {
        if let Some(file) = self.file.replace(position.file).filter(|file| *file != position.file) {
            self.end_file(file)?;
        }
        if entry.value.is_some() {
            self.indexed.recent.note(entry.key);
        }
        self.entries.insert(entry.key.into(), Slot::of(entry, position));
        Ok(())
    }

    fn end_file(&mut self, file: u64) -> io::Result<()> {
        self.set()?;
        self.index.end_file(file)
    }

    fn set(&mut self) -> io::Result<()> {
        let entries = mem::take(&mut self.entries);
        self.index.set(entries.into_iter().collect(), &mut self.indexed.wanted)
    }

    /// The log was read to its end. What is known of the files before its newest is kept, unless it was known before
    /// which files those are.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub(in crate::store) fn finish(mut self, log: &Log, known: u64) -> io::Result<Indexed> {
        let tail = mem::take(&mut self.entries);
        match self.file.filter(|file| *file != log.tail()) {
            // Nothing was written to the newest file yet.
            Some(file) => {
                self.entries = tail;
                self.end_file(file)?;
                self.keep(log, known)?;
            }
            None => {
                self.keep(log, known)?;
                self.entries = tail;
                self.set()?;
            }
        }
        Ok(self.indexed)
    }

    /// What there is was read to its end, and nothing of it is kept.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub(in crate::store) fn end(mut self) -> io::Result<()> {
        self.set()
    }

    fn keep(&self, log: &Log, known: u64) -> io::Result<()> {
        match log.tail() > known && !log.sealed().is_empty() {
            true => self.index.keep(
                log.sealed(),
                log.tail(),
                &self.indexed.wanted,
                self.indexed.recent.written_down(),
            ),
            false => Ok(()),
        }
    }
}
