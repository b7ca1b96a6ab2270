//! Where the log has the last entry of each key.
//!
//! Keys that come and go with the work at hand, live orders and lanes, are in memory. Of the others, what was written
//! since the newest file of the log was begun is in memory; when that file ends it becomes a [`run`], which never
//! changes: there is one for each file of the log, and a key is looked for from the newest to the oldest. A
//! [`checkpoint`] then says what a start would else have to read all of those files for.
//!
//! Nothing here counts: all of it can be made of the log again, and is, when anything does not fit.

mod blocks;
mod checkpoint;
mod filter;
mod merge;
mod place;
mod replay;
mod run;
#[cfg(test)]
mod tests;

pub(super) use place::{Place, Slot};
pub(super) use replay::{Indexed, Indexing};

use super::{
    StoreError,
    log::LogId,
    records::{CLAIM, OVER},
    tree::{Direction, KeyRange},
};
use blocks::Blocks;
use checkpoint::Checkpoint;
use filter::KeyHash;
use merge::{Cursor, Source};
use run::Run;
use sled::IVec;
use std::{
    collections::BTreeMap,
    fs, io,
    ops::Bound,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

/// Keys that a walk through a range takes at once. Few in tests, so that a walk has many ends.
const CHUNK: usize = if cfg!(test) { 3 } else { 256 };

/// A sorted map from keys to places in the log.
#[derive(Debug)]
pub(super) struct Index {
    dir: PathBuf,
    log: LogId,
    layers: RwLock<Layers>,
    blocks: Blocks,
    trust: Mutex<Trust>,
}

/// Whether a start may believe what is kept for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    Sound,
    /// Something was found to be wrong: the next start has to read the whole log.
    Lost,
}

#[derive(Debug, Default)]
struct Layers {
    small: BTreeMap<IVec, Place>,
    fresh: BTreeMap<IVec, Slot>,
    /// The newest first.
    runs: Arc<[Arc<Run>]>,
}

/// What an index that was kept knows of a log.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The first file that it does not know.
    pub(super) next: u64,
    pub(super) wanted_bytes: u64,
    pub(super) recent: Vec<[u8; 16]>,
}

/// Whether a key is always in memory.
pub(super) fn is_small(key: &[u8]) -> bool {
    !matches!(key.first(), Some(&(OVER | CLAIM)))
}

impl Index {
    /// An empty index in this directory, whatever was there before.
    ///
    /// # Errors
    /// [`StoreError::Open`].
    pub(super) fn create(dir: &Path, log: LogId, cache_bytes: u64) -> Result<Self, StoreError> {
        match fs::remove_dir_all(dir) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unusable(dir, &error)),
            Ok(()) | Err(_) => {}
        }
        super::disk::make_dir(dir).map_err(|error| unusable(dir, &error))?;
        Ok(Self::with(Layers::default(), dir, log, cache_bytes))
    }

    /// The index in this directory, when it is one of this log: of its files, the one that counts as the oldest, and what
    /// there is but the newest, with lengths.
    ///
    /// # Errors
    /// [`StoreError::Open`].
    pub(super) fn open(
        dir: &Path,
        log: LogId,
        oldest: u64,
        sealed: &BTreeMap<u64, u64>,
        cache_bytes: u64,
    ) -> Result<Option<(Self, Known)>, StoreError> {
        let read = || {
            let Some(checkpoint) = Checkpoint::read(dir)?.filter(|found| found.log == log) else {
                return Ok(None);
            };
            if oldest >= checkpoint.next
                || !checkpoint.files.range(oldest..).eq(sealed.range(..checkpoint.next))
            {
                return Ok(None);
            }
            let open = |of: &u64| Run::open(&run_path(dir, *of), log, *of);
            let runs: Option<Vec<_>> = checkpoint.runs.iter().rev().map(open).collect::<io::Result<_>>()?;
            let Some(runs) = runs else {
                return Ok(None);
            };
            remove_others(dir, &checkpoint.runs)?;
            let small = checkpoint.small_places().map(|(key, place)| (IVec::from(key), place)).collect();
            let runs = runs.into_iter().map(Arc::new).collect();
            let layers = Layers { small, fresh: BTreeMap::new(), runs };
            let index = Self::with(layers, dir, log, cache_bytes);
            let Checkpoint { next, wanted_bytes, recent, .. } = checkpoint;
            Ok(Some((index, Known { next, wanted_bytes, recent })))
        };
        read().map_err(|error| unusable(dir, &error))
    }

    fn with(layers: Layers, dir: &Path, log: LogId, cache_bytes: u64) -> Self {
        let (layers, blocks) = (RwLock::new(layers), Blocks::new(cache_bytes));
        Self { dir: dir.to_owned(), log, layers, blocks, trust: Mutex::new(Trust::Sound) }
    }

    /// The log that it is of.
    pub(super) fn log(&self) -> LogId {
        self.log
    }

    /// Where it lies.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the value of this key lies.
    ///
    /// # Errors
    /// When a run cannot be read.
    pub(super) fn get(&self, key: &[u8]) -> io::Result<Option<Place>> {
        Ok(self.last(key)?.and_then(Slot::value))
    }

    /// The last entry of this key, as far as it is remembered: not for good when it is a removal.
    ///
    /// # Errors
    /// When a run cannot be read.
    pub(super) fn last(&self, key: &[u8]) -> io::Result<Option<Slot>> {
        let layers = self.layers();
        if is_small(key) {
            return Ok(layers.small.get(key).copied().map(Slot::Value));
        }
        if let Some(slot) = layers.fresh.get(key) {
            return Ok(Some(*slot));
        }
        let runs = layers.runs.clone();
        drop(layers);
        let hash = KeyHash::of(key);
        for run in runs.iter() {
            let Some(number) = run.block_of(key, hash) else {
                continue;
            };
            let block = self.blocks.get((run.of(), number), || run.read(number))?;
            if let Some((_, slot)) = run::entries_of(&block).find(|(found, _)| block[found.clone()] == *key) {
                return Ok(Some(slot));
            }
        }
        Ok(None)
    }

    /// These are the last entries of their keys now, of several of one key the last one. How many bytes of the log
    /// are wanted since, and how many are not.
    ///
    /// # Errors
    /// When a run cannot be read.
    pub(super) fn set(&self, entries: Vec<(IVec, Slot)>) -> io::Result<(u64, u64)> {
        let mut befores = Vec::with_capacity(entries.len());
        for (key, _) in &entries {
            // Those that are in memory are known when they are replaced.
            befores.push(if is_small(key) { None } else { self.last(key)? });
        }
        let len_of = |place: Place| u64::from(place.position.len);
        let (mut wanted, mut freed) = (0, 0);
        let mut layers = self.layers_mut();
        for ((key, slot), before) in entries.into_iter().zip(befores) {
            let before = match (is_small(&key), slot) {
                (true, Slot::Value(place)) => layers.small.insert(key, place),
                (true, Slot::Removed(_)) => layers.small.remove(&key),
                // Of two entries of one key the second comes behind the first, whatever was before both.
                (false, _) => layers.fresh.insert(key, slot).or(before).and_then(Slot::value),
            };
            wanted += slot.value().map_or(0, len_of);
            freed += before.map_or(0, len_of);
        }
        Ok((wanted, freed))
    }

    /// A file of the log has ended: what it brought becomes a run. Nothing of it is durable yet.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn end_file(&self, of: u64) -> io::Result<()> {
        // Only the one who writes changes the layers, so these are the same until below.
        let run = {
            let layers = self.layers();
            let entries = layers.fresh.iter().map(|(key, slot)| (&key[..], *slot));
            Run::create(&run_path(&self.dir, of), self.log, of, entries)?
        };
        let mut layers = self.layers_mut();
        layers.fresh.clear();
        layers.runs = std::iter::once(Arc::new(run)).chain(layers.runs.iter().cloned()).collect();
        Ok(())
    }

    /// Notes what a start needs to know of these files of the log, each of which has ended, and of the state at the
    /// beginning of the next one; durable when it returns.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn keep(
        &self,
        files: BTreeMap<u64, u64>,
        next: u64,
        wanted_bytes: u64,
        recent: Vec<[u8; 16]>,
    ) -> io::Result<()> {
        let trust = self.trust.lock().unwrap_or_else(PoisonError::into_inner);
        if *trust == Trust::Lost {
            return Ok(());
        }
        let oldest = files.first_key_value().map_or(0, |(first, _)| *first);
        let (wanted, unwanted): (Vec<_>, Vec<_>) =
            self.layers().runs.iter().cloned().partition(|run| run.of() >= oldest);
        let names = wanted.iter().rev().map(|run| run.of()).collect();
        let small = self.layers().small.clone();
        let small = small.iter().map(|(key, place)| (key.to_vec(), *place));
        Checkpoint::new(self.log, files, next, names, small, wanted_bytes, recent).write(&self.dir)?;
        self.layers_mut().runs = wanted.into();
        for run in unwanted {
            fs::remove_file(run.path())?;
        }
        Ok(())
    }

    /// The next start is not to believe any of this, nor what would be kept for it from now on.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn distrust(&self) -> io::Result<()> {
        let mut trust = self.trust.lock().unwrap_or_else(PoisonError::into_inner);
        *trust = Trust::Lost;
        Checkpoint::remove(&self.dir)
    }

    /// The keys that are always in memory.
    pub(super) fn small(&self) -> BTreeMap<IVec, Place> {
        self.layers().small.clone()
    }

    /// The keys of a range that have a value, in this direction. All of a range are small, or none is.
    pub(super) fn range(&self, range: &KeyRange, direction: Direction) -> Walk<'_> {
        Walk { index: self, left: Some(range.clone()), direction, chunk: Vec::new().into_iter() }
    }

    /// The next keys of a range, and what is left of it.
    fn chunk(&self, range: &KeyRange, direction: Direction) -> io::Result<Chunk> {
        let layers = self.layers();
        let (fresh, is_all) = match is_small_range(range) {
            true => taken(
                layers.small.range(range.clone()).map(|(key, place)| (key, Slot::Value(*place))),
                direction,
            ),
            false => taken(layers.fresh.range(range.clone()).map(|(key, slot)| (key, *slot)), direction),
        };
        let runs = if is_small_range(range) { Arc::default() } else { layers.runs.clone() };
        drop(layers);
        let last_fresh = fresh.first().filter(|_| !is_all).map(|(key, _)| key.clone());
        let cursors = runs.iter().map(|run| Source::Run(Cursor::new(run.clone(), range, direction)));
        let mut sources: Vec<_> = std::iter::once(Source::Memory(fresh)).chain(cursors).collect();
        let mut places = Vec::new();
        while let Some((key, slot)) = merge::next(&mut sources, direction, &self.blocks)? {
            let is_last = places.len() + 1 == CHUNK || last_fresh.as_ref() == Some(&key);
            let left = is_last.then(|| rest(range, direction, &key));
            places.extend(merge::with_value((key, slot)));
            if left.is_some() {
                return Ok((places, left));
            }
        }
        Ok((places, None))
    }

    fn layers(&self) -> RwLockReadGuard<'_, Layers> {
        self.layers.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn layers_mut(&self) -> RwLockWriteGuard<'_, Layers> {
        self.layers.write().unwrap_or_else(PoisonError::into_inner)
    }
}

type Chunk = (Vec<(IVec, Place)>, Option<KeyRange>);

/// A walk through a range.
pub(super) struct Walk<'a> {
    index: &'a Index,
    left: Option<KeyRange>,
    direction: Direction,
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
            match self.index.chunk(&left, self.direction) {
                Ok((places, left)) => (self.chunk, self.left) = (places.into_iter(), left),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// The first of these in this direction, the last of them first, and whether they are all.
fn taken<'a>(
    entries: impl DoubleEndedIterator<Item = (&'a IVec, Slot)>,
    direction: Direction,
) -> (Vec<(IVec, Slot)>, bool) {
    let owned = entries.map(|(key, slot)| (key.clone(), slot));
    let mut taken: Vec<_> = match direction {
        Direction::Up => owned.take(CHUNK).collect(),
        Direction::Down => owned.rev().take(CHUNK).collect(),
    };
    taken.reverse();
    let is_all = taken.len() < CHUNK;
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

/// Removes runs that are not among these: a process was killed before it named or removed them.
fn remove_others(dir: &Path, runs: &[u64]) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let is_run = path.extension().is_some_and(|extension| extension == run::EXTENSION);
        if is_run && !runs.iter().any(|of| run_path(dir, *of) == path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn run_path(dir: &Path, of: u64) -> PathBuf {
    dir.join(format!("{of:020}.{}", run::EXTENSION))
}

fn unusable(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Open { path: path.to_owned(), reason: error.to_string() }
}
