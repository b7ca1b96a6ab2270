//! Why a plugin could not do what it was asked.

use serde::{Deserialize, Serialize};

/// A failed call. Its message is shown to operators and clients: no secrets, no URLs with keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[error("{message}")]
pub struct PluginError {
    /// What the daemon should make of it.
    pub kind: ErrorKind,
    /// What went wrong, a lower-case fragment.
    pub message: String,
}

/// What the daemon should make of a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// Trying again later may help: the node is down. For a venue it counts against its health.
    Transient,
    /// Trying again later may help, and nothing is broken: the market does not give this now, since a pool is too shallow
    /// or the price has moved. An answer like any other: it does not count against the venue's health.
    Market,
    /// Trying again cannot help: no such pool, refused by a policy.
    Permanent,
    /// The account does not have what it should pay: the sold token, or the coin for the network's fee. Trying again
    /// by itself cannot help.
    InsufficientFunds,
    /// The account has not allowed the venue to take the sold token. Trying again by itself cannot help.
    InsufficientAllowance,
    /// The account's policy does not allow it. The daemon says so of its own refusals; plugins have no use for it.
    PolicyRefused,
    /// The request itself makes no sense to the plugin.
    Invalid,
    /// The plugin panicked; it is reported, never raised by hand.
    Panic,
    /// The deadline passed.
    Deadline,
    /// The host cancelled the call.
    Cancelled,
    /// The plugin does not know this method: it speaks an older minor version.
    Unsupported,
}

impl PluginError {
    /// A failure that trying again may mend.
    pub fn transient(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Transient, message: message.into() }
    }

    /// What the market does not give now, while all works well.
    pub fn market(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Market, message: message.into() }
    }

    /// A failure that trying again cannot mend.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Permanent, message: message.into() }
    }

    /// The account has too little of what it should pay.
    pub fn insufficient_funds(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::InsufficientFunds, message: message.into() }
    }

    /// The account has not allowed the venue to take the sold token.
    pub fn insufficient_allowance(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::InsufficientAllowance, message: message.into() }
    }

    /// The account's policy does not allow it.
    pub fn policy_refused(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::PolicyRefused, message: message.into() }
    }

    /// Something that this plugin does not do.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Unsupported, message: message.into() }
    }

    /// A request or configuration that makes no sense.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Invalid, message: message.into() }
    }

    /// Whether trying again may help. Deadlines, cancelled calls and panics count as such: the fault may pass.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.kind {
            ErrorKind::Transient
            | ErrorKind::Market
            | ErrorKind::Panic
            | ErrorKind::Deadline
            | ErrorKind::Cancelled => true,
            ErrorKind::Permanent
            | ErrorKind::InsufficientFunds
            | ErrorKind::InsufficientAllowance
            | ErrorKind::PolicyRefused
            | ErrorKind::Invalid
            | ErrorKind::Unsupported => false,
        }
    }
}
