//! The token that the daemon is shown.

use crate::{profile::TokenSource, table::plain};
use orderd_sdk::client::{Client, InvalidToken};
use std::{
    fs::{File, Metadata},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// A longer file holds something else.
const MAX_FILE_BYTES: u64 = 4_096;

/// Why there is no token. It shows nothing of what was found in its place.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    /// The file cannot be read.
    #[error("cannot read the token file {}", file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    /// It is no token.
    #[error("{place} holds no token")]
    Invalid { place: String, source: InvalidToken },
}

/// The client that shows the token, if there is one. A file that others can read is told of on `notes`.
pub(crate) fn authorized(
    client: Client,
    token: &TokenSource,
    notes: &mut dyn Write,
) -> Result<Client, TokenError> {
    let (text, place) = match token {
        TokenSource::None => return Ok(client),
        TokenSource::Text(text) => (text.clone(), "ORDERCTL_TOKEN".to_owned()),
        TokenSource::File(file) => {
            let unreadable = |source| TokenError::Unreadable { file: file.clone(), source };
            (read(file, notes).map_err(unreadable)?, file.display().to_string())
        }
    };
    client.with_token(text.trim()).map_err(|source| TokenError::Invalid { place, source })
}

fn read(path: &Path, notes: &mut dyn Write) -> io::Result<String> {
    let mut text = String::new();
    let file = File::open(path)?;
    if let Some(mode) = mode_for_others(&file.metadata()?) {
        // A warning that cannot be written is no reason to stop: the token works.
        let _ = writeln!(
            notes,
            "orderctl: other users can use the token file {} (mode {mode:03o}); take their rights away with: chmod 600",
            plain(&path.display().to_string())
        );
    }
    file.take(MAX_FILE_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

/// The permissions of a file to which users other than its owner have rights.
#[cfg(unix)]
fn mode_for_others(file: &Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    const OTHERS: u32 = 0o077;
    let mode = file.permissions().mode() & 0o777;
    // A pipe, such as `<(pass show orderd)` makes, is not lying around.
    (file.is_file() && mode & OTHERS != 0).then_some(mode)
}

#[cfg(not(unix))]
fn mode_for_others(_file: &Metadata) -> Option<u32> {
    None
}
