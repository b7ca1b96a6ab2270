//! The files of a log: where they lie, what they are called, and the open ones, from which anyone may read.

use super::frame::{FILE_VERSION, FileHeader, Position};
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Read},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

const SUFFIX: &str = ".log";

/// Files that are open, by their first frame.
#[derive(Debug)]
pub(in crate::store) struct Files {
    dir: PathBuf,
    open: RwLock<BTreeMap<u64, Arc<File>>>,
}

impl Files {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self { dir, open: RwLock::default() }
    }

    /// The bytes of an entry as they are; none when its file has been removed.
    pub(in crate::store) fn read(&self, position: Position) -> io::Result<Option<Vec<u8>>> {
        let file = self.open.read().unwrap_or_else(PoisonError::into_inner).get(&position.file).cloned();
        let Some(file) = file else {
            return Ok(None);
        };
        let mut entry = vec![0; position.len as usize];
        file.read_exact_at(&mut entry, position.offset)?;
        Ok(Some(entry))
    }

    /// Whether this file is still needed.
    pub(in crate::store) fn has(&self, first: u64) -> bool {
        self.open.read().unwrap_or_else(PoisonError::into_inner).contains_key(&first)
    }

    /// The path of a file.
    pub(in crate::store) fn path(&self, first: u64) -> PathBuf {
        path_of(&self.dir, first)
    }

    pub(super) fn insert(&self, first: u64, file: Arc<File>) {
        self.open.write().unwrap_or_else(PoisonError::into_inner).insert(first, file);
    }

    /// Makes an empty file with a header; it is durable when this returns.
    pub(super) fn create(&self, header: &FileHeader) -> io::Result<Arc<File>> {
        let path = self.path(header.first);
        let file = OpenOptions::new().create_new(true).read(true).write(true).open(&path)?;
        file.write_all_at(&header.encode(), 0)?;
        file.sync_all()?;
        self.sync_names()?;
        let file = Arc::new(file);
        self.insert(header.first, file.clone());
        Ok(file)
    }

    /// Removes a file. Whoever is reading from it reads on.
    pub(super) fn remove(&self, first: u64) -> io::Result<()> {
        self.open.write().unwrap_or_else(PoisonError::into_inner).remove(&first);
        fs::remove_file(self.path(first))
    }

    /// Makes durable which files there are.
    pub(super) fn sync_names(&self) -> io::Result<()> {
        File::open(&self.dir)?.sync_all()
    }
}

fn path_of(dir: &Path, first: u64) -> PathBuf {
    dir.join(format!("{first:020}{SUFFIX}"))
}

/// The path and version of a file in another format than today's.
pub(super) fn find_foreign(dir: &Path, firsts: &[u64]) -> io::Result<Option<(PathBuf, u32)>> {
    for first in firsts {
        let path = path_of(dir, *first);
        let mut header = Vec::with_capacity(FileHeader::LEN);
        File::open(&path)?.take(FileHeader::LEN as u64).read_to_end(&mut header)?;
        if let Some(version) = FileHeader::version(&header).filter(|version| *version != FILE_VERSION) {
            return Ok(Some((path, version)));
        }
    }
    Ok(None)
}

/// The files of a log in this directory, each by its first frame, oldest first; none when there is no directory.
pub(super) fn list(dir: &Path) -> io::Result<Vec<u64>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut firsts = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let first = name.to_str().and_then(|name| name.strip_suffix(SUFFIX)?.parse().ok());
        firsts.extend(first.filter(|first| path_of(dir, *first).file_name() == Some(&name)));
    }
    firsts.sort_unstable();
    Ok(firsts)
}
