//! The accounts' private keys: where they come from, who may use them. They never leave this room.
//!
//! A [`Keyring`] is made once from the configuration and signs digests afterwards. A key is used on behalf of the one
//! chain its account belongs to, whoever asks.

mod key_file;
mod keyring;
mod secret;

pub use key_file::KeyFileError;
pub use keyring::{KeyError, KeyProblem, Keyring, KeyringError, SignError};
