//! Reads what can be read of a log that may be damaged, and tells what cannot. Changes nothing.

use super::{
    Damage, Files,
    frame::{FileHeader, LogId},
    mark::{self, MARK_FILE},
    opening::{self, LOG_DIR, Visit, unusable},
    reader::{Frames, Step},
};
use crate::store::StoreError;
use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
    sync::Arc,
};

/// Shows every entry that can be read and counts, in order, and tells of everything else.
///
/// # Errors
/// When the system refuses to read at all, or what the visitor fails with.
pub(in crate::store) fn salvage(
    dir: &Path,
    visit: &mut Visit<'_>,
    tell: &mut dyn FnMut(Damage),
) -> Result<Files, StoreError> {
    let log_dir = dir.join(LOG_DIR);
    let firsts = opening::list(&log_dir)?;
    let mark_path = dir.join(MARK_FILE);
    let mark = match mark::read(&mark_path) {
        Ok(Ok(mark)) => Some(mark),
        Ok(Err(damage)) => {
            tell(damage);
            None
        }
        Err(error) => {
            tell(Damage::at(&mark_path, error.to_string()));
            None
        }
    };
    let files = Files::new(log_dir);
    let Some(id) = mark.map(|(id, _)| id).or_else(|| firsts.iter().find_map(|first| id_of(&files, *first)))
    else {
        tell(Damage::at(&files.path(1), "nothing says which log this is"));
        return Ok(files);
    };
    let salvage =
        Salvage { id, files: &files, acknowledged: mark.map_or(0, |(_, acknowledged)| acknowledged) };
    salvage.read_all(&firsts, visit, tell)?;
    Ok(files)
}

/// Which log a file says it belongs to.
fn id_of(files: &Files, first: u64) -> Option<LogId> {
    let mut header = [0; FileHeader::LEN];
    File::open(files.path(first)).ok()?.read_exact(&mut header).ok()?;
    FileHeader::decode(&header).map(|header| header.id)
}

struct Salvage<'a> {
    id: LogId,
    files: &'a Files,
    acknowledged: u64,
}

impl Salvage<'_> {
    fn read_all(
        &self,
        firsts: &[u64],
        visit: &mut Visit<'_>,
        tell: &mut dyn FnMut(Damage),
    ) -> Result<(), StoreError> {
        let oldest = self.find_oldest(firsts)?;
        let oldest = oldest.or(firsts.first().copied()).unwrap_or(1);
        let last = firsts.last();
        let mut expected = oldest;
        for first in firsts.iter().filter(|first| **first >= oldest) {
            if *first != expected {
                let reason = format!("frames {expected} to {} are missing", first - 1);
                tell(Damage::at(&self.files.path(expected), reason));
            }
            expected = self.read(*first, last == Some(first), visit, tell)?;
        }
        if expected <= self.acknowledged {
            let reason = format!("frames {expected} to {} are missing", self.acknowledged);
            tell(Damage::at(&self.files.path(expected), reason));
        }
        Ok(())
    }

    /// The oldest file that counts, as the newest sound frame has it.
    fn find_oldest(&self, firsts: &[u64]) -> Result<Option<u64>, StoreError> {
        for first in firsts.iter().rev() {
            let path = self.files.path(*first);
            let mut frames = Frames::salvage(&path, &self.id, *first).map_err(unusable(&path))?;
            let mut oldest = frames.oldest();
            loop {
                match frames.step().map_err(unusable(&path))? {
                    Step::Frame(frame) => oldest = Some(frame.oldest),
                    Step::Broken(_) => {
                        frames.skip_damage().map_err(unusable(&path))?;
                    }
                    Step::End => break,
                }
            }
            if oldest.is_some() {
                return Ok(oldest);
            }
        }
        Ok(None)
    }

    /// Reads one file; the number of the frame that must follow.
    fn read(
        &self,
        first: u64,
        is_last: bool,
        visit: &mut Visit<'_>,
        tell: &mut dyn FnMut(Damage),
    ) -> Result<u64, StoreError> {
        let path = self.files.path(first);
        let io = unusable(&path);
        self.files.insert(first, Arc::new(File::open(&path).map_err(&io)?));
        let mut frames = Frames::salvage(&path, &self.id, first).map_err(&io)?;
        if frames.oldest().is_none() && (!is_last || first <= self.acknowledged) {
            tell(Damage::at(&path, "its beginning is damaged"));
        }
        loop {
            match frames.step().map_err(&io)? {
                Step::End => return Ok(frames.next()),
                Step::Frame(frame) => {
                    for (position, entry) in frame.entries() {
                        visit(entry, position)?;
                    }
                }
                Step::Broken(offset) => {
                    let broken = frames.next();
                    let reason = match frames.skip_damage().map_err(&io)? {
                        Some(sound) => format!("frames {broken} to {} cannot be read", sound - 1),
                        // What a loss of power left of a write that nobody was told of.
                        None if is_last && broken > self.acknowledged => continue,
                        None => format!("frame {broken}, and what follows, cannot be read"),
                    };
                    tell(Damage::at(&path, format!("from byte {offset} on {reason}")));
                }
            }
        }
    }
}

/// Whether there is a log in this directory.
pub(in crate::store) fn is_there(dir: &Path) -> io::Result<bool> {
    Ok(fs::exists(dir.join(MARK_FILE))? || !super::files::list(&dir.join(LOG_DIR))?.is_empty())
}
