//! The data directory: its lock, and the tree in it, which is a log and an index of it.

use super::{
    StoreError,
    audit::{Believed, Proof},
    disk_writer::DiskWriter,
    index::{Index, Indexed, Indexing, Kept, Known, Newest, Place},
    log::{self, Entries, Entry, Files, Position},
    port::Left,
    reading::Reading,
    recent::Recent,
    reclaim::Reclaim,
    records::{self, LIVE, OVER, Subject},
    tree::{Batch, Direction, KeyRange, TimeVisitor, Tree, Visitor},
};
use orderd_sdk::timestamp::Timestamp;
use sled::IVec;
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    ops::ControlFlow,
    panic,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

const LOCK_FILE: &str = "orderd.lock";
/// How often, and how far apart, a directory is locked that somebody has: a process that is just ending, or a reader of a
/// store that this one has just dropped.
const LOCK_TRIES: u32 = 50;
const LOCK_PAUSE: Duration = Duration::from_millis(20);
const INDEX_DIR: &str = "index";
/// Reads what is there of an index while the log is read.
const INDEX_THREAD: &str = "store-index";
/// Where orders were before there was a log.
const EARLIER_DIR: &str = "orders";
/// How often an entry is looked for that moves while it is read.
const READ_TRIES: u32 = 100;

/// A data directory that this process has for itself.
#[derive(Debug)]
pub(super) struct DataDir {
    path: PathBuf,
    /// Released when it is closed, also by the death of the process.
    lock: File,
}

impl DataDir {
    /// Makes the directory if need be and locks it. Whoever has it is waited for, but no longer than a second.
    ///
    /// # Errors
    /// [`StoreError::Locked`] or [`StoreError::Open`].
    pub(super) fn lock(path: PathBuf) -> Result<Self, StoreError> {
        make_dir(&path).map_err(|error| unusable(&path, error))?;
        let file = path.join(LOCK_FILE);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&file);
        let lock = lock.map_err(|error| unusable(&file, error))?;
        for _ in 0..LOCK_TRIES {
            match lock.try_lock() {
                Ok(()) => return Ok(Self { path, lock }),
                Err(TryLockError::WouldBlock) => thread::park_timeout(LOCK_PAUSE),
                Err(TryLockError::Error(error)) => return Err(unusable(&file, error)),
            }
        }
        Err(StoreError::Locked(path))
    }

    /// Locks a directory that is only read; none when there is no store in it.
    ///
    /// # Errors
    /// [`StoreError::Locked`] or [`StoreError::Open`].
    pub(super) fn lock_to_read(path: &Path) -> Result<Option<Self>, StoreError> {
        if !log::is_there(path).map_err(|error| unusable(path, error))? {
            return Ok(None);
        }
        let file = path.join(LOCK_FILE);
        // Without the file nobody has the lock, and the directory may not be one that it can be made in.
        let lock = File::open(&file).or_else(|_| File::open(path)).map_err(|error| unusable(&file, error))?;
        match lock.try_lock_shared() {
            Ok(()) => Ok(Some(Self { path: path.to_owned(), lock })),
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked(path.to_owned())),
            Err(TryLockError::Error(error)) => Err(unusable(&file, error)),
        }
    }

    /// Reads what can be read of the log, and tells what cannot.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn read_what_can_be_read(
        &self,
        tell: &mut dyn FnMut(log::Damage),
    ) -> Result<Reading, StoreError> {
        Reading::open(&self.path, tell)
    }

    /// Opens the tree, and tells which orders were written last. What an index that was kept knows of the log is not
    /// read again.
    ///
    /// # Errors
    /// [`StoreError::Open`] or [`StoreError::Damaged`].
    pub(super) fn open_tree(
        self,
        cache_bytes: u64,
        file_bytes: u64,
    ) -> Result<(DiskTree, Recent), StoreError> {
        let earlier = self.path.join(EARLIER_DIR);
        if earlier.exists() {
            let reason = "it is a store of an earlier version, which cannot be read".to_owned();
            return Err(StoreError::Open { path: earlier, reason });
        }
        let place = self.path.join(INDEX_DIR);
        let mut newest = Newest::default();
        let (found, kept) = thread::scope(|scope| {
            let reading = thread::Builder::new().name(INDEX_THREAD.to_owned());
            let reading = reading.spawn_scoped(scope, || Kept::read(&place));
            let reading = reading.map_err(|error| unusable(&place, error))?;
            let found = log::find(&self.path, &mut |entry, position| newest.take(&entry, position))?;
            let kept = reading.join().unwrap_or_else(|panic| panic::resume_unwind(panic))?;
            Ok::<_, StoreError>((found, kept))
        })?;
        let sealed = found.sealed()?;
        let (id, oldest) = (found.id(), found.oldest());
        let (index, known) = match Index::open(&place, kept, id, oldest, &sealed, cache_bytes)? {
            Some((index, known)) => (index, known),
            None => (Index::create(&place, found.id(), cache_bytes)?, Known::default()),
        };
        let believed = Believed {
            files: sealed.into_keys().filter(|first| *first < known.next).collect(),
            next: known.next,
            small: index.small(),
        };
        let mut indexing = Indexing::new(&index, known.wanted, Recent::of(known.recent));
        let log = found.open(file_bytes, known.next, &mut |entry, position| {
            indexing.take(&entry, position).map_err(|error| unusable(&place, error))
        })?;
        let Indexed { wanted, recent } =
            indexing.finish(newest, &log, known.next).map_err(|error| unusable(&place, error))?;
        let files = log.files().clone();
        let (reclaim, entries) = (Reclaim::default(), Entries::default());
        let writer = DiskWriter { log, wanted, recent: recent.clone(), reclaim, entries };
        let writer = Mutex::new(writer);
        Ok((DiskTree { index, believed, files, writer, _lock: self.lock }, recent))
    }
}

/// The last value of every key, in the log.
#[derive(Debug)]
pub(super) struct DiskTree {
    index: Index,
    believed: Believed,
    files: Arc<Files>,
    writer: Mutex<DiskWriter>,
    // Dropped last.
    _lock: File,
}

/// Is shown a key and its place.
type PlaceVisitor<'a> = dyn FnMut(&[u8], Place) -> Result<ControlFlow<()>, StoreError> + 'a;

impl DiskTree {
    /// The value of a key whose entry was here a moment ago.
    fn read(&self, key: &[u8], mut position: Position) -> Result<Option<IVec>, StoreError> {
        for _ in 0..READ_TRIES {
            let bytes = self.files.read(position).map_err(|error| self.unreadable(key, &error))?;
            let entry = bytes.as_deref().map(Entry::decode);
            match entry {
                Some(Some((entry, _))) if entry.key == key => return Ok(entry.value.map(IVec::from)),
                Some(_) => return Err(self.damaged(key, position)),
                // The entry was moved on, and its file is gone.
                None => match self.index.get(key).map_err(|error| self.unreadable(key, &error))? {
                    Some(now) => position = now.position,
                    None => return Ok(None),
                },
            }
        }
        Err(subject(key).corrupt("it moves faster than it can be read"))
    }

    /// Proves what the start has believed, and tells how many bytes it has read for it at a time, until it is told to
    /// stop.
    ///
    /// # Errors
    /// What is wrong; the next start reads the whole log then.
    pub(super) fn prove(&self, spend: &mut dyn FnMut(usize) -> ControlFlow<()>) -> Result<(), log::Damage> {
        Proof::new(&self.believed, &self.index, &self.files).run(spend).inspect_err(|_| self.distrust())
    }

    #[cfg(test)]
    pub(super) fn wanted(&self) -> super::index::Wanted {
        self.writer.lock().unwrap().wanted.clone()
    }

    /// The same, counted anew.
    #[cfg(test)]
    pub(super) fn counted(&self) -> super::index::Wanted {
        self.index.counted()
    }

    /// As if so many bytes were wanted of the oldest file of the log, which is this one.
    #[cfg(test)]
    pub(super) fn miscount(&self, bytes: u64) -> u64 {
        let mut writer = self.writer.lock().unwrap();
        let oldest = writer.log.oldest();
        writer.wanted.plant(oldest, bytes);
        oldest
    }

    /// The next start reads the whole log.
    fn distrust(&self) {
        // When even this is refused, the next start believes as this one has, and finds out as this one did.
        self.index.distrust().ok();
    }

    fn places(
        &self,
        range: &KeyRange,
        direction: Direction,
        visit: &mut PlaceVisitor<'_>,
    ) -> Result<(), StoreError> {
        for place in self.index.range(range, direction) {
            let (key, place) = place.map_err(|error| self.unreadable(b"", &error))?;
            if let ControlFlow::Break(()) = visit(&key, place)? {
                return Ok(());
            }
        }
        Ok(())
    }

    fn unreadable(&self, key: &[u8], error: &io::Error) -> StoreError {
        self.distrust();
        subject(key).corrupt(error)
    }

    fn damaged(&self, key: &[u8], position: Position) -> StoreError {
        self.distrust();
        let file = self.files.path(position.file);
        subject(key).corrupt(format!("{} is damaged at byte {}", file.display(), position.offset))
    }
}

impl Tree for DiskTree {
    fn get(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        match self.index.get(key).map_err(|error| self.unreadable(key, &error))? {
            Some(place) => self.read(key, place.position),
            None => Ok(None),
        }
    }

    fn scan(
        &self,
        range: &KeyRange,
        direction: Direction,
        visit: &mut Visitor<'_>,
    ) -> Result<(), StoreError> {
        self.places(range, direction, &mut |key, place| match self.read(key, place.position)? {
            Some(value) => visit(key, &value),
            None => Ok(ControlFlow::Continue(())),
        })
    }

    fn times(
        &self,
        range: &KeyRange,
        direction: Direction,
        visit: &mut TimeVisitor<'_>,
    ) -> Result<(), StoreError> {
        self.places(range, direction, &mut |key, place| visit(key, place.at))
    }

    fn time(&self, key: &[u8]) -> Result<Option<Timestamp>, StoreError> {
        let place = self.index.get(key).map_err(|error| self.unreadable(key, &error))?;
        Ok(place.map(|place| place.at))
    }

    fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.apply(&self.index, &batch).map_err(|error| StoreError::Write(error.to_string()))
    }

    fn tidy(&self, bytes: usize) -> Result<Left, StoreError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.tidy(&self.index, bytes).map_err(|error| StoreError::Write(error.to_string()))
    }
}

/// Makes a directory and everything above it, and makes that durable.
pub(super) fn make_dir(path: &Path) -> io::Result<()> {
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
        Ok(()) | Err(_) => File::open(parent)?.sync_all(),
    }
}

fn unusable(path: &Path, error: impl ToString) -> StoreError {
    StoreError::Open { path: path.to_owned(), reason: error.to_string() }
}

/// Names the record of this key.
pub(super) fn subject(key: &[u8]) -> Subject<'_> {
    match (key.first(), records::order_of_key(key)) {
        (Some(&LIVE | &OVER), Ok(id)) => Subject::Order(id),
        _ => Subject::Key(key),
    }
}
