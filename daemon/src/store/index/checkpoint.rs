//! What is known of the log up to the end of one of its files: all that a start needs of it, besides the runs.
//!
//! It is written when a file of the log has ended and its run is durable, under another name, and then gets its own: it
//! is there as a whole or not, and never names a run that is not there.

use super::place::Place;
use crate::store::log::{LogId, Position};
use orderd_sdk::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

const FILE: &str = "checkpoint";
const NEW: &str = "checkpoint.new";
/// Raised with every change of the format of this file or of runs.
const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    version: u32,
    pub(super) log: LogId,
    /// The files of the log that it tells of, with their lengths.
    pub(super) files: BTreeMap<u64, u64>,
    /// The file that follows them.
    pub(super) next: u64,
    /// The runs, each by its file of the log.
    pub(super) runs: Vec<u64>,
    /// The keys that are in no run.
    pub(super) small: Vec<(Vec<u8>, PlaceLine)>,
    pub(super) wanted_bytes: u64,
    /// What is remembered of the order of writes, as its owner wrote it down.
    pub(super) recent: Vec<[u8; 16]>,
}

/// A place, with a number for each of its parts.
type PlaceLine = (u64, u64, u32, u64);

impl Checkpoint {
    pub(super) fn new(
        log: LogId,
        files: BTreeMap<u64, u64>,
        next: u64,
        runs: Vec<u64>,
        small: impl Iterator<Item = (Vec<u8>, Place)>,
        wanted_bytes: u64,
        recent: Vec<[u8; 16]>,
    ) -> Self {
        let line = |Place { position, at }| (position.file, position.offset, position.len, at.0);
        let small = small.map(|(key, place)| (key, line(place))).collect();
        Self { version: VERSION, log, files, next, runs, small, wanted_bytes, recent }
    }

    /// Writes it, durably.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn write(&self, dir: &Path) -> io::Result<()> {
        let bytes = postcard::to_allocvec(self).map_err(io::Error::other)?;
        let mut file = File::create(dir.join(NEW))?;
        file.write_all(&bytes)?;
        file.write_all(&crc32fast::hash(&bytes).to_le_bytes())?;
        file.sync_all()?;
        // Before the name: the runs that it speaks of have theirs for good.
        File::open(dir)?.sync_all()?;
        fs::rename(dir.join(NEW), dir.join(FILE))?;
        File::open(dir)?.sync_all()
    }

    /// What was written; none when there is nothing, or something else.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn read(dir: &Path) -> io::Result<Option<Self>> {
        let bytes = match fs::read(dir.join(FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read?,
        };
        let Some((bytes, crc)) = bytes.split_last_chunk::<4>() else {
            return Ok(None);
        };
        if crc32fast::hash(bytes) != u32::from_le_bytes(*crc) {
            return Ok(None);
        }
        let checkpoint: Option<Self> = postcard::from_bytes(bytes).ok();
        Ok(checkpoint.filter(|checkpoint| checkpoint.version == VERSION))
    }

    /// Takes it away: the next start reads the whole log.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn remove(dir: &Path) -> io::Result<()> {
        match fs::remove_file(dir.join(FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.and_then(|()| File::open(dir)?.sync_all()),
        }
    }

    /// The keys that are in no run.
    pub(super) fn small_places(&self) -> impl Iterator<Item = (&[u8], Place)> {
        self.small.iter().map(|(key, (file, offset, len, at))| {
            let position = Position { file: *file, offset: *offset, len: *len };
            (key.as_slice(), Place { position, at: Timestamp(*at) })
        })
    }
}
