//! What is known of the log up to the end of one of its files: all that a start needs of it, besides the runs.
//!
//! It is written when a file of the log has ended and its run is durable, as a [`catalogue`]: it is there as a whole or
//! not, and never names a run that is not there.

use super::{catalogue, place::Place, wanted::Wanted};
use crate::store::log::{LogId, Position};
use orderd_sdk::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use sled::IVec;
use std::{collections::BTreeMap, fs::File, io, path::Path};

/// Raised with every change of the format of this or of runs.
const VERSION: u32 = 2;
/// The key of everything but the keys that are in no run, which follow the byte after it.
const HEAD: &[u8] = b"h";
const SMALL: u8 = b's';

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
    pub(super) wanted: Wanted,
    /// What is remembered of the order of writes, as its owner wrote it down.
    pub(super) recent: Vec<[u8; 16]>,
    /// The keys that are in no run.
    #[serde(skip)]
    pub(super) small: Vec<(Vec<u8>, PlaceLine)>,
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
        wanted: Wanted,
        recent: Vec<[u8; 16]>,
    ) -> Self {
        let line = |Place { position, at }| (position.file, position.offset, position.len, at.0);
        let small = small.map(|(key, place)| (key, line(place))).collect();
        Self { version: VERSION, log, files, next, runs, small, wanted, recent }
    }

    /// Writes it, durably.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn write(&self, dir: &Path) -> io::Result<()> {
        let encoded = |value: postcard::Result<Vec<u8>>| value.map(IVec::from).map_err(io::Error::other);
        let mut contents = vec![(IVec::from(HEAD), encoded(postcard::to_allocvec(self))?)];
        for (key, line) in &self.small {
            contents.push((IVec::from([&[SMALL], &key[..]].concat()), encoded(postcard::to_allocvec(line))?));
        }
        // The runs that it speaks of have their names for good before it is there.
        File::open(dir)?.sync_all()?;
        catalogue::write(dir, self.next, &contents)
    }

    /// What was written; none when there is nothing, or something else.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn read(dir: &Path) -> io::Result<Option<Self>> {
        Ok(catalogue::read(dir)?.and_then(|contents| Self::decode(&contents)))
    }

    fn decode(contents: &catalogue::Contents) -> Option<Self> {
        let ((_, head), small) = contents.split_first().filter(|((key, _), _)| key == HEAD)?;
        let checkpoint: Self = postcard::from_bytes(head).ok()?;
        let line =
            |(key, line): &(IVec, IVec)| Some((key.get(1..)?.to_vec(), postcard::from_bytes(line).ok()?));
        let small = small.iter().map(line).collect::<Option<_>>()?;
        Some(Self { small, ..checkpoint }).filter(|checkpoint| checkpoint.version == VERSION)
    }

    /// Takes it away: the next start reads the whole log.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn remove(dir: &Path) -> io::Result<()> {
        catalogue::remove_all(dir)
    }

    /// The keys that are in no run.
    pub(super) fn small_places(&self) -> impl Iterator<Item = (&[u8], Place)> {
        self.small.iter().map(|(key, (file, offset, len, at))| {
            let position = Position { file: *file, offset: *offset, len: *len };
            (key.as_slice(), Place { position, at: Timestamp(*at) })
        })
    }
}
