//! Makes an index of a log that is read from some file on.

use super::{Index, Slot, Wanted, is_small};
use crate::store::{
    log::{Entry, Log, Position},
    recent::Recent,
};
use rustc_hash::FxHashMap;
use sled::IVec;
use std::{io, mem};

/// An index in the making.
pub(in crate::store) struct Indexing<'a> {
    index: &'a Index,
    /// The file that is being read, when one is.
    file: Option<u64>,
    latest: Latest,
    indexed: Indexed,
}

/// What the newest file of a log has. It is read before anybody knows what an index knows of the others.
#[derive(Debug, Default)]
pub(in crate::store) struct Newest {
    latest: Latest,
    recent: Recent,
}

impl Newest {
    /// The next entry of the file.
    pub(in crate::store) fn take(&mut self, entry: &Entry<'_>, position: Position) {
        note(&mut self.recent, entry);
        self.latest.push(entry, position);
    }
}

type Slots = Vec<(IVec, Slot)>;

/// The last entry of each key, of entries that come in the order of a log.
#[derive(Debug, Default)]
struct Latest {
    /// Of keys that come and go: most entries are theirs, and each of those keys has several.
    small: FxHashMap<IVec, Slot>,
    /// Of the others, most of which have one, and come in their order but for a few.
    others: Slots,
    /// When there are so many of these, the earlier ones of each key are left out.
    full: usize,
}

/// Fewer are never too many.
const FEW: usize = 1 << 16;

impl Latest {
    fn push(&mut self, entry: &Entry<'_>, position: Position) {
        let (key, slot) = (IVec::from(entry.key), Slot::of(entry, position));
        if is_small(&key) {
            self.small.insert(key, slot);
            return;
        }
        if self.others.len() >= self.full.max(FEW) {
            self.tidy();
            self.full = 2 * self.others.len();
        }
        self.others.push((key, slot));
    }

    fn tidy(&mut self) {
        // Of one key the later one stays behind the earlier one.
        self.others.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.others.dedup_by(|(later_key, later), (key, last)| {
            let is_same = later_key == key;
            if is_same {
                *last = *later;
            }
            is_same
        });
    }

    /// Each key once: those that are small, and the others in order.
    fn take(&mut self) -> (Slots, Slots) {
        self.tidy();
        (self.small.drain().collect(), mem::take(&mut self.others))
    }
}

fn note(recent: &mut Recent, entry: &Entry<'_>) {
    if entry.value.is_some() {
        recent.note(entry.key);
    }
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
        Self { index, file: None, latest: Latest::default(), indexed }
    }

    /// The next entry of the log.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub(in crate::store) fn take(&mut self, entry: &Entry<'_>, position: Position) -> io::Result<()> {
        if let Some(file) = self.file.replace(position.file).filter(|file| *file != position.file) {
            self.end_file(file)?;
        }
        note(&mut self.indexed.recent, entry);
        self.latest.push(entry, position);
        Ok(())
    }

    fn end_file(&mut self, file: u64) -> io::Result<()> {
        self.set()?;
        self.index.end_file(file)
    }

    fn set(&mut self) -> io::Result<()> {
        let (small, others) = self.latest.take();
        self.index.set(small, &mut self.indexed.wanted)?;
        self.index.set_sorted(others, &mut self.indexed.wanted)
    }

    /// The files before the newest were read, and this is in that. What is known of those before it is kept, unless it was
    /// known before which files they are.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub(in crate::store) fn finish(mut self, newest: Newest, log: &Log, known: u64) -> io::Result<Indexed> {
        if let Some(file) = self.file {
            self.end_file(file)?;
        }
        self.indexed.recent.append(newest.recent);
        self.keep(log, known)?;
        self.latest = newest.latest;
        self.set()?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::records::{LIVE, OVER};
    use orderd_sdk::timestamp::Timestamp;

    #[test]
    fn of_each_key_the_last_entry_counts_and_the_others_are_not_kept_for_long() {
        // One of three comes and goes.
        let key = |number: usize| {
            let kind = if number.is_multiple_of(3) { LIVE } else { OVER };
            let [.., high, low] = number.to_be_bytes();
            [kind, high, low]
        };
        let (mut latest, keys) = (Latest::default(), 1_000);
        let mut last = vec![Slot::Removed(Position { file: 0, offset: 0, len: 0 }); keys];
        for offset in 0..5 * FEW {
            // In no order, and each key again and again.
            let number = offset * 7_919 % keys;
            let position = Position { file: 1, offset: offset as u64, len: 1 };
            let key = key(number);
            let value = (offset % 3 > 0).then_some(&b"value"[..]);
            let entry = Entry { key: &key, value, at: Timestamp(offset as u64) };
            latest.push(&entry, position);
            last[number] = Slot::of(&entry, position);
            assert!(latest.others.len() <= FEW);
        }
        let expected = last.into_iter().enumerate().map(|(number, slot)| (IVec::from(&key(number)), slot));
        let (expected_small, expected_others): (Vec<_>, Vec<_>) =
            expected.partition(|(key, _)| is_small(key));
        assert!(!expected_small.is_empty() && !expected_others.is_empty());
        let (mut small, others) = latest.take();
        small.sort_by(|(one, _), (other, _)| one.cmp(other));
        assert_eq!((small, others), (expected_small, expected_others));
        assert_eq!(latest.take(), (Vec::new(), Vec::new()));
    }
}
