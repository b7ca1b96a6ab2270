//! A walk through a range of an index, some keys at a time, so that nothing is held while they are looked at.

use super::{
    Index, Place, Slot, is_small,
    merge::{self, Cursor, Merge, Source},
};
use crate::store::tree::{Direction, KeyRange};
use sled::IVec;
use std::{io, ops::Bound, sync::Arc};

/// Keys that a walk takes at first, as many look at a few only, and so many times more each time up to the most. Few in
/// tests, so that a walk has many ends.
const FIRST: usize = if cfg!(test) { 1 } else { 8 };
const GROWTH: usize = 4;
const MOST: usize = if cfg!(test) { 3 } else { 512 };

impl Index {
    /// The keys of a range that have a value, in this direction. All of a range are small, or none is.
    pub(in crate::store) fn range(&self, range: &KeyRange, direction: Direction) -> Walk<'_> {
        Walk { index: self, left: Some(range.clone()), direction, size: FIRST, chunk: Vec::new().into_iter() }
    }

    /// The next keys of a range, and what is left of it.
    fn chunk(&self, range: &KeyRange, direction: Direction, size: usize) -> io::Result<Chunk> {
        let layers = self.layers();
        let (fresh, is_all) = match is_small_range(range) {
            true => taken(
                layers.small.range(range.clone()).map(|(key, place)| (key, Slot::Value(*place))),
                direction,
                size,
            ),
            false => {
                taken(layers.fresh.range(range.clone()).map(|(key, slot)| (key, *slot)), direction, size)
            }
        };
        let runs = if is_small_range(range) { Arc::default() } else { layers.runs.clone() };
        drop(layers);
        let last_fresh = fresh.first().filter(|_| !is_all).map(|(key, _)| key.clone());
        let cursors = runs.iter().map(|run| Source::Run(Cursor::new(run.clone(), range, direction)));
        let sources = std::iter::once(Source::Memory(fresh)).chain(cursors).collect();
        let mut merge = Merge::new(sources, direction, &self.blocks);
        let mut places = Vec::new();
        while let Some((key, slot)) = merge.next()? {
            let is_last = places.len() + 1 == size || last_fresh.as_ref() == Some(&key);
            let left = is_last.then(|| rest(range, direction, &key));
            places.extend(merge::with_value((key, slot)));
            if left.is_some() {
                return Ok((places, left));
            }
        }
        Ok((places, None))
    }
}

type Chunk = (Vec<(IVec, Place)>, Option<KeyRange>);

/// A walk through a range.
pub(in crate::store) struct Walk<'a> {
    index: &'a Index,
    left: Option<KeyRange>,
    direction: Direction,
    /// How many keys are taken next.
    size: usize,
    chunk: std::vec::IntoIter<(IVec, Place)>,
}

impl Iterator for Walk<'_> {
    type Item = io::Result<(IVec, Place)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(found) = self.chunk.next() {
                return Some(Ok(found));
            }
            let left = self.left.take()?;
            match self.index.chunk(&left, self.direction, self.size) {
                Ok((places, left)) => {
                    (self.chunk, self.left) = (places.into_iter(), left);
                    self.size = MOST.min(self.size * GROWTH);
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// The first of these in this direction, so many at the most, the last of them first, and whether they are all.
fn taken<'a>(
    entries: impl DoubleEndedIterator<Item = (&'a IVec, Slot)>,
    direction: Direction,
    size: usize,
) -> (Vec<(IVec, Slot)>, bool) {
    let owned = entries.map(|(key, slot)| (key.clone(), slot));
    let mut taken: Vec<_> = match direction {
        Direction::Up => owned.take(size).collect(),
        Direction::Down => owned.rev().take(size).collect(),
    };
    taken.reverse();
    let is_all = taken.len() < size;
    (taken, is_all)
}

/// What is left of a range behind this key.
fn rest(range: &KeyRange, direction: Direction, key: &IVec) -> KeyRange {
    let (start, end) = range.clone();
    match direction {
        Direction::Up => (Bound::Excluded(key.clone()), end),
        Direction::Down => (start, Bound::Excluded(key.clone())),
    }
}

fn is_small_range(range: &KeyRange) -> bool {
    match &range.0 {
        Bound::Included(start) | Bound::Excluded(start) => is_small(start),
        Bound::Unbounded => true,
    }
}
