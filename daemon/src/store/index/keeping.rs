//! What of an index outlives its process, and when a start believes it.

use super::{
    Index, Layers, Trust, Wanted,
    checkpoint::Checkpoint,
    run::{self, Run},
    run_path, unusable,
};
use crate::store::{StoreError, log::LogId};
use sled::IVec;
use std::{
    collections::BTreeMap,
    fs, io,
    path::Path,
    sync::{Arc, PoisonError},
};

/// What an index that was kept knows of a log.
#[derive(Debug, Default)]
pub(in crate::store) struct Known {
    /// The first file that it does not know.
    pub(in crate::store) next: u64,
    pub(in crate::store) wanted: Wanted,
    pub(in crate::store) recent: Vec<[u8; 16]>,
}

/// What lies in an index's directory. It is read without a look at the log, which may be read meanwhile.
#[derive(Debug)]
pub(in crate::store) struct Kept {
    checkpoint: Checkpoint,
    /// The newest first.
    runs: Vec<Run>,
}

impl Kept {
    /// Reads it; none when there is nothing, or something else.
    ///
    /// # Errors
    /// [`StoreError::Open`].
    pub(in crate::store) fn read(dir: &Path) -> Result<Option<Self>, StoreError> {
        let read = || {
            let Some(checkpoint) = Checkpoint::read(dir)? else {
                return Ok(None);
            };
            let open = |of: &u64| Run::open(&run_path(dir, *of), checkpoint.log, *of);
            let runs: Option<Vec<_>> = checkpoint.runs.iter().rev().map(open).collect::<io::Result<_>>()?;
            Ok(runs.map(|runs| Self { checkpoint, runs }))
        };
        read().map_err(|error| unusable(dir, &error))
    }

    /// Whether it is of this log: of its files, the one that counts as the oldest, and what there is but the newest, with
    /// lengths.
    fn is_of(&self, log: LogId, oldest: u64, sealed: &BTreeMap<u64, u64>) -> bool {
        let Checkpoint { log: own, files, next, .. } = &self.checkpoint;
        *own == log && files.contains_key(&oldest) && files.range(oldest..).eq(sealed.range(..*next))
    }
}

impl Index {
    /// The index that was kept in this directory, when it is one of this log: see [`Kept::is_of`].
    ///
    /// # Errors
    /// [`StoreError::Open`].
    pub(in crate::store) fn open(
        dir: &Path,
        kept: Option<Kept>,
        log: LogId,
        oldest: u64,
        sealed: &BTreeMap<u64, u64>,
        cache_bytes: u64,
    ) -> Result<Option<(Self, Known)>, StoreError> {
        let Some(Kept { checkpoint, runs }) = kept.filter(|kept| kept.is_of(log, oldest, sealed)) else {
            return Ok(None);
        };
        remove_others(dir, &checkpoint.runs).map_err(|error| unusable(dir, &error))?;
        let small = checkpoint.small_places().map(|(key, place)| (IVec::from(key), place)).collect();
        let runs = runs.into_iter().map(Arc::new).collect();
        let layers = Layers { small, fresh: BTreeMap::new(), runs };
        let index = Self::with(layers, dir, log, cache_bytes);
        let Checkpoint { next, wanted, recent, .. } = checkpoint;
        Ok(Some((index, Known { next, wanted, recent })))
    }

    /// Notes what a start needs to know of these files of the log, each of which has ended, and of the state at the
    /// beginning of the next one; durable when it returns.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(in crate::store) fn keep(
        &self,
        files: BTreeMap<u64, u64>,
        next: u64,
        wanted: &Wanted,
        recent: Vec<[u8; 16]>,
    ) -> io::Result<()> {
        let trust = self.trust.lock().unwrap_or_else(PoisonError::into_inner);
        if *trust == Trust::Lost {
            return Ok(());
        }
        let oldest = files.first_key_value().map_or(0, |(first, _)| *first);
        let (needed, unneeded): (Vec<_>, Vec<_>) =
            self.layers().runs.iter().cloned().partition(|run| run.of() >= oldest);
        let names = needed.iter().rev().map(|run| run.of()).collect();
        let small = self.layers().small.clone();
        let small = small.iter().map(|(key, place)| (key.to_vec(), *place));
        Checkpoint::new(self.log, files, next, names, small, wanted.clone(), recent).write(&self.dir)?;
        self.layers_mut().runs = needed.into();
        for run in unneeded {
            fs::remove_file(run.path())?;
        }
        Ok(())
    }

    /// The next start is not to believe any of this, nor what would be kept for it from now on.
    ///
    /// # Errors
    /// When the system refuses.
    pub(in crate::store) fn distrust(&self) -> io::Result<()> {
        let mut trust = self.trust.lock().unwrap_or_else(PoisonError::into_inner);
        *trust = Trust::Lost;
        Checkpoint::remove(&self.dir)
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
