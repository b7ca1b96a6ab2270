//! The data directory: its lock, sled inside of it, and what makes a write survive a loss of power.
//!
//! sled says that its `flush` reaches stable storage. On Linux it calls `sync_file_range`, which neither
//! empties the drive's cache nor writes the file's length; its blob files are not synced at all. So everything
//! that sled wrote is synced here once more, by its path.

use super::{
    StoreError,
    tree::{Batch, Direction, KeyRange, Tree, Visitor},
};
#[cfg(feature = "crash-points")]
use crate::telemetry::crash::WritePoint;
use sled::IVec;
use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs::{self, File, OpenOptions, TryLockError},
    io,
    ops::ControlFlow,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
    time::Duration,
};

const LOCK_FILE: &str = "orderd.lock";
const SLED_DIR: &str = "orders";
/// sled's log, its parameters, and its directory of values that are too large for the log.
const LOG_FILE: &str = "db";
const CONFIG_FILE: &str = "conf";
const BLOB_DIR: &str = "blobs";
/// sled's unit of space. It cannot change once a directory exists. A leaf of sixteen orders that is larger than
/// a quarter of it becomes a blob, which costs two more syncs.
const SEGMENT_BYTES: usize = 2 << 20;
/// How often, and how far apart, sled is opened while its own lock is held.
const OPEN_TRIES: u32 = 250;
const OPEN_PAUSE: Duration = Duration::from_millis(20);
/// What sled says then.
const SLED_LOCKED: &str = "could not acquire lock";
/// sled frees space on this beat only.
const FLUSH_EVERY_MS: u64 = 500;

/// A data directory that this process has for itself.
#[derive(Debug)]
pub(super) struct DataDir {
    path: PathBuf,
    /// Released when it is closed, also by the death of the process.
    lock: File,
}

impl DataDir {
    /// Makes the directory if need be and locks it.
    ///
    /// # Errors
    /// [`StoreError::Locked`] or [`StoreError::Open`].
    pub(super) fn lock(path: PathBuf) -> Result<Self, StoreError> {
        make_dir(&path).map_err(|error| unusable(&path, error))?;
        let file = path.join(LOCK_FILE);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&file);
        let lock = lock.map_err(|error| unusable(&file, error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, lock }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked(path)),
            Err(TryLockError::Error(error)) => Err(unusable(&file, error)),
        }
    }

    /// Opens sled in the directory.
    ///
    /// # Errors
    /// [`StoreError::Open`].
    pub(super) fn open_tree(self, cache_bytes: u64) -> Result<SledTree, StoreError> {
        let path = self.path.join(SLED_DIR);
        make_dir(&path).map_err(|error| unusable(&path, error))?;
        let config = sled::Config::new()
            .path(&path)
            .cache_capacity(cache_bytes)
            .segment_size(SEGMENT_BYTES)
            .flush_every_ms(Some(FLUSH_EVERY_MS));
        let db = open_sled(&config).map_err(|error| unusable(&path, error))?;
        let log = sync_new(&path).map_err(|error| unusable(&path, error))?;
        Ok(SledTree { db, log, blobs: path.join(BLOB_DIR), synced_blobs: Mutex::default(), _lock: self.lock })
    }
}

/// Opens sled, whose own lock may be held a moment longer: by threads of an instance that this process has just
/// dropped, or by a child process between its fork and its exec. Nobody else is there, as [`LOCK_FILE`] is ours.
fn open_sled(config: &sled::Config) -> io::Result<sled::Db> {
    for _ in 1..OPEN_TRIES {
        match fenced(|| config.open()) {
            Err(error) if error.to_string().contains(SLED_LOCKED) => thread::park_timeout(OPEN_PAUSE),
            opened => return opened,
        }
    }
    fenced(|| config.open())
}

/// sled, whose writes are made durable.
#[derive(Debug)]
pub(super) struct SledTree {
    db: sled::Db,
    log: File,
    blobs: PathBuf,
    synced_blobs: Mutex<BTreeSet<OsString>>,
    // Dropped last: sled still writes while it is dropped.
    _lock: File,
}

impl SledTree {
    fn write(&self, batch: sled::Batch) -> io::Result<()> {
        fenced(|| self.db.apply_batch(batch))?;
        #[cfg(feature = "crash-points")]
        WritePoint::Applied.pass();
        fenced(|| self.db.flush())?;
        #[cfg(feature = "crash-points")]
        WritePoint::Flushed.pass();
        self.sync()?;
        #[cfg(feature = "crash-points")]
        WritePoint::Synced.pass();
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_blobs()?;
        self.log.sync_data()
    }

    /// Syncs the blobs that were not there the last time.
    fn sync_blobs(&self) -> io::Result<()> {
        let present = fs::read_dir(&self.blobs)?
            .map(|entry| entry.map(|entry| entry.file_name()))
            .collect::<io::Result<BTreeSet<_>>>()?;
        let mut synced = self.synced_blobs.lock().expect("nothing panics while it has the set");
        if present.is_subset(&synced) {
            *synced = present;
            return Ok(());
        }
        for name in present.difference(&synced) {
            sync_if_there(&self.blobs.join(name))?;
        }
        *synced = present;
        drop(synced);
        sync_file(&self.blobs)
    }
}

impl Tree for SledTree {
    fn get(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        self.db.get(key).map_err(|error| unreadable(key, &error))
    }

    fn scan(
        &self,
        range: &KeyRange,
        direction: Direction,
        visit: &mut Visitor<'_>,
    ) -> Result<(), StoreError> {
        let mut entries = self.db.range::<IVec, _>(range.clone());
        loop {
            let entry = match direction {
                Direction::Up => entries.next(),
                Direction::Down => entries.next_back(),
            };
            let Some(entry) = entry else {
                return Ok(());
            };
            let (key, value) = entry.map_err(|error| unreadable(b"", &error))?;
            if let ControlFlow::Break(()) = visit(&key, &value)? {
                return Ok(());
            }
        }
    }

    fn apply(&self, writes: Batch) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        for (key, value) in writes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        self.write(batch).map_err(|error| StoreError::Write(error.to_string()))
    }
}

/// sled asserts what it believes of its files and of the disk. A panic of it is an error like any other here.
fn fenced<R>(call: impl FnOnce() -> sled::Result<R>) -> io::Result<R> {
    match panic::catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(io::Error::from),
        Err(_) => Err(io::Error::other("sled has panicked")),
    }
}

/// Makes a directory and everything above it, and makes that durable.
fn make_dir(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    make_dir(parent)?;
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        Ok(()) | Err(_) => sync_file(parent),
    }
}

/// Makes durable what sled may just have created; the handle of its log.
fn sync_new(path: &Path) -> io::Result<File> {
    sync_file(&path.join(CONFIG_FILE))?;
    let log = OpenOptions::new().read(true).write(true).open(path.join(LOG_FILE))?;
    log.sync_all()?;
    sync_file(&path.join(BLOB_DIR))?;
    sync_file(path)?;
    Ok(log)
}

fn sync_file(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// sled removes blobs while it frees space.
fn sync_if_there(path: &Path) -> io::Result<()> {
    match sync_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn unusable(path: &Path, error: impl ToString) -> StoreError {
    StoreError::Open { path: path.to_owned(), reason: error.to_string() }
}

fn unreadable(key: &[u8], error: &sled::Error) -> StoreError {
    super::records::Subject::Key(key).corrupt(error)
}
