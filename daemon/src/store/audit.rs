//! Reads behind a start what that start has believed of the log, and proves it: every frame of every file that it did
//! not read, and that the index has the last entry of each key in them, or a later one.
//!
//! It takes its time, so that the work at hand does not feel it. What it finds ends the store as a disk does that
//! refuses, and the next start reads the whole log.

use super::{
    StoreError,
    disk::DiskTree,
    index::{self, Index, Place, Slot},
    ledger::Ledger,
    log::{Damage, Entry, Files, Frames, Position, Step},
};
use sled::IVec;
use std::{
    collections::BTreeMap,
    convert::Infallible,
    io,
    ops::ControlFlow,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

const THREAD_NAME: &str = "store-audit";
/// So many bytes are read at once, and then it rests: 4 MiB a second, some hundredths of a core. A gigabyte takes four
/// minutes.
const STEP: usize = 256 << 10;
const REST: Duration = Duration::from_millis(60);

/// What a start has believed.
#[derive(Debug, Default)]
pub(super) struct Believed {
    /// Files of the log that were not read.
    pub(super) files: Vec<u64>,
    /// The first that was read.
    pub(super) next: u64,
    /// The keys that no run has, as they were said to be at its beginning.
    pub(super) small: BTreeMap<IVec, Place>,
}

/// The thread that reads. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Audit {
    go_on: Mutex<Option<SyncSender<Infallible>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Audit {
    /// Starts reading; `fail` is told of damage.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start(
        ledger: Arc<Ledger<DiskTree>>,
        fail: impl FnOnce(StoreError) + Send + 'static,
    ) -> io::Result<Self> {
        let (go_on, stopped) = mpsc::sync_channel(0);
        let thread = thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(move || {
            let mut pace = Pace { stopped, bytes: 0 };
            if let Err(damage) = ledger.tree().prove(&mut |bytes| pace.spend(bytes)) {
                fail(damage.into());
            }
        })?;
        Ok(Self { go_on: Mutex::new(Some(go_on)), thread: Mutex::new(Some(thread)) })
    }

    /// Ends it, be it at its end or not.
    pub(super) fn stop(&self) {
        self.go_on.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.join();
    }

    /// Waits until all is read.
    pub(super) fn join(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A panic of it was told of when it happened.
        thread.map(JoinHandle::join);
    }
}

impl Drop for Audit {
    fn drop(&mut self) {
        self.stop();
    }
}

struct Pace {
    stopped: Receiver<Infallible>,
    bytes: usize,
}

impl Pace {
    /// So many bytes were read.
    fn spend(&mut self, bytes: usize) -> ControlFlow<()> {
        self.bytes += bytes;
        if self.bytes < STEP {
            return ControlFlow::Continue(());
        }
        self.bytes = 0;
        match self.stopped.recv_timeout(REST) {
            Err(RecvTimeoutError::Timeout) => ControlFlow::Continue(()),
            Err(RecvTimeoutError::Disconnected) => ControlFlow::Break(()),
        }
    }
}

/// What is being proved.
pub(super) struct Proof<'a> {
    believed: &'a Believed,
    index: &'a Index,
    files: &'a Files,
    /// Every file from this one on was read.
    read_from: u64,
    /// The keys that no run has, as the files that were read have them.
    small: BTreeMap<IVec, Place>,
}

/// How far a file was read.
enum FileRead {
    /// To its end; the number of the frame that must follow.
    Whole(u64),
    /// Nothing of it is wanted any more: it was removed.
    Removed,
    /// It does not matter any more.
    Stopped,
}

impl<'a> Proof<'a> {
    pub(super) fn new(believed: &'a Believed, index: &'a Index, files: &'a Files) -> Self {
        let read_from = believed.files.first().copied().unwrap_or_default();
        Self { believed, index, files, read_from, small: BTreeMap::new() }
    }

    /// Reads all of it, telling how many bytes at a time, until it is told to stop.
    pub(super) fn run(mut self, spend: &mut dyn FnMut(usize) -> ControlFlow<()>) -> Result<(), Damage> {
        let following = self.believed.files.iter().skip(1).chain([&self.believed.next]);
        for (first, following) in self.believed.files.iter().zip(following) {
            match self.read(*first, spend)? {
                FileRead::Whole(next) if next == *following => {}
                FileRead::Whole(next) => {
                    let reason = format!("frames {next} to {} are missing", following - 1);
                    return Err(Damage::at(&self.files.path(*first), reason));
                }
                FileRead::Removed => {
                    // Those before it are removed too, and what was wanted of them lies behind what was believed.
                    self.read_from = *following;
                    self.small.clear();
                }
                FileRead::Stopped => return Ok(()),
            }
        }
        let said = self.believed.small.iter().filter(|(_, place)| place.position.file >= self.read_from);
        match said.eq(self.small.iter()) {
            true => Ok(()),
            false => Err(self.wrong()),
        }
    }

    fn read(
        &mut self,
        first: u64,
        spend: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<FileRead, Damage> {
        let path = self.files.path(first);
        let unreadable = |error: io::Error| Damage::at(&path, error.to_string());
        let mut frames = match Frames::open(&path, &self.index.log(), first) {
            Err(_) if !self.files.has(first) => return Ok(FileRead::Removed),
            opened => {
                opened.map_err(unreadable)?.ok_or_else(|| Damage::at(&path, "its beginning is damaged"))?
            }
        };
        let mut last = BTreeMap::new();
        loop {
            let bytes = match frames.step().map_err(unreadable)? {
                Step::End => break,
                Step::Broken(offset) => {
                    let reason = format!("frame {}, at byte {offset}, is damaged", frames.next());
                    return Err(Damage::at(&path, reason));
                }
                Step::Frame(frame) => {
                    for (position, entry) in frame.entries() {
                        self.note(&entry, position, &mut last);
                    }
                    frame.len()
                }
            };
            if let ControlFlow::Break(()) = spend(bytes) {
                return Ok(FileRead::Stopped);
            }
        }
        for (key, slot) in last {
            if !self.has(&key, slot)? && self.files.has(first) {
                return Err(self.wrong());
            }
        }
        Ok(FileRead::Whole(frames.next()))
    }

    fn note(&mut self, entry: &Entry<'_>, position: Position, last: &mut BTreeMap<IVec, Slot>) {
        let (key, slot) = (IVec::from(entry.key), Slot::of(entry, position));
        match (index::is_small(entry.key), slot) {
            (false, _) => {
                last.insert(key, slot);
            }
            (true, Slot::Value(place)) => {
                self.small.insert(key, place);
            }
            (true, Slot::Removed(_)) => {
                self.small.remove(&key);
            }
        }
    }

    /// Whether the index has this entry of a key, or a later one.
    fn has(&self, key: &[u8], slot: Slot) -> Result<bool, Damage> {
        let found = self.index.last(key).map_err(|error| Damage::at(self.index.dir(), error.to_string()))?;
        let place = |slot: Slot| (slot.position().file, slot.position().offset);
        Ok(found.is_some_and(|found| found == slot || place(found) > place(slot)))
    }

    fn wrong(&self) -> Damage {
        Damage::at(self.index.dir(), "it has not what the log has; the next start makes it anew")
    }
}
