//! Why an attempt failed, for programs.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why an attempt, or the whole order, came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ErrorCode {
    /// A venue or chain could not be asked, or the market does not allow the swap now.
    Unavailable,
    /// A venue or chain refuses the swap, and will again.
    Refused,
    /// The account does not have what it should pay: the sold token, or the coin for the network's fee.
    InsufficientFunds,
    /// The venue is not allowed to take the sold token.
    InsufficientAllowance,
    /// The chain's node refused the signed bytes.
    NotSent,
    /// The swap was included without effect.
    Reverted,
    /// The swap was not included before its deadline, and was taken back.
    NotIncluded,
    /// A transaction that is not the daemon's took the swap's place in the account's sequence.
    SequenceTaken,
    /// The account's policy does not allow it: a contract that is not listed, or more than may be spent in a while.
    PolicyRefused,
}

impl ErrorCode {
    /// Every code.
    pub const ALL: [Self; 9] = [
        Self::Unavailable,
        Self::Refused,
        Self::InsufficientFunds,
        Self::InsufficientAllowance,
        Self::NotSent,
        Self::Reverted,
        Self::NotIncluded,
        Self::SequenceTaken,
        Self::PolicyRefused,
    ];

    /// The name on the wire, such as `insufficient-funds`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Refused => "refused",
            Self::InsufficientFunds => "insufficient-funds",
            Self::InsufficientAllowance => "insufficient-allowance",
            Self::NotSent => "not-sent",
            Self::Reverted => "reverted",
            Self::NotIncluded => "not-included",
            Self::SequenceTaken => "sequence-taken",
            Self::PolicyRefused => "policy-refused",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
