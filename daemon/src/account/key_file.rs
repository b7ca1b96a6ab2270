//! Reads files that hold a key or a token, and refuses those that other users can read.

use super::secret::Secret;
use k256::elliptic_curve::zeroize::Zeroizing;
use std::{
    fs::{File, Metadata},
    io::{self, Read},
    path::Path,
};

/// Room for a key or a token and some white space; a longer file is something else.
const MAX_BYTES: u64 = 256;

/// Why such a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It cannot be opened or read.
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),
    /// It is a folder, a pipe or a device.
    #[error("is not a regular file")]
    NotAFile,
    /// Users other than its owner have rights to it.
    #[error("can be used by other users (mode {mode:03o}); take their rights away with: chmod 600")]
    Exposed {
        /// Its permission bits.
        mode: u32,
    },
    /// It is too long.
    #[error("is longer than {MAX_BYTES} bytes, which no key and no token is")]
    TooLong,
    /// It holds something else than text.
    #[error("is not text")]
    NotText,
}

/// The content of such a file. The rights that count are those of the file that was opened.
pub(super) fn read(path: &Path) -> Result<Secret, KeyFileError> {
    if !path.metadata()?.is_file() {
        return Err(KeyFileError::NotAFile);
    }
    let file = File::open(path)?;
    check_rights(&file.metadata()?)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES as usize + 1));
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(KeyFileError::TooLong);
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Secret::new(text.to_owned())),
        Err(_) => Err(KeyFileError::NotText),
    }
}

#[cfg(unix)]
fn check_rights(file: &Metadata) -> Result<(), KeyFileError> {
    use std::os::unix::fs::PermissionsExt;
    const OTHERS: u32 = 0o077;
    match file.permissions().mode() & 0o777 {
        mode if mode & OTHERS != 0 => Err(KeyFileError::Exposed { mode }),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn check_rights(_file: &Metadata) -> Result<(), KeyFileError> {
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt};

    fn told(content: &[u8], mode: u32) -> Result<(), String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("main.hex");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        read(&path).map(drop).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_that_others_can_use_is_refused() {
        for mode in [0o600, 0o400, 0o700] {
            assert_eq!(told(b"abc", mode), Ok(()), "{mode:o}");
        }
        for mode in [0o640, 0o604, 0o620, 0o601, 0o666] {
            let expected =
                format!("can be used by other users (mode {mode:o}); take their rights away with: chmod 600");
            assert_eq!(told(b"abc", mode), Err(expected));
        }
    }

    #[test]
    fn what_cannot_be_a_key_file_is_refused() {
        let text = |result: Result<(), String>| result.unwrap_err();
        assert_eq!(text(told(&[b'0'; 257], 0o600)), "is longer than 256 bytes, which no key and no token is");
        assert_eq!(text(told(&[0xff, 0xfe], 0o600)), "is not text");
        assert!(matches!(read(Path::new("/dev/null")), Err(KeyFileError::NotAFile)));
        assert!(matches!(read(Path::new("no/such/file")), Err(KeyFileError::Read(_))));
    }
}
