//! Catalogues: small sorted maps that are written once, by sled, and never changed. Each has a directory of its own, and
//! a seal: a file that is made when everything in the directory is on the disk, with a checksum of all bytes in it.
//!
//! So sled never opens what a crash has left, or what has rotted: only what it has closed itself, and a copy of that, as it
//! writes where it reads.

use sled::IVec;
use std::{
    fs::{self, File},
    io::{self, Write},
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

const DIR: &str = "catalogue-";
const SEAL: &str = "seal";
const COPY: &str = "catalogue.copy";
/// sled's own file, which it locks.
const SLED_FILE: &str = "db";
/// The least that sled makes sense with; what is in a catalogue is read once.
const CACHE_BYTES: u64 = 1 << 20;
/// How often, and how far apart, sled is opened while its own lock is held.
const OPEN_TRIES: u32 = 250;
const OPEN_PAUSE: Duration = Duration::from_millis(20);
/// What sled says then.
const SLED_LOCKED: &str = "could not acquire lock";

/// What is in a catalogue, in the order of keys.
pub(super) type Contents = Vec<(IVec, IVec)>;

/// Writes a catalogue, durably, and removes those before it. Each has a higher number than the one before.
///
/// # Errors
/// When the disk refuses, or sled fails.
pub(super) fn write(dir: &Path, number: u64, contents: &Contents) -> io::Result<()> {
    let place = place_of(dir, number);
    let seal = place.with_extension(SEAL);
    // Left by a process that did not come to its end.
    remove(&place)?;
    fill(&place, contents)?;
    let files = files_of(&place)?;
    files.iter().try_for_each(|file| File::open(file)?.sync_all())?;
    let mut file = File::create(&seal)?;
    file.write_all(&checksum(&place, &files)?)?;
    file.sync_all()?;
    // With it the name of the directory, and what else was made beside it.
    File::open(dir)?.sync_all()?;
    for older in numbers(dir)?.into_iter().filter(|older| *older != number) {
        remove(&place_of(dir, older))?;
    }
    Ok(())
}

/// The last catalogue that is whole; none when there is none.
///
/// # Errors
/// When the system refuses.
pub(super) fn read(dir: &Path) -> io::Result<Option<Contents>> {
    for number in numbers(dir)?.into_iter().rev() {
        let place = place_of(dir, number);
        let seal = match fs::read(place.with_extension(SEAL)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            read => read?,
        };
        let files = files_of(&place)?;
        let is_sound = seal == checksum(&place, &files)?;
        // What cannot be read is made anew, like what was never written.
        return Ok(is_sound.then(|| load_copy(&place, &files, &dir.join(COPY)).ok()).flatten());
    }
    Ok(None)
}

/// Takes all catalogues away, durably.
///
/// # Errors
/// When the system refuses.
pub(super) fn remove_all(dir: &Path) -> io::Result<()> {
    for number in numbers(dir)? {
        remove(&place_of(dir, number))?;
    }
    File::open(dir)?.sync_all()
}

/// The seal first: without it nobody believes the rest.
fn remove(place: &Path) -> io::Result<()> {
    if_there(fs::remove_file(place.with_extension(SEAL)))?;
    if_there(fs::remove_dir_all(place))
}

fn if_there(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn place_of(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{DIR}{number:020}"))
}

/// The catalogues in this directory, oldest first, sealed or not.
fn numbers(dir: &Path) -> io::Result<Vec<u64>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut numbers = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(DIR)?.parse::<u64>().ok());
        numbers.extend(number);
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn fill(place: &Path, contents: &Contents) -> io::Result<()> {
    let db = open_sled(place, Stay::Kept)?;
    let mut batch = sled::Batch::default();
    for (key, value) in contents {
        batch.insert(key, value);
    }
    fenced(|| {
        db.apply_batch(batch)?;
        db.flush().map(drop)
    })?;
    drop(db);
    // The last of sled's threads that still writes has let go of its lock.
    File::open(place.join(SLED_FILE))?.lock()
}

fn load_copy(place: &Path, files: &[PathBuf], copy: &Path) -> io::Result<Contents> {
    if_there(fs::remove_dir_all(copy))?;
    for file in files {
        let target = copy.join(file.strip_prefix(place).unwrap_or(file));
        match file.is_dir() {
            true => fs::create_dir_all(target)?,
            false => fs::write(target, fs::read(file)?)?,
        }
    }
    let db = open_sled(copy, Stay::Read)?;
    let contents = fenced(|| db.iter().collect());
    drop(db);
    if_there(fs::remove_dir_all(copy))?;
    contents
}

/// A directory and all that is in it, each directory before what is in it.
fn files_of(place: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(place)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort_unstable();
    let mut files = vec![place.to_owned()];
    for entry in entries {
        match entry.is_dir() {
            true => files.append(&mut files_of(&entry)?),
            false => files.push(entry),
        }
    }
    Ok(files)
}

/// Of the names and bytes of these files.
fn checksum(place: &Path, files: &[PathBuf]) -> io::Result<[u8; 4]> {
    let mut hasher = crc32fast::Hasher::new();
    for file in files {
        let bytes = if file.is_dir() { Vec::new() } else { fs::read(file)? };
        hasher.update(file.strip_prefix(place).unwrap_or(file).as_os_str().as_encoded_bytes());
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(&bytes);
    }
    Ok(hasher.finalize().to_le_bytes())
}

/// What becomes of a directory that sled opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stay {
    Kept,
    /// It goes with sled, which makes less of it durable: a start need not wait for that.
    Read,
}

/// Opens sled, whose own lock may be held a moment longer: by threads of an instance that this process has just dropped,
/// or by a child process between its fork and its exec. Nobody else is there, as the data directory is locked.
fn open_sled(place: &Path, stay: Stay) -> io::Result<sled::Db> {
    let config = sled::Config::new().path(place).cache_capacity(CACHE_BYTES).flush_every_ms(None);
    let config = config.temporary(stay == Stay::Read);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(number: u8) -> Contents {
        (0..200).map(|key| (IVec::from(&[key]), IVec::from(&[number, key][..]))).collect()
    }

    #[test]
    fn the_last_sealed_catalogue_is_read_and_those_before_it_are_gone() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read(dir.path()).unwrap().is_none());
        for number in 1..=3 {
            write(dir.path(), u64::from(number), &contents(number)).unwrap();
            assert_eq!(read(dir.path()).unwrap(), Some(contents(number)));
            assert_eq!(numbers(dir.path()).unwrap(), [u64::from(number)]);
        }
        fill(&place_of(dir.path(), 4), &contents(4)).unwrap();
        assert_eq!(read(dir.path()).unwrap(), Some(contents(3)), "the fourth has no seal");
        write(dir.path(), 4, &contents(5)).unwrap();
        assert_eq!(read(dir.path()).unwrap(), Some(contents(5)));
        remove_all(dir.path()).unwrap();
        assert!(read(dir.path()).unwrap().is_none());
    }

    #[test]
    fn a_catalogue_that_is_not_what_was_sealed_is_not_believed() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), 1, &contents(1)).unwrap();
        let place = place_of(dir.path(), 1);
        for file in files_of(&place).unwrap().into_iter().filter(|file| file.is_file()) {
            let sound = fs::read(&file).unwrap();
            fs::write(&file, [&sound[..], b"x"].concat()).unwrap();
            assert_eq!(read(dir.path()).unwrap(), None, "{}", file.display());
            fs::remove_file(&file).unwrap();
            assert_eq!(read(dir.path()).unwrap(), None, "no {}", file.display());
            fs::write(&file, sound).unwrap();
            assert_eq!(read(dir.path()).unwrap(), Some(contents(1)));
        }
    }
}
