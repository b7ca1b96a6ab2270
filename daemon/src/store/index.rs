//! Where the log has the last entry of each key: sled, made anew from the log at every start.
//!
//! Nothing is lost with it, so nothing of it is synced, and what sled makes of a crash does not matter.

use super::{StoreError, log::Position, tree::KeyRange};
use orderd_sdk::timestamp::Timestamp;
use sled::IVec;
use std::{
    fs, io,
    panic::{self, AssertUnwindSafe},
    path::Path,
    thread,
    time::Duration,
};

/// How often, and how far apart, sled is opened while its own lock is held.
const OPEN_TRIES: u32 = 250;
const OPEN_PAUSE: Duration = Duration::from_millis(20);
/// What sled says then.
const SLED_LOCKED: &str = "could not acquire lock";
/// sled frees space on this beat only.
const FLUSH_EVERY_MS: u64 = 500;

/// Where the log has the last entry of a key, and the time of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) position: Position,
    pub(super) at: Timestamp,
}

/// A sorted map from keys to places in the log.
#[derive(Debug)]
pub(super) struct Index(sled::Db);

impl Index {
    /// An empty index in this directory, whatever was there before.
    ///
    /// # Errors
    /// [`StoreError::Open`].
    pub(super) fn create(path: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        let unusable =
            |error: io::Error| StoreError::Open { path: path.to_owned(), reason: error.to_string() };
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unusable(error)),
            Ok(()) | Err(_) => {}
        }
        let config =
            sled::Config::new().path(path).cache_capacity(cache_bytes).flush_every_ms(Some(FLUSH_EVERY_MS));
        open_sled(&config).map(Self).map_err(unusable)
    }

    /// Where the entry of this key lies.
    ///
    /// # Errors
    /// When sled fails.
    pub(super) fn get(&self, key: &[u8]) -> io::Result<Option<Place>> {
        let found = fenced(|| self.0.get(key))?;
        found.map(|bytes| decode(&bytes)).transpose()
    }

    /// Notes where the entry of this key lies now, or that there is none; where it lay before.
    ///
    /// # Errors
    /// When sled fails.
    pub(super) fn set(&self, key: &[u8], place: Option<Place>) -> io::Result<Option<Place>> {
        let before = fenced(|| match place {
            Some(place) => self.0.insert(key, &encode(place)),
            None => self.0.remove(key),
        })?;
        before.map(|bytes| decode(&bytes)).transpose()
    }

    /// The keys of a range and where their entries lie.
    pub(super) fn range(
        &self,
        range: &KeyRange,
    ) -> impl DoubleEndedIterator<Item = io::Result<(IVec, Place)>> + use<> {
        self.0.range::<IVec, _>(range.clone()).map(|found| {
            let (key, bytes) = found?;
            Ok((key, decode(&bytes)?))
        })
    }
}

/// Opens sled, whose own lock may be held a moment longer: by threads of an instance that this process has just
/// dropped, or by a child process between its fork and its exec. Nobody else is there, as the data directory is
/// locked.
fn open_sled(config: &sled::Config) -> io::Result<sled::Db> {
    for _ in 1..OPEN_TRIES {
        match fenced(|| config.open()) {
            Err(error) if error.to_string().contains(SLED_LOCKED) => thread::park_timeout(OPEN_PAUSE),
            opened => return opened,
        }
    }
    fenced(|| config.open())
}

/// sled asserts what it believes of its files and of the disk. A panic of it is an error like any other here.
fn fenced<R>(call: impl FnOnce() -> sled::Result<R>) -> io::Result<R> {
    match panic::catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(io::Error::from),
        Err(_) => Err(io::Error::other("sled has panicked")),
    }
}

const ENCODED: usize = 28;

fn encode(Place { position, at }: Place) -> [u8; ENCODED] {
    let mut bytes = [0; ENCODED];
    bytes[..8].copy_from_slice(&position.file.to_be_bytes());
    bytes[8..16].copy_from_slice(&position.offset.to_be_bytes());
    bytes[16..24].copy_from_slice(&at.0.to_be_bytes());
    bytes[24..].copy_from_slice(&position.len.to_be_bytes());
    bytes
}

fn decode(bytes: &[u8]) -> io::Result<Place> {
    let whole: [u8; ENCODED] =
        bytes.try_into().map_err(|_| io::Error::other("the index does not hold a place in the log"))?;
    let number = |start: usize| u64::from_be_bytes(std::array::from_fn(|index| whole[start + index]));
    let len = u32::from_be_bytes(std::array::from_fn(|index| whole[24 + index]));
    let position = Position { file: number(0), offset: number(8), len };
    Ok(Place { position, at: Timestamp(number(16)) })
}
