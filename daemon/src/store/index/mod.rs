//! Where the log has the last entry of each key.
//!
//! Keys that come and go with the work at hand, live orders and lanes, are in memory. Of the others, what was written
//! since the newest file of the log was begun is in memory; when that file ends it becomes a [`run`], which never
//! changes: there is one for each file of the log, and a key is looked for from the newest to the oldest. A
//! [`checkpoint`] then says what a start would else have to read all of those files for.
//!
//! Nothing here counts: all of it can be made of the log again, and is, when anything does not fit.

mod blocks;
mod catalogue;
mod checkpoint;
mod filter;
mod keeping;
mod merge;
mod place;
mod replay;
mod run;
#[cfg(test)]
mod tests;
mod walk;
mod wanted;

pub(super) use keeping::{Kept, Known};
pub(super) use place::{Place, Slot};
pub(super) use replay::{Indexed, Indexing, Newest};
pub(super) use wanted::Wanted;

use super::{
    StoreError,
    log::LogId,
    records::{CLAIM, OVER},
};
use blocks::Blocks;
use filter::KeyHash;
use run::Run;
use sled::IVec;
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

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
        let found = runs.iter().map(|run| self.last_in(run, key, hash)).find_map(Result::transpose);
        found.transpose()
    }

    /// The last entries of these keys, which are in order, and none of which is small. Run by run: of one everything stays in
    /// the processor's cache that says of most keys that they are not there, and orders that came later need no look.
    fn lasts(&self, entries: &[(IVec, Slot)]) -> io::Result<Vec<Option<Slot>>> {
        let layers = self.layers();
        let mut lasts: Vec<_> = entries.iter().map(|(key, _)| layers.fresh.get(key).copied()).collect();
        let runs = layers.runs.clone();
        drop(layers);
        let hashes: Vec<_> = entries.iter().map(|(key, _)| KeyHash::of(key)).collect();
        for run in runs.iter() {
            let end = entries.partition_point(|(key, _)| &key[..] <= run.last_key());
            run.prepare_for(end);
            for (((key, _), hash), last) in entries[..end].iter().zip(&hashes).zip(&mut lasts) {
                if last.is_none() {
                    *last = self.last_in(run, key, *hash)?;
                }
            }
        }
        Ok(lasts)
    }

    /// The entry of this key in a run.
    fn last_in(&self, run: &Run, key: &[u8], hash: KeyHash) -> io::Result<Option<Slot>> {
        let Some(number) = run.block_of(key, hash) else {
            return Ok(None);
        };
        let block = self.blocks.get((run.of(), number), || run.read(number))?;
        let found = run::entries_of(&block).find(|(found, _)| block[found.clone()] == *key);
        Ok(found.map(|(_, slot)| slot))
    }

    /// These are the last entries of their keys now, of several of one key the last one; and what is wanted of the log
    /// changes with them.
    ///
    /// # Errors
    /// When a run cannot be read.
    pub(super) fn set(&self, entries: Vec<(IVec, Slot)>, wanted: &mut Wanted) -> io::Result<()> {
        let mut befores = Vec::with_capacity(entries.len());
        for (key, _) in &entries {
            // Those that are in memory are known when they are replaced.
            befores.push(if is_small(key) { None } else { self.last(key)? });
        }
        let mut layers = self.layers_mut();
        for ((key, slot), before) in entries.into_iter().zip(befores) {
            let before = match (is_small(&key), slot) {
                (true, Slot::Value(place)) => layers.small.insert(key, place),
                (true, Slot::Removed(_)) => layers.small.remove(&key),
                // Of two entries of one key the second comes behind the first, whatever was before both.
                (false, _) => layers.fresh.insert(key, slot).or(before).and_then(Slot::value),
            };
            slot.value().into_iter().for_each(|place| wanted.add(place));
            before.into_iter().for_each(|place| wanted.remove(place));
        }
        Ok(())
    }

    /// The same of a whole file of the log, but for keys that are always in memory: each once, and in order.
    ///
    /// # Errors
    /// When a run cannot be read.
    pub(super) fn set_sorted(&self, entries: Vec<(IVec, Slot)>, wanted: &mut Wanted) -> io::Result<()> {
        for ((_, slot), before) in entries.iter().zip(self.lasts(&entries)?) {
            before.and_then(Slot::value).into_iter().for_each(|place| wanted.remove(place));
            slot.value().into_iter().for_each(|place| wanted.add(place));
        }
        // A map is made of what is in order at once, not key by key.
        let mut entries = entries.into_iter().collect();
        self.layers_mut().fresh.append(&mut entries);
        Ok(())
    }

    /// How many keys there are in memory that the next run will have.
    pub(super) fn fresh_keys(&self) -> usize {
        self.layers().fresh.len()
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

    /// What is wanted of the log, counted anew.
    #[cfg(test)]
    pub(super) fn counted(&self) -> Wanted {
        use super::tree::{Direction, all_of};
        let mut wanted = Wanted::default();
        for kind in [OVER, CLAIM] {
            self.range(&all_of(kind), Direction::Up).for_each(|found| wanted.add(found.unwrap().1));
        }
        self.layers().small.values().for_each(|place| wanted.add(*place));
        wanted
    }

    /// The keys that are always in memory.
    pub(super) fn small(&self) -> BTreeMap<IVec, Place> {
        self.layers().small.clone()
    }

    fn layers(&self) -> RwLockReadGuard<'_, Layers> {
        self.layers.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn layers_mut(&self) -> RwLockWriteGuard<'_, Layers> {
        self.layers.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an index in this directory was kept.
#[cfg(test)]
pub(super) fn has_checkpoint(dir: &Path) -> bool {
    checkpoint::Checkpoint::read(dir).is_ok_and(|checkpoint| checkpoint.is_some())
}

fn run_path(dir: &Path, of: u64) -> PathBuf {
    dir.join(format!("{of:020}.{}", run::EXTENSION))
}

fn unusable(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Open { path: path.to_owned(), reason: error.to_string() }
}
