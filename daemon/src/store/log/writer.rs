//! Appends to the log and frees its old end.

use super::{
    files::Files,
    frame::{Entries, FileHeader, LogId, Position},
    mark::Mark,
    reader::Frames,
};
#[cfg(feature = "crash-points")]
use crate::telemetry::crash::WritePoint;
use std::{collections::BTreeMap, fs::File, io, os::unix::fs::FileExt, sync::Arc};

/// A log that is being written. It has one owner; reading goes through its [`Files`].
#[derive(Debug)]
pub(in crate::store) struct Log {
    pub(super) id: LogId,
    pub(super) files: Arc<Files>,
    pub(super) mark: Mark,
    pub(super) tail: Tail,
    /// Files that are written no more, with their lengths.
    pub(super) sealed: BTreeMap<u64, u64>,
    /// The oldest file that counts. Those before it are removed when a frame says so.
    pub(super) oldest: u64,
    /// A file that has grown to this many bytes is written no more.
    pub(super) file_bytes: u64,
}

/// The file that is appended to.
#[derive(Debug)]
pub(super) struct Tail {
    pub(super) file: Arc<File>,
    pub(super) first: u64,
    pub(super) end: u64,
    /// The number of the next frame.
    pub(super) next: u64,
    /// Whether it is left, however small it is.
    pub(super) is_done: bool,
}

impl Log {
    /// Appends these entries as one frame, which survives a loss of power when this returns; where they lie.
    ///
    /// # Errors
    /// When the disk refuses. Nothing may be appended then before the log is opened again.
    pub(in crate::store) fn append(&mut self, entries: &mut Entries) -> io::Result<Vec<Position>> {
        if self.tail.end >= self.file_bytes || self.tail.is_done {
            self.begin_file()?;
        }
        let (number, end) = (self.tail.next, self.tail.end);
        let frame = entries.frame(&self.id, number, self.oldest);
        let frame = frame.ok_or_else(|| io::Error::other("more than four gigabytes at once"))?;
        let len = frame.len() as u64;
        self.tail.file.write_all_at(frame, end)?;
        #[cfg(feature = "crash-points")]
        WritePoint::Appended.pass();
        self.tail.file.sync_data()?;
        #[cfg(feature = "crash-points")]
        WritePoint::Synced.pass();
        self.mark.set(number)?;
        #[cfg(feature = "crash-points")]
        WritePoint::Marked.pass();
        self.tail.end += len;
        self.tail.next += 1;
        self.remove_old_files()?;
        let file = self.tail.first;
        let places = entries.places.iter();
        Ok(places.map(|(start, len)| Position { file, offset: end + *start as u64, len: *len }).collect())
    }

    /// Everything in the tail is durable: it is left, and a new one made.
    fn begin_file(&mut self) -> io::Result<()> {
        self.mark.sync()?;
        let first = self.tail.next;
        let file = self.files.create(&FileHeader { id: self.id, first, oldest: self.oldest })?;
        self.sealed.insert(self.tail.first, self.tail.end);
        self.tail = Tail { file, first, end: FileHeader::LEN as u64, next: first, is_done: false };
        Ok(())
    }

    /// The next frame begins a new file, however small the newest one is.
    pub(in crate::store) fn end_file(&mut self) {
        self.tail.is_done = true;
    }

    /// The oldest file that counts.
    pub(in crate::store) fn oldest(&self) -> u64 {
        self.oldest
    }

    /// The oldest file that counts, to be read from its beginning; none when that is the tail.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(in crate::store) fn read_oldest(&self) -> io::Result<Option<Frames>> {
        if !self.has_sealed() {
            return Ok(None);
        }
        let frames = Frames::open(&self.files.path(self.oldest), &self.id, self.oldest)?;
        frames.map(Some).ok_or_else(|| io::Error::other("the oldest file of the log has lost its header"))
    }

    /// Nothing of the oldest file is wanted any more. It is removed behind the next frame, which says so.
    pub(in crate::store) fn retire_oldest(&mut self) {
        let newer = self.sealed.range(self.oldest + 1..).next();
        self.oldest = newer.map_or(self.tail.first, |(first, _)| *first);
    }

    /// Removes files that the last durable frame does not count any more.
    fn remove_old_files(&mut self) -> io::Result<()> {
        while let Some((first, _)) = self.sealed.first_key_value().filter(|(first, _)| **first < self.oldest)
        {
            let first = *first;
            self.files.remove(first)?;
            self.sealed.remove(&first);
        }
        Ok(())
    }

    /// Whether a file before the tail counts.
    pub(in crate::store) fn has_sealed(&self) -> bool {
        self.oldest != self.tail.first
    }

    /// Whether a file is to be removed behind the next frame.
    pub(in crate::store) fn has_retired(&self) -> bool {
        self.sealed.first_key_value().is_some_and(|(first, _)| *first < self.oldest)
    }

    /// How many bytes the files that count have.
    pub(in crate::store) fn bytes(&self) -> u64 {
        self.sealed.range(self.oldest..).map(|(_, len)| len).sum::<u64>() + self.tail.end
    }

    /// How many bytes a file has that is written no more.
    pub(in crate::store) fn bytes_of(&self, file: u64) -> u64 {
        self.sealed.get(&file).copied().unwrap_or_default()
    }

    /// A file that has grown to this many bytes is written no more.
    pub(in crate::store) fn file_bytes(&self) -> u64 {
        self.file_bytes
    }

    /// The file that is appended to, by its first frame.
    pub(in crate::store) fn tail(&self) -> u64 {
        self.tail.first
    }

    /// The files that count and are written no more, with their lengths.
    pub(in crate::store) fn sealed(&self) -> BTreeMap<u64, u64> {
        self.sealed.range(self.oldest..).map(|(first, len)| (*first, *len)).collect()
    }

    /// Where its files are.
    pub(in crate::store) fn files(&self) -> &Arc<Files> {
        &self.files
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        // It is behind at worst, which costs nothing but certainty.
        self.mark.sync().ok();
    }
}
