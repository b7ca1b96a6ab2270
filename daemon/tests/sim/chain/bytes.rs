//! Transactions of the simulated chain, and their bytes: the same transaction always has the same bytes and hash.

use crate::faults::Fault;
use orderd_sdk::plugin::{HexBytes, Prepared};
use serde::{Deserialize, Serialize};

/// A signed transaction, as its bytes say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Signed {
    pub(crate) address: String,
    pub(crate) sequence: u64,
    pub(crate) unsigned: Unsigned,
}

/// The payload of this chain: what venues build, and `estimate` completes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unsigned {
    pub(crate) effect: Effect,
    /// What it offers for its place in a block; 0 before the estimate.
    pub(crate) bid: u64,
}

/// What a transaction does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Effect {
    /// Sells so much; by the amount one knows the order.
    Swap {
        /// In base units.
        amount: u64,
        /// Else it reverts.
        min_out: u64,
        /// Unix seconds after which it reverts.
        deadline: u64,
        /// The venue, which needs an allowance.
        spender: String,
    },
    /// Allows a venue to take so much.
    Approve {
        /// The venue.
        spender: String,
        /// Base units.
        amount: u64,
    },
    /// Nothing: it only takes its sequence.
    Nothing,
    /// Nothing, in place of a swap where there are no sequences.
    Revoke {
        /// That of the swap.
        deadline: u64,
    },
    /// Somebody else's.
    Foreign {
        /// Tells them apart.
        number: u64,
    },
}

impl Signed {
    pub(crate) fn prepare(&self) -> Prepared {
        let raw = serde_json::to_vec(self).expect("a transaction is JSON");
        Prepared { hash: hash_of(&raw), raw: HexBytes(raw) }
    }

    pub(crate) fn read(raw: &[u8]) -> Option<Self> {
        serde_json::from_slice(raw).ok()
    }

    pub(crate) fn hash(&self) -> String {
        self.prepare().hash
    }

    /// What it would be to lose it after it was in a block.
    pub(crate) fn loss(&self) -> Fault {
        match self.unsigned.effect {
            Effect::Approve { .. } => Fault::ApprovalLost,
            Effect::Foreign { .. } => Fault::ForeignLost,
            Effect::Swap { .. } | Effect::Nothing | Effect::Revoke { .. } => Fault::Vanishes,
        }
    }

    /// Unix seconds after which it has no effect.
    pub(crate) fn deadline(&self) -> Option<u64> {
        match self.unsigned.effect {
            Effect::Swap { deadline, .. } | Effect::Revoke { deadline } => Some(deadline),
            Effect::Approve { .. } | Effect::Nothing | Effect::Foreign { .. } => None,
        }
    }

    /// The amount of the order that it executes.
    pub(crate) fn sells(&self) -> Option<u64> {
        match self.unsigned.effect {
            Effect::Swap { amount, .. } => Some(amount),
            Effect::Approve { .. } | Effect::Nothing | Effect::Revoke { .. } | Effect::Foreign { .. } => None,
        }
    }
}

/// FNV-1a: nobody attacks the simulation. The name of what is too late some time says when.
pub(crate) fn hash_of(bytes: &[u8]) -> String {
    let until = Signed::read(bytes).and_then(|signed| signed.deadline());
    let until = until.map(|until| format!("@{until}")).unwrap_or_default();
    format!("0x{:016x}{until}", fingerprint(bytes))
}

/// Until when what has this hash can take effect, in Unix seconds.
pub(crate) fn valid_to(hash: &str) -> Option<u64> {
    hash.split_once('@')?.1.parse().ok()
}

pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
