//! Why a key cannot be had, or is not used. No message shows anything of a key.

use super::KeyFileError;

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

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The environment does not have it.
    #[error("the variable {0} of the environment is not set")]
    NotSet(String),
    /// The environment has something else.
    #[error("what the variable {variable} of the environment holds {detail}")]
    MalformedVariable {
        /// The variable.
        variable: String,
        /// What is wrong; it shows nothing of the content.
        detail: String,
    },
    /// The file cannot be used.
    #[error("the file {file} {error}")]
    File {
        /// The file.
        file: String,
        /// Why.
        error: KeyFileError,
    },
    /// The file holds something else.
    #[error("what the file {file} holds {detail}")]
    MalformedFile {
        /// The file.
        file: String,
        /// What is wrong; it shows nothing of the content.
        detail: String,
    },
    /// Another account signs with it on the same chain: the two would take each other's sequences.
    #[error("is the key of account {with} too, on the same chain; keep one of the two")]
    Shared {
        /// The other account.
        with: String,
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
    /// The signature would not come out, which does not happen by chance.
    #[error("the digest cannot be signed")]
    Digest,
}

fn lines(problems: &[KeyProblem]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}
