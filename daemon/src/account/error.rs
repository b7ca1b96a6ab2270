//! Why a key or a token cannot be had, or is not used. No message shows anything of it.

use super::{KeyFileError, Refusal};
use crate::config::KeySource;
use std::fmt::Display;

/// Some accounts have no usable key. Printed with one account on each line; no key is ever shown.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the keys of {} account(s){}", problems.len(), lines(problems))]
pub struct KeyringError {
    /// Every account whose key is not usable, by name.
    pub problems: Vec<KeyProblem>,
}

/// An account has no usable key.
#[derive(Debug, thiserror::Error)]
#[error("accounts.{account}.key: {error}")]
pub struct KeyProblem {
    /// The account's name.
    pub account: String,
    /// Why.
    pub error: KeyError,
}

/// Some tokens cannot be used. Printed with one on each line; no token is ever shown.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {} token(s){}", problems.len(), lines(problems))]
pub struct TokensError {
    /// Every token that cannot be used, by name.
    pub problems: Vec<TokenProblem>,
}

/// A token cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("auth.tokens.{token}: {error}")]
pub struct TokenProblem {
    /// The token's name.
    pub token: String,
    /// Why.
    pub error: TokenError,
}

/// Why a token cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It cannot be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Another token is the same: nobody could tell who calls.
    #[error("is the same token as {with}; every token needs its own")]
    Shared {
        /// The other token.
        with: String,
    },
}

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It cannot be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Another account signs with it on the same chain: the two would take each other's sequences.
    #[error("is the key of account {with} too, on the same chain; keep one of the two")]
    Shared {
        /// The other account.
        with: String,
    },
}

/// Why a secret cannot be had from where it should be.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The environment does not have it.
    #[error("the variable {0} of the environment is not set")]
    NotSet(String),
    /// The file cannot be used.
    #[error("the file {file} {error}")]
    File {
        /// The file.
        file: String,
        /// Why.
        error: KeyFileError,
    },
    /// There is something else.
    #[error("what {place} holds {detail}")]
    Malformed {
        /// The variable or the file.
        place: String,
        /// What is wrong; it shows nothing of the content.
        detail: String,
    },
}

/// Why a digest is not signed. Trying again cannot help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// There is no such account.
    #[error("no account is called {0:?}")]
    UnknownAccount(String),
    /// The account's key is for another chain.
    #[error("account {account} belongs to chain {belongs_to}, not to {chain:?}")]
    OtherChain {
        /// The account.
        account: String,
        /// Its chain.
        belongs_to: String,
        /// The chain on whose behalf a signature was asked for.
        chain: String,
    },
    /// The account was configured without a key.
    #[error("account {0} has no key")]
    NoKey(String),
    /// It is no digest.
    #[error("a digest has 32 bytes")]
    Digest,
    /// The signature would not come out, which does not happen by chance.
    #[error("the digest cannot be signed")]
    Unsignable,
    /// The daemon has not asked for it: a plugin wants it of its own accord, too late, or for another sequence.
    #[error("the daemon asks for no signature of account {account}{} now", at(*sequence))]
    Unasked {
        /// The account.
        account: String,
        /// The sequence, if it was told.
        sequence: Option<u64>,
    },
    /// The daemon has asked for one.
    #[error("account {account} has given the one signature that the daemon asks for")]
    Twice {
        /// The account.
        account: String,
    },
    /// The account's policy does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl SecretError {
    /// What is there is not what it should be. `error` must show nothing of it.
    pub(super) fn malformed(source: &KeySource, error: &impl Display) -> Self {
        let place = match source {
            KeySource::Env(variable) => format!("the variable {variable} of the environment"),
            KeySource::File(path) => format!("the file {}", path.display()),
        };
        Self::Malformed { place, detail: error.to_string() }
    }
}

fn at(sequence: Option<u64>) -> String {
    sequence.map_or_else(String::new, |sequence| format!(" at sequence {sequence}"))
}

fn lines(problems: &[impl Display]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}
