//! Small files that survive a loss of power: after it either the old text is there, or the new one.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

/// Puts this text in the place of what the file held. It is on stable storage when this returns.
pub(super) fn replace(file: &Path, text: &[u8]) -> io::Result<()> {
    let (draft, folder) = (file.with_extension("new"), file.parent().unwrap_or(Path::new(".")));
    let mut written = File::create(&draft)?;
    written.write_all(text)?;
    written.sync_all()?;
    fs::rename(&draft, file)?;
    File::open(folder)?.sync_all()
}

/// Takes the file away. It is gone for good when this returns; it need not have been there.
pub(super) fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => {
            removed?;
            File::open(file.parent().unwrap_or(Path::new(".")))?.sync_all()
        }
    }
}

/// What the file holds; none when there is none.
pub(super) fn read(file: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Does work that waits for a disk.
pub(super) async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
