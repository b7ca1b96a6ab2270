//! The token that the daemon is shown.

use crate::args::TokenSource;
use orderd_sdk::client::{Client, InvalidToken};
use std::{
    error::Error,
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// A longer file holds something else.
const MAX_FILE_BYTES: u64 = 4_096;

/// Why there is no token. It shows nothing of what was found in its place.
#[derive(Debug)]
pub(crate) enum TokenError {
    /// The file cannot be read.
    Unreadable { file: PathBuf, source: io::Error },
    /// It is no token.
    Invalid { place: String, source: InvalidToken },
}

/// The client that shows the token, if there is one.
pub(crate) fn authorized(client: Client, token: &TokenSource) -> Result<Client, TokenError> {
    let (text, place) = match token {
        TokenSource::None => return Ok(client),
        TokenSource::Text(text) => (text.clone(), "ORDERCTL_TOKEN".to_owned()),
        TokenSource::File(file) => {
            let unreadable = |source| TokenError::Unreadable { file: file.clone(), source };
            (read(file).map_err(unreadable)?, file.display().to_string())
        }
    };
    client.with_token(text.trim()).map_err(|source| TokenError::Invalid { place, source })
}

fn read(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(file)?.take(MAX_FILE_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { file, .. } => write!(f, "cannot read the token file {}", file.display()),
            Self::Invalid { place, .. } => write!(f, "{place} holds no token"),
        }
    }
}

impl Error for TokenError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreadable { source, .. } => Some(source),
            Self::Invalid { source, .. } => Some(source),
        }
    }
}
