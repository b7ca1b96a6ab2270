//! Writes to the log on the disk: appends, moves on what is old, and notes where everything lies.

use super::{
    index::{Index, Place, Slot, Wanted},
    log::{Entries, Entry, Log, Position},
    port::Left,
    recent::Recent,
    reclaim::{Moved, Oldest, Reclaim},
    tree::{Batch, Edit},
};
#[cfg(feature = "crash-points")]
use crate::telemetry::crash::WritePoint;
use orderd_sdk::timestamp::Timestamp;
use sled::IVec;
use std::io;

/// A file of the log ends when it has brought a key for so many bytes that it may have: their places are in memory until
/// then, and removals are small.
const BYTES_PER_KEY: u64 = 512;

/// What only the one who writes needs.
#[derive(Debug)]
pub(super) struct DiskWriter {
    pub(super) log: Log,
    /// How many bytes of the log the index points to.
    pub(super) wanted: Wanted,
    /// Which orders were written last.
    pub(super) recent: Recent,
    pub(super) reclaim: Reclaim,
    /// What is being appended.
    pub(super) entries: Entries,
}

impl DiskWriter {
    /// Appends a batch, durably.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn apply(&mut self, index: &Index, batch: &Batch) -> io::Result<()> {
        let len = |edit: &Edit| edit.key.len() + edit.value.as_ref().map_or(0, |value| value.len());
        self.write(index, batch, batch.iter().map(len).sum())
    }

    /// Frees a piece of the space that is wanted no more, as a write of so many bytes does, if there is too much of it;
    /// whether there still is.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn tidy(&mut self, index: &Index, bytes: usize) -> io::Result<Left> {
        if self.has_excess() {
            self.write(index, &Batch::new(), bytes)?;
        }
        Ok(if self.has_excess() { Left::Something } else { Left::Nothing })
    }

    /// Whether there is space to be freed, or a file to be removed behind the next frame.
    fn has_excess(&self) -> bool {
        self.reclaim.is_due(&self.log, &self.wanted) || self.log.has_retired()
    }

    /// Appends a batch, and frees space as for one of so many bytes.
    fn write(&mut self, index: &Index, batch: &Batch, bytes: usize) -> io::Result<()> {
        self.entries.clear();
        // What is moved on stands first: what is written holds where both are of one key.
        let Moved { keys, oldest } =
            self.reclaim.step(&self.log, &self.wanted, bytes, index, &mut self.entries)?;
        for edit in batch {
            if !self.entries.push(entry_of(edit)) {
                return Err(io::Error::other("a record is too large"));
            }
        }
        let file = self.log.tail();
        if index.fresh_keys() as u64 > self.log.file_bytes() / BYTES_PER_KEY {
            self.log.end_file();
        }
        let positions = self.log.append(&mut self.entries)?;
        if self.log.tail() != file {
            // As things stood at its end, before what was appended now.
            index.end_file(file)?;
            index.keep(self.log.sealed(), self.log.tail(), &self.wanted, self.recent.written_down())?;
        }
        self.note(index, keys, batch, &positions)?;
        #[cfg(feature = "crash-points")]
        WritePoint::Indexed.pass();
        if oldest == Oldest::Done {
            self.retire_oldest(index)?;
        }
        Ok(())
    }

    /// The oldest file was looked through, and it goes when the count agrees that nothing of it is wanted. Otherwise one of
    /// the two is wrong: nothing goes then, and the next start makes the index anew of the whole log.
    fn retire_oldest(&mut self, index: &Index) -> io::Result<()> {
        let file = self.log.oldest();
        let left = self.wanted.of(file);
        if left > 0 {
            // When even this is refused, the file is there still.
            index.distrust().ok();
            let path = self.log.files().path(file);
            return Err(io::Error::other(format!("{left} bytes of {} may still be wanted", path.display())));
        }
        #[cfg(test)]
        assert_eq!(index.counted().of(file), 0, "something is wanted of a file that goes");
        self.log.retire_oldest();
        Ok(())
    }

    /// What was moved on, and then what was written, lies at these positions now. The board answers for every order of
    /// it until all of it is noted.
    fn note(
        &mut self,
        index: &Index,
        moved: Vec<(IVec, Timestamp)>,
        written: &Batch,
        positions: &[Position],
    ) -> io::Result<()> {
        let (moved_to, written_to) = positions.split_at(moved.len());
        let mut slots = Vec::with_capacity(positions.len());
        for ((key, at), position) in moved.into_iter().zip(moved_to) {
            slots.push((key, Slot::Value(Place { position: *position, at })));
        }
        for (edit, position) in written.iter().zip(written_to) {
            slots.push((edit.key.clone(), Slot::of(&entry_of(edit), *position)));
            if edit.value.is_some() {
                self.recent.note(&edit.key);
            }
        }
        index.set(slots, &mut self.wanted)
    }
}

fn entry_of(edit: &Edit) -> Entry<'_> {
    Entry { key: &edit.key, value: edit.value.as_deref(), at: edit.at }
}
