//! The file of one plugin's keys and values: a line that says what follows, and JSON that a person can read.

use super::book::Book;
use orderd_sdk::plugin::Data;
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

/// The first word, and the version of what follows.
const MAGIC: &str = "orderd-kv 1";

/// Where the file is.
#[derive(Clone, Debug)]
pub(super) struct KvFile(pub(super) PathBuf);

/// Why a file cannot be used. It is left as it is.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error("cannot read {}", .0.display())]
    Io(PathBuf, #[source] io::Error),
    #[error("{} is damaged: it is not what was written", .0.display())]
    Damaged(PathBuf),
}

impl KvFile {
    /// What the file holds; nothing when there is none.
    ///
    /// # Errors
    /// When it cannot be read, or is not what was written.
    pub(super) fn read(&self) -> Result<Book, ReadError> {
        match fs::read(&self.0) {
            Ok(bytes) => decode(&bytes).ok_or_else(|| ReadError::Damaged(self.0.clone())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Book::default()),
            Err(error) => Err(ReadError::Io(self.0.clone(), error)),
        }
    }

    /// Puts these in the place of what the file held. They survive a loss of power once this returns.
    ///
    /// # Errors
    /// When the disk refuses. The file holds what it held, or these.
    pub(super) fn write(&self, book: &Book) -> io::Result<()> {
        let folder = self.0.parent().unwrap_or(Path::new("."));
        if !folder.is_dir() {
            fs::create_dir_all(folder)?;
            sync_folder(folder.parent().unwrap_or(Path::new(".")))?;
        }
        let new = self.0.with_extension("new");
        let mut file = create_private(&new)?;
        file.write_all(&encode(book))?;
        file.sync_all()?;
        fs::rename(&new, &self.0)?;
        sync_folder(folder)
    }
}

/// For nobody but the daemon's user: plugins may keep secrets there.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A name is in its folder for good only when the folder was synced.
fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
}

fn encode(book: &Book) -> Vec<u8> {
    let data = |value: &Arc<[u8]>| Data::from(value.to_vec());
    let values: BTreeMap<_, _> = book.values().iter().map(|(key, value)| (key, data(value))).collect();
    let body = serde_json::to_vec_pretty(&values).expect("texts are keys of JSON");
    let head = format!("{MAGIC} {:08x} {}\n", crc32fast::hash(&body), body.len());
    [head.into_bytes(), body].concat()
}

fn decode(bytes: &[u8]) -> Option<Book> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (head, body) = (std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 1..]);
    let expected = format!("{MAGIC} {:08x} {}", crc32fast::hash(body), body.len());
    if head != expected {
        return None;
    }
    let values: BTreeMap<String, Data> = serde_json::from_slice(body).ok()?;
    let values = values.into_iter().map(|(key, data)| (key, data.into_bytes().into()));
    Some(Book::from_values(values.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::kv::book::Change;

    fn book(values: &[(&str, &[u8])]) -> Book {
        let mut book = Book::default();
        for (key, value) in values {
            book.apply(&Change::Put((*key).to_owned(), (*value).into()), usize::MAX).unwrap();
        }
        book
    }

    #[test]
    fn what_was_written_is_read_and_what_was_not_is_damage() {
        let folder = tempfile::tempdir().unwrap();
        let file = KvFile(folder.path().join("kv/rfq.kv"));
        assert_eq!(file.read().unwrap(), Book::default());
        let books = [book(&[("a", b"1"), ("\"\n", &[0xff, 0]), ("", b"")]), Book::default()];
        for book in &books {
            file.write(book).unwrap();
            assert_eq!(file.read().unwrap(), *book);
        }
        file.write(&books[0]).unwrap();
        let written = fs::read(&file.0).unwrap();
        for at in 0..written.len() {
            let mut bytes = written.clone();
            bytes[at] ^= 0x20;
            assert!(decode(&bytes).is_none(), "byte {at}");
            assert!(decode(&written[..at]).is_none(), "cut at {at}");
        }
        fs::write(&file.0, &written[..20]).unwrap();
        assert!(file.read().unwrap_err().to_string().contains("is damaged"));
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_the_daemons_user_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = KvFile(folder.path().join("rfq.kv"));
        file.write(&book(&[("key", b"secret")])).unwrap();
        assert_eq!(fs::metadata(&file.0).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
