//! Opens a log: finds its end, proves that nothing acknowledged is missing there, and reads what was not read before.

use super::{
    Damage,
    files::{self, Files},
    frame::{Entry, FILE_VERSION, FileHeader, LogId, Position},
    mark::{MARK_FILE, Mark},
    reader::{self, Frames, Step},
    writer::{Log, Tail},
};
use crate::store::StoreError;
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

pub(super) const LOG_DIR: &str = "log";

/// Is shown every entry that counts, in the order of the log.
pub(in crate::store) type Visit<'a> = dyn FnMut(Entry<'_>, Position) -> Result<(), StoreError> + 'a;

/// Is shown every entry of the newest file.
pub(in crate::store) type VisitNewest<'a> = dyn FnMut(Entry<'_>, Position) + 'a;

/// Finds the end of the log in this directory, or makes a log. Its newest file is read for that, and what is in there is shown.
///
/// # Errors
/// [`StoreError::Damaged`] when the end of what was acknowledged is missing or cannot be read; [`StoreError::Open`] when
/// the system refuses.
pub(in crate::store) fn find(dir: &Path, visit: &mut VisitNewest<'_>) -> Result<Found, StoreError> {
    let log_dir = dir.join(LOG_DIR);
    let firsts = list(&log_dir)?;
    let mark_path = dir.join(MARK_FILE);
    let mark = match Mark::open(dir).map_err(unusable(&mark_path))? {
        Some(mark) => mark?,
        None if firsts.is_empty() => found(dir)?,
        None => return Err(Damage::at(&mark_path, "it is missing, and there is a log").into()),
    };
    let make_dir = || fs::create_dir_all(&log_dir).and_then(|()| File::open(dir)?.sync_all());
    make_dir().map_err(unusable(&log_dir))?;
    Opening { files: Files::new(log_dir.clone()), dir: log_dir, mark, firsts }.find(visit)
}

/// The files of the log in this directory.
///
/// # Errors
/// [`StoreError::Open`] when the system refuses, or when one is of another format.
pub(super) fn list(log_dir: &Path) -> Result<Vec<u64>, StoreError> {
    let firsts = files::list(log_dir).map_err(unusable(log_dir))?;
    match files::find_foreign(log_dir, &firsts).map_err(unusable(log_dir))? {
        None => Ok(firsts),
        Some((path, version)) => {
            let reason = format!(
                "it has version {version} of the log's format, and this daemon reads version {FILE_VERSION} only"
            );
            Err(StoreError::Open { path, reason })
        }
    }
}

/// Names a new log.
fn found(dir: &Path) -> Result<Mark, StoreError> {
    let mut id = LogId::default();
    getrandom::fill(&mut id)
        .map_err(|error| StoreError::Write(format!("the system has no random bytes: {error}")))?;
    Mark::create(dir, id).map_err(unusable(dir))
}

pub(super) fn unusable(path: &Path) -> impl Fn(io::Error) -> StoreError {
    move |error| StoreError::Open { path: path.to_owned(), reason: error.to_string() }
}

/// A log that is being opened.
#[derive(Debug)]
struct Opening {
    dir: PathBuf,
    files: Files,
    mark: Mark,
    /// The files that there are.
    firsts: Vec<u64>,
}

/// What the newest file says of the log.
#[derive(Debug)]
struct End {
    tail: u64,
    /// Bytes of it that are sound.
    len: u64,
    /// The last frame.
    last: u64,
    oldest: u64,
}

impl Opening {
    fn find(mut self, visit: &mut VisitNewest<'_>) -> Result<Found, StoreError> {
        let end = match self.find_end(visit)? {
            Some(end) => end,
            None => self.begin()?,
        };
        if end.last < self.mark.acknowledged {
            let (last, acknowledged) = (end.last, self.mark.acknowledged);
            let reason = format!("it ends with frame {last}, but frame {acknowledged} was acknowledged");
            return Err(Damage::at(&self.files.path(end.tail), reason).into());
        }
        let path = self.files.path(end.tail);
        let open = || OpenOptions::new().read(true).write(true).open(&path);
        let tail = Arc::new(open().map_err(unusable(&path))?);
        // A process that was killed may have made this file, or written the last frame, and synced neither. From here
        // on both are acted upon.
        tail.sync_all().and_then(|()| self.files.sync_names()).map_err(unusable(&path))?;
        self.remove_older(end.oldest)?;
        Ok(Found { opening: self, end, tail })
    }

    /// Makes the first file. Nothing was ever acknowledged, or that is found out next.
    fn begin(&mut self) -> Result<End, StoreError> {
        let first = self.mark.acknowledged + 1;
        if first > 1 {
            let reason = format!("it has no files, but frame {} was acknowledged", self.mark.acknowledged);
            return Err(Damage::at(&self.dir, reason).into());
        }
        let header = FileHeader { id: self.mark.id, first, oldest: first };
        self.files.create(&header).map_err(unusable(&self.files.path(first)))?;
        self.firsts.push(first);
        Ok(End { tail: first, len: FileHeader::LEN as u64, last: 0, oldest: first })
    }

    /// Finds the end of the log, and cuts off what a loss of power has left of a write behind it. None when
    /// there is no file.
    fn find_end(&mut self, visit: &mut VisitNewest<'_>) -> Result<Option<End>, StoreError> {
        while let Some(first) = self.firsts.last().copied() {
            let path = self.files.path(first);
            let io = unusable(&path);
            if let Some(frames) = Frames::open(&path, &self.mark.id, first).map_err(&io)? {
                return self.end_of(frames, &path, visit).map(Some);
            }
            // A file gets its first frame when its header is durable.
            let has_frames = reader::has_frames(&path, &self.mark.id, first).map_err(&io)?;
            if has_frames || first <= self.mark.acknowledged {
                return Err(Damage::at(&path, "its beginning is damaged").into());
            }
            fs::remove_file(&path).and_then(|()| self.files.sync_names()).map_err(&io)?;
            self.firsts.pop();
        }
        Ok(None)
    }

    fn end_of(
        &self,
        mut frames: Frames,
        path: &Path,
        visit: &mut VisitNewest<'_>,
    ) -> Result<End, StoreError> {
        let io = unusable(path);
        let FileHeader { first, mut oldest, .. } = frames.header;
        let broken = loop {
            match frames.step().map_err(&io)? {
                Step::Frame(frame) => {
                    oldest = frame.oldest;
                    frame.entries().for_each(|(position, entry)| visit(entry, position));
                }
                Step::Broken(offset) => break Some(offset),
                Step::End => break None,
            }
        };
        let (last, len) = (frames.next() - 1, frames.offset());
        if let Some(offset) = broken {
            self.prove_torn(frames, path, offset)?;
            let cut = || {
                OpenOptions::new().write(true).open(path).and_then(|file| {
                    file.set_len(offset)?;
                    file.sync_all()
                })
            };
            cut().map_err(&io)?;
        }
        Ok(End { tail: first, len, last, oldest })
    }

    /// A frame is written when the one before it is durable: only the last one can be torn, and only when it was
    /// not acknowledged.
    fn prove_torn(&self, mut frames: Frames, path: &Path, offset: u64) -> Result<(), StoreError> {
        let number = frames.next();
        if number <= self.mark.acknowledged {
            let reason = format!("frame {number}, at byte {offset}, is damaged, and was acknowledged");
            return Err(Damage::at(path, reason).into());
        }
        match frames.skip_damage().map_err(unusable(path))? {
            None => Ok(()),
            Some(next) => {
                let reason =
                    format!("frame {number}, at byte {offset}, is damaged, and frame {next} follows");
                Err(Damage::at(path, reason).into())
            }
        }
    }

    /// Removes files that the end of the log does not count: their removal was not durable, or never came. It need
    /// not be durable now either.
    fn remove_older(&mut self, oldest: u64) -> Result<(), StoreError> {
        for first in self.firsts.extract_if(.., |first| *first < oldest) {
            self.files.remove(first).map_err(unusable(&self.files.path(first)))?;
        }
        Ok(())
    }
}

/// A log whose end is known.
#[derive(Debug)]
pub(in crate::store) struct Found {
    opening: Opening,
    end: End,
    tail: Arc<File>,
}

impl Found {
    /// The name of the log.
    pub(in crate::store) fn id(&self) -> LogId {
        self.opening.mark.id
    }

    /// The oldest file that counts, be it there or not.
    pub(in crate::store) fn oldest(&self) -> u64 {
        self.end.oldest
    }

    /// The files that count and are written no more, with the lengths that they have.
    ///
    /// # Errors
    /// [`StoreError::Open`] when the system refuses.
    pub(in crate::store) fn sealed(&self) -> Result<BTreeMap<u64, u64>, StoreError> {
        let firsts = self.opening.firsts.iter().filter(|first| **first != self.end.tail);
        let len = |first: &u64| {
            let path = self.opening.files.path(*first);
            let metadata = fs::metadata(&path).map_err(unusable(&path))?;
            Ok((*first, metadata.len()))
        };
        firsts.map(len).collect()
    }

    /// Opens it, and shows all that counts from this file on to the newest, which was shown before; what is before it was read
    /// at an earlier time, and those files are the same still.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when something that was acknowledged is missing or cannot be read; [`StoreError::Open`]
    /// when the system refuses.
    pub(in crate::store) fn open(
        self,
        file_bytes: u64,
        from: u64,
        visit: &mut Visit<'_>,
    ) -> Result<Log, StoreError> {
        let sealed = self.replay(from, visit)?;
        let Self { opening: Opening { dir, files, mut mark, .. }, end, tail } = self;
        mark.set(end.last).and_then(|()| mark.sync()).map_err(unusable(&dir))?;
        files.insert(end.tail, tail.clone());
        let tail = Tail { file: tail, first: end.tail, end: end.len, next: end.last + 1, is_done: false };
        Ok(Log { id: mark.id, files: Arc::new(files), mark, tail, sealed, oldest: end.oldest, file_bytes })
    }

    /// Opens every file that counts but the newest, and reads those that are not known; the files that are written no more.
    fn replay(&self, from: u64, visit: &mut Visit<'_>) -> Result<BTreeMap<u64, u64>, StoreError> {
        let Opening { files, mark, firsts, .. } = &self.opening;
        let mut sealed = BTreeMap::new();
        let mut expected = self.end.oldest;
        for first in firsts {
            let path = files.path(*first);
            let is_known = *first < from;
            if *first != expected && !is_known {
                return Err(Damage::at(&files.path(expected), "it is missing").into());
            }
            if *first == self.end.tail {
                break;
            }
            let frames = Frames::open(&path, &mark.id, *first).map_err(unusable(&path))?;
            let mut frames = frames.ok_or_else(|| Damage::at(&path, "its beginning is damaged"))?;
            let len = match is_known {
                true => frames.len(),
                false => show(&mut frames, &path, visit)?,
            };
            expected = if is_known { from } else { frames.next() };
            sealed.insert(*first, len);
            files.insert(*first, Arc::new(File::open(&path).map_err(unusable(&path))?));
        }
        Ok(sealed)
    }
}

/// Shows what is in a file; its length.
fn show(frames: &mut Frames, path: &Path, visit: &mut Visit<'_>) -> Result<u64, StoreError> {
    loop {
        match frames.step().map_err(unusable(path))? {
            Step::End => return Ok(frames.offset()),
            Step::Broken(offset) => {
                let number = frames.next();
                let reason = format!("frame {number}, at byte {offset}, is damaged");
                return Err(Damage::at(path, reason).into());
            }
            Step::Frame(frame) => {
                for (position, entry) in frame.entries() {
                    visit(entry, position)?;
                }
            }
        }
    }
}
