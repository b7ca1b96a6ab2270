//! Goes through the keys of a range in order, over the layers of an index: of the entries of one key the newest counts.

use super::{
    blocks::Blocks,
    place::{Place, Slot},
    run::{self, Run},
};
use crate::store::tree::{Direction, KeyRange};
use sled::IVec;
use std::{
    cmp::Ordering,
    io,
    ops::{Bound, Range, RangeBounds},
    sync::Arc,
};

/// A layer in the order of the walk.
pub(super) enum Source {
    /// What is in memory, the next one last.
    Memory(Vec<(IVec, Slot)>),
    Run(Cursor),
}

/// How far a walk through a run has come.
pub(super) struct Cursor {
    run: Arc<Run>,
    range: KeyRange,
    direction: Direction,
    /// Blocks that were not read.
    blocks: Range<usize>,
    block: Arc<[u8]>,
    /// What is left of the block, the next one last.
    entries: Vec<(Range<usize>, Slot)>,
}

impl Cursor {
    pub(super) fn new(run: Arc<Run>, range: &KeyRange, direction: Direction) -> Self {
        let blocks = run.blocks_of(range);
        Self { run, range: range.clone(), direction, blocks, block: Arc::default(), entries: Vec::new() }
    }

    /// No key that is left comes before this one.
    fn bound(&self) -> Option<&[u8]> {
        if let Some((key, _)) = self.entries.last() {
            return Some(&self.block[key.clone()]);
        }
        if self.blocks.is_empty() {
            return None;
        }
        Some(match (self.direction, &self.range) {
            (Direction::Up, (Bound::Included(start) | Bound::Excluded(start), _)) => {
                self.run.border(self.blocks.start).max(start)
            }
            (Direction::Up, (Bound::Unbounded, _)) => self.run.border(self.blocks.start),
            (Direction::Down, (_, Bound::Included(end) | Bound::Excluded(end))) => {
                self.run.border(self.blocks.end).min(end)
            }
            (Direction::Down, (_, Bound::Unbounded)) => self.run.border(self.blocks.end),
        })
    }

    /// Reads the next block.
    fn read(&mut self, blocks: &Blocks) -> io::Result<()> {
        let next = match self.direction {
            Direction::Up => self.blocks.next(),
            Direction::Down => self.blocks.next_back(),
        };
        let Some(next) = next else {
            return Ok(());
        };
        self.block = blocks.get((self.run.of(), next), || self.run.read(next))?;
        let is_within = |key: &[u8]| {
            let (start, end) = (&self.range.0, &self.range.1);
            let range: (Bound<&[u8]>, Bound<&[u8]>) =
                (start.as_ref().map(|start| &start[..]), end.as_ref().map(|end| &end[..]));
            RangeBounds::<[u8]>::contains(&range, key)
        };
        let entries = run::entries_of(&self.block);
        self.entries = entries.filter(|(key, _)| is_within(&self.block[key.clone()])).collect();
        if self.direction == Direction::Up {
            self.entries.reverse();
        }
        Ok(())
    }
}

impl Source {
    fn bound(&self) -> Option<&[u8]> {
        match self {
            Self::Memory(entries) => entries.last().map(|(key, _)| &key[..]),
            Self::Run(cursor) => cursor.bound(),
        }
    }

    /// The run that has to be read before its next key is known.
    fn unread(&mut self) -> Option<&mut Cursor> {
        match self {
            Self::Run(cursor) if cursor.entries.is_empty() => Some(cursor),
            Self::Run(_) | Self::Memory(_) => None,
        }
    }

    fn pop(&mut self) -> Option<(IVec, Slot)> {
        match self {
            Self::Memory(entries) => entries.pop(),
            Self::Run(cursor) => {
                let (key, slot) = cursor.entries.pop()?;
                Some((IVec::from(&cursor.block[key]), slot))
            }
        }
    }
}

/// The next key that has a value or had one; the sources are sorted, the newest first.
///
/// # Errors
/// When a run cannot be read.
pub(super) fn next(
    sources: &mut [Source],
    direction: Direction,
    blocks: &Blocks,
) -> io::Result<Option<(IVec, Slot)>> {
    while let Some(best) = first_of(sources, direction) {
        if let Some(unread) = sources[best].unread() {
            unread.read(blocks)?;
            continue;
        }
        let Some((key, slot)) = sources[best].pop() else {
            break;
        };
        for older in &mut sources[best + 1..] {
            if older.unread().is_none() && older.bound() == Some(&key[..]) {
                older.pop();
            }
        }
        return Ok(Some((key, slot)));
    }
    Ok(None)
}

/// The source with the next key: of those that may have it one that was not read, so that none of them is missed, else
/// the newest.
fn first_of(sources: &mut [Source], direction: Direction) -> Option<usize> {
    let mut best: Option<usize> = None;
    for index in 0..sources.len() {
        let Some(bound) = sources[index].bound() else {
            continue;
        };
        let order = match best.and_then(|best| sources[best].bound()) {
            None => Ordering::Less,
            Some(other) if direction == Direction::Up => bound.cmp(other),
            Some(other) => other.cmp(bound),
        };
        let is_next = match order {
            Ordering::Less => true,
            Ordering::Equal => sources[index].unread().is_some(),
            Ordering::Greater => false,
        };
        if is_next {
            best = Some(index);
        }
    }
    best
}

/// A value is there.
pub(super) fn with_value((key, slot): (IVec, Slot)) -> Option<(IVec, Place)> {
    slot.value().map(|place| (key, place))
}
