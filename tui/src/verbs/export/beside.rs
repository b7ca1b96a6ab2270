//! A file that is written beside its place, and moved there when it is whole: nobody ever reads half of it.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
};

/// What is being written. Dropped before it is in place, it leaves nothing behind.
pub(super) struct Beside {
    file: BufWriter<File>,
    path: PathBuf,
    place: PathBuf,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Beside,
    InPlace,
}

impl Beside {
    /// Begins a file that is to take this place, and that of the file that is there already. A link stays, and leads to the
    /// new file.
    pub(super) fn create(place: &Path) -> io::Result<Self> {
        let place = match fs::canonicalize(place) {
            Ok(there) if there.is_file() => there,
            // Renaming onto a device would take its place.
            Ok(_) => {
                return Err(io::Error::new(ErrorKind::InvalidInput, "it is there, and is no regular file"));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => place.to_owned(),
            Err(error) => return Err(error),
        };
        let name = place.file_name().ok_or_else(|| io::Error::from(ErrorKind::InvalidInput))?;
        let mut beside = OsString::from(".");
        beside.push(name);
        beside.push(format!(".{}.part", std::process::id()));
        let path = place.with_file_name(beside);
        let file = BufWriter::new(File::create_new(&path)?);
        Ok(Self { file, path, place, state: State::Beside })
    }

    /// Moves what was written to its place, once it is on stable storage.
    pub(super) fn put_in_place(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        fs::rename(&self.path, &self.place)?;
        self.state = State::InPlace;
        Ok(())
    }
}

impl Write for Beside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if self.state == State::Beside {
            // What cannot be removed is named so that it is taken for nothing else.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<OsString> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn a_file_takes_its_place_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("orders.csv");
        fs::write(&place, "old").unwrap();
        let mut beside = Beside::create(&place).unwrap();
        beside.write_all(b"new").unwrap();
        beside.flush().unwrap();
        assert_eq!(fs::read_to_string(&place).unwrap(), "old");
        beside.put_in_place().unwrap();
        assert_eq!(fs::read_to_string(&place).unwrap(), "new");
        assert_eq!(names(folder.path()), ["orders.csv"]);
    }

    #[test]
    fn what_was_given_up_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut beside = Beside::create(&folder.path().join("orders.csv")).unwrap();
        beside.write_all(b"half").unwrap();
        drop(beside);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    #[cfg(unix)]
    fn a_link_leads_to_the_new_file_and_a_device_stays_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (place, link) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&place, "old").unwrap();
        std::os::unix::fs::symlink(&place, &link).unwrap();
        let mut beside = Beside::create(&link).unwrap();
        beside.write_all(b"new").unwrap();
        beside.put_in_place().unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&place).unwrap(), "new");
        for no_file in [Path::new("/dev/null"), folder.path()] {
            assert!(Beside::create(no_file).is_err(), "{}", no_file.display());
        }
    }
}
