//! Makes a new store of text. It is made under another name and gets its own when all of it is right and durable:
//! there is a whole store or none.

use super::{ArchiveError, importer::Importer};
use crate::store::disk::{DataDir, make_dir};
use std::{
    fs::{self, File},
    io::{self, BufRead},
    path::{Path, PathBuf},
};

/// A longer line is no line of an archive.
const MAX_LINE: u64 = 256 << 20;
const CACHE_BYTES: u64 = 64 << 20;
const FILE_BYTES: u64 = 32 << 20;

/// Whether an archive of a damaged store will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// It must have all that was in the store.
    Whole,
    /// It may lack what could not be read.
    Partial,
}

/// What was imported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Orders with their events.
    pub orders: u64,
    /// Lanes.
    pub lanes: u64,
    /// Idempotency keys.
    pub idempotency_keys: u64,
    /// Orders that were left out, each of which was told, with their idempotency keys.
    pub left_out: u64,
}

/// Makes a store in this directory, which must not be there yet or be empty. Its log gets a new epoch, so that
/// nobody takes it for the one whose events they have seen.
///
/// When parts of the log could not be read, an order that is not over may have been further than the archive knows,
/// even executed. It is left out and told, as a daemon would carry it on, and perhaps do it twice.
///
/// # Errors
/// When the directory is not empty, or a line makes no sense; then nothing is there.
pub fn import(
    dir: &Path,
    archive: &mut dyn BufRead,
    completeness: Completeness,
    tell: &mut dyn FnMut(&str),
) -> Result<Imported, ArchiveError> {
    if fs::exists(dir)? && fs::read_dir(dir)?.next().is_some() {
        return Err(ArchiveError::Occupied(dir.to_owned()));
    }
    let place = staging(dir);
    remove(&place)?;
    let made = fill(&place, archive, completeness, tell);
    if made.is_err() {
        remove(&place)?;
    }
    let imported = made?;
    fs::rename(&place, dir)?;
    File::open(parent(dir))?.sync_all()?;
    Ok(imported)
}

/// Where the store is made.
fn staging(dir: &Path) -> PathBuf {
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push(".importing");
    parent(dir).join(name)
}

fn parent(dir: &Path) -> &Path {
    dir.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn remove(place: &Path) -> io::Result<()> {
    match fs::remove_dir_all(place) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn fill(
    place: &Path,
    archive: &mut dyn BufRead,
    completeness: Completeness,
    tell: &mut dyn FnMut(&str),
) -> Result<Imported, ArchiveError> {
    make_dir(place)?;
    let (tree, _) = DataDir::lock(place.to_owned())?.open_tree(CACHE_BYTES, FILE_BYTES)?;
    let mut importer = Importer::new(tree, tell);
    let mut text = Vec::new();
    for number in 1.. {
        text.clear();
        if io::Read::take(&mut *archive, MAX_LINE).read_until(b'\n', &mut text)? == 0 {
            return importer.finish(number, completeness);
        }
        let line = serde_json::from_slice(&text).map_err(|error| error.to_string());
        let taken = line.and_then(|line| importer.take(line).map_err(|error| error.to_string()));
        taken.map_err(|reason| ArchiveError::Line { line: number, reason })?;
    }
    unreachable!("an archive ends")
}
