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

    /// Whether a run has to be read before its next key is known.
    fn is_unread(&self) -> bool {
        matches!(self, Self::Run(cursor) if cursor.entries.is_empty())
    }

    /// That run.
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

/// A walk through several layers at once.
pub(super) struct Merge<'a> {
    /// The newest first.
    sources: Vec<Source>,
    direction: Direction,
    blocks: &'a Blocks,
    ahead: Option<Ahead>,
}

/// A source whose keys come next, as long as they come before all that the others have: most files of a log have a time of
/// their own, and so have most sources.
struct Ahead {
    source: usize,
    /// None when the others have nothing.
    others: Option<IVec>,
}

impl<'a> Merge<'a> {
    /// Through these, the newest first.
    pub(super) fn new(sources: Vec<Source>, direction: Direction, blocks: &'a Blocks) -> Self {
        Self { sources, direction, blocks, ahead: None }
    }

    /// The next key that has a value or had one.
    ///
    /// # Errors
    /// When a run cannot be read.
    pub(super) fn next(&mut self) -> io::Result<Option<(IVec, Slot)>> {
        if let Some(found) =
            self.ahead.as_ref().and_then(|ahead| ahead.pop(&mut self.sources, self.direction))
        {
            return Ok(Some(found));
        }
        while let Some(best) = first_of(&self.sources, self.direction) {
            if let Some(unread) = self.sources[best].unread() {
                unread.read(self.blocks)?;
                continue;
            }
            let Some((key, slot)) = self.sources[best].pop() else {
                break;
            };
            for older in &mut self.sources[best + 1..] {
                if !older.is_unread() && older.bound() == Some(&key[..]) {
                    older.pop();
                }
            }
            self.ahead = Some(self.ahead_of_others(best));
            return Ok(Some((key, slot)));
        }
        Ok(None)
    }

    fn ahead_of_others(&self, source: usize) -> Ahead {
        let others = self.sources.iter().enumerate().filter(|(other, _)| *other != source);
        let bounds = others.filter_map(|(_, other)| other.bound());
        let first = bounds.min_by(|one, other| in_order(self.direction, one, other));
        Ahead { source, others: first.map(IVec::from) }
    }
}

impl Ahead {
    /// Its next key, if it is known and comes first. No other has that key.
    fn pop(&self, sources: &mut [Source], direction: Direction) -> Option<(IVec, Slot)> {
        let source = &mut sources[self.source];
        let key = source.bound().filter(|_| !source.is_unread())?;
        let is_first = self.others.as_ref().is_none_or(|other| in_order(direction, key, other).is_lt());
        is_first.then(|| source.pop()).flatten()
    }
}

fn in_order(direction: Direction, one: &[u8], other: &[u8]) -> Ordering {
    match direction {
        Direction::Up => one.cmp(other),
        Direction::Down => other.cmp(one),
    }
}

/// The source with the next key: of those that may have it one that was not read, so that none of them is missed, else
/// the newest.
fn first_of(sources: &[Source], direction: Direction) -> Option<usize> {
    let mut best: Option<(usize, &[u8])> = None;
    for (index, source) in sources.iter().enumerate() {
        let Some(bound) = source.bound() else {
            continue;
        };
        let is_next = match best.map(|(_, other)| in_order(direction, bound, other)) {
            None | Some(Ordering::Less) => true,
            Some(Ordering::Equal) => source.is_unread(),
            Some(Ordering::Greater) => false,
        };
        if is_next {
            best = Some((index, bound));
        }
    }
    best.map(|(index, _)| index)
}

/// A value is there.
pub(super) fn with_value((key, slot): (IVec, Slot)) -> Option<(IVec, Place)> {
    slot.value().map(|place| (key, place))
}
