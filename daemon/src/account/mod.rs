//! The daemon's secrets: where they come from, who may use them. They never leave this room.
//!
//! A [`Keyring`] of the accounts' private keys is made once from the configuration. A key is used on behalf of the one
//! chain its account belongs to. Plugins get signatures from the [`Signatory`] alone: for what the daemon is asking their
//! chain to sign at that moment, and what the account's policy allows. Of the [tokens](load_tokens) of those who
//! may call, their digests are given out.

mod error;
mod key_file;
mod keyring;
mod permits;
mod policy;
mod secret;
mod signatory;
mod tokens;

pub use error::{
    KeyError, KeyProblem, KeyringError, SecretError, SignError, TokenError, TokenProblem, TokensError,
};
pub use key_file::KeyFileError;
pub use keyring::Keyring;
pub use permits::Permit;
pub use policy::{Occasion, Refusal};
pub use signatory::Signatory;
pub use tokens::{Token, load_tokens};
