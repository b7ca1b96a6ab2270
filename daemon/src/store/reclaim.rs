//! Frees the space of what the log does not need any more, a little with every write.
//!
//! The oldest file is read from its beginning, and what the index still finds in it is appended to the log again, in
//! the frame that is being written anyway. At its end nothing of it is wanted, and it can go.
//!
//! How many bytes are wanted of a file says when that is worth while. No file goes on the word of a count: each entry of it
//! was looked up, and the count has to agree.

use super::{
    index::{Index, Place, Wanted},
    log::{Entries, Entry, Frames, Log, Step},
};
use orderd_sdk::timestamp::Timestamp;
use sled::IVec;
use std::io;

/// The log may have so many times the bytes that are wanted of it, and a number of files besides.
const SPREAD: u64 = 2;
const FREE_FILES: u64 = 2;
/// Or as many bytes of the oldest file are wanted as one of so many: moving them on costs little next to what it frees.
const SCANT: u64 = 8;
/// So many bytes of old frames are looked through for each that is written, and some at least: with more than
/// twice what is wanted in the log, this frees more than it writes. Little in tests, where files are small.
const EFFORT: usize = 4;
const LEAST: usize = if cfg!(test) { 512 } else { 64 << 10 };

/// How far the oldest file has been looked through.
#[derive(Debug, Default)]
pub(super) struct Reclaim {
    reading: Option<Frames>,
}

/// What was found to be wanted still.
#[derive(Debug, Default)]
pub(super) struct Moved {
    /// The keys of the entries that were added, in order, with their times.
    pub(super) keys: Vec<(IVec, Timestamp)>,
    /// Whether the oldest file has been looked through to its end.
    pub(super) oldest: Oldest,
}

/// Whether a file is still needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Oldest {
    #[default]
    Wanted,
    Done,
}

impl Reclaim {
    /// Whether the oldest file is being looked through, or should be.
    pub(super) fn is_due(&self, log: &Log, wanted: &Wanted) -> bool {
        let is_large = log.bytes() > SPREAD * wanted.total() + FREE_FILES * log.file_bytes();
        let is_scant = SCANT * wanted.of(log.oldest()) <= log.bytes_of(log.oldest());
        self.reading.is_some() || log.has_sealed() && (is_large || is_scant)
    }

    /// When the log is much larger than what is wanted of it, adds what has to be moved on before a write of so
    /// many bytes.
    ///
    /// # Errors
    /// When the oldest file cannot be read.
    pub(super) fn step(
        &mut self,
        log: &Log,
        wanted: &Wanted,
        written: usize,
        index: &Index,
        entries: &mut Entries,
    ) -> io::Result<Moved> {
        let mut moved = Moved::default();
        if self.reading.is_none() && self.is_due(log, wanted) {
            self.reading = log.read_oldest()?;
        }
        if let Some(frames) = &mut self.reading {
            moved.look_through(frames, LEAST.max(written * EFFORT), index, entries)?;
        }
        if moved.oldest == Oldest::Done {
            self.reading = None;
        }
        Ok(moved)
    }
}

impl Moved {
    /// Adds what is wanted of the next frames, about so many bytes of them.
    fn look_through(
        &mut self,
        frames: &mut Frames,
        mut budget: usize,
        index: &Index,
        entries: &mut Entries,
    ) -> io::Result<()> {
        while budget > 0 {
            match frames.step()? {
                Step::Frame(frame) => {
                    budget = budget.saturating_sub(frame.len());
                    for (position, entry) in frame.entries() {
                        let is_last = |place: Place| place.position == position;
                        if entry.value.is_some() && index.get(entry.key)?.is_some_and(is_last) {
                            move_on(entry, entries, self)?;
                        }
                    }
                }
                Step::Broken(offset) => {
                    return Err(io::Error::other(format!("the oldest file is damaged at byte {offset}")));
                }
                Step::End => {
                    self.oldest = Oldest::Done;
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

fn move_on(entry: Entry<'_>, entries: &mut Entries, moved: &mut Moved) -> io::Result<()> {
    match entries.push(entry) {
        true => moved.keys.push((entry.key.into(), entry.at)),
        false => return Err(io::Error::other("an entry that was written is too large to be written")),
    }
    Ok(())
}
