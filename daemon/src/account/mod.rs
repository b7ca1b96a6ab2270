//! The daemon's secrets: where they come from, who may use them. They never leave this room.
//!
//! A [`Keyring`] of the accounts' private keys is made once from the configuration and signs digests afterwards. A key
//! is used on behalf of the one chain its account belongs to, whoever asks. Of the [tokens](load_tokens) of those who
//! may call, their digests are given out.

mod error;
mod key_file;
mod keyring;
mod secret;
mod tokens;

pub use error::{
    KeyError, KeyProblem, KeyringError, SecretError, SignError, TokenError, TokenProblem, TokensError,
};
pub use key_file::KeyFileError;
pub use keyring::Keyring;
pub use tokens::{Token, load_tokens};
