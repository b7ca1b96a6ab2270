//! What is loaded is a copy of the configured file, named after its content.
//!
//! A library that is overwritten while it is in use takes its process down with it, and a loader that is asked for a
//! path it knows gives the old content again. A copy that is named after what is in it has neither fault: another
//! content has another name, and nobody writes to the copy.

use super::loader::{LoadFailure, PluginSpec};
use k256::sha2::{Digest as _, Sha256};
use orderd_sdk::abi::host::FileError;
use std::{
    env::consts::DLL_SUFFIX,
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// The SHA-256 of a library.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// That of a file. Blocks.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn of_file(file: &Path) -> io::Result<Self> {
        Ok(Self::of(&fs::read(file)?))
    }

    fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A copy that can be loaded.
pub(super) struct Copy {
    pub(super) path: PathBuf,
    pub(super) hash: Hash,
}

/// Puts a copy of the library into its folder, unless it differs from what it is pinned to. The bytes that are compared
/// are those that are copied. A copy may be copied again. Blocks on files.
pub(super) fn copy(spec: &PluginSpec) -> Result<Copy, LoadFailure> {
    let PluginSpec { name, path: file, pin, copies: folder, .. } = spec;
    let bytes = fs::read(file).map_err(|error| unreadable(&error))?;
    let hash = Hash::of(&bytes);
    if let Some(pinned) = pin.filter(|pinned| *pinned != hash) {
        return Err(LoadFailure::Pin { pinned, found: hash });
    }
    let path = folder.join(format!("{name}-{hash}{DLL_SUFFIX}"));
    write(&path, &bytes, folder).map_err(LoadFailure::Copy)?;
    Ok(Copy { path, hash })
}

/// Whole or not at all. What lies there already is used when it is what it should be: a daemon on a full disk can start
/// with the plugins that it had.
fn write(path: &Path, bytes: &[u8], folder: &Path) -> io::Result<()> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    let new = path.with_extension("new");
    fs::write(&new, bytes)?;
    fs::rename(&new, path)
}

/// Removes what earlier versions have left in `folder`. Those that are in use stay usable all the same.
pub(super) fn clean(folder: &Path, current: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path() != current {
            // It is in the way of nobody.
            fs::remove_file(entry.path()).ok();
        }
    }
}

fn unreadable(error: &io::Error) -> LoadFailure {
    let missing = error.kind() == io::ErrorKind::NotFound;
    LoadFailure::File(match missing {
        true => FileError::Missing,
        false => FileError::NotALibrary(error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(folder: &Path, pin: Option<Hash>) -> PluginSpec {
        let (path, copies) = (folder.join("libdex.so"), folder.join("copies"));
        PluginSpec { pin, ..PluginSpec::new("dex", path, copies, Default::default()) }
    }

    #[test]
    fn a_copy_is_named_after_its_content_and_outlives_the_original() {
        let folder = tempfile::tempdir().unwrap();
        let spec = spec(folder.path(), None);
        fs::write(&spec.path, "one").unwrap();
        let first = copy(&spec).unwrap();
        fs::write(&spec.path, "two").unwrap();
        let second = copy(&spec).unwrap();
        assert_ne!(first.path, second.path);
        assert_eq!(fs::read(&first.path).unwrap(), b"one");
        let again = PluginSpec { path: first.path.clone(), ..spec.clone() };
        assert_eq!(copy(&again).unwrap().path, first.path);
        fs::write(&second.path, "damaged").unwrap();
        assert_eq!(fs::read(copy(&spec).unwrap().path).unwrap(), b"two");
        clean(&spec.copies, &second.path);
        assert!(!first.path.exists() && second.path.exists());
    }

    #[test]
    fn another_content_than_the_pinned_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        // The digest that FIPS 180-2 gives for "abc".
        let of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let pin = Hash(hex::decode(of_abc).unwrap().try_into().unwrap());
        let spec = spec(folder.path(), Some(pin));
        fs::write(&spec.path, "abc").unwrap();
        assert_eq!(copy(&spec).unwrap().hash, pin);
        fs::write(&spec.path, "abd").unwrap();
        let refused = copy(&spec).err().unwrap();
        assert!(matches!(refused, LoadFailure::Pin { pinned, .. } if pinned == pin));
        assert!(refused.to_string().contains(of_abc));
    }
}
