//! The accounts' private keys: where they come from, who may use them. They never leave this room.
//!
//! A [`Keyring`] is made once from the configuration and signs digests afterwards. A key is used on behalf of the
//! one chain its account belongs to, whoever asks.

mod error;
mod key_file;
mod keyring;
mod secret;

pub use error::{KeyError, KeyProblem, KeyringError, SignError};
pub use key_file::KeyFileError;
pub use keyring::Keyring;
