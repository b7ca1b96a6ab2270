//! What a chain is told and tells of signed transactions: their way out, and what became of them.

use super::HexBytes;
use crate::amount::Amount;
use serde::{Deserialize, Serialize};

/// What to send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SendRequest {
    /// The signed bytes.
    pub raw: HexBytes,
    /// Their hash.
    pub hash: String,
}

/// What became of a send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum SendOutcome {
    /// The chain's node has it, now or from before.
    Accepted,
    /// It is certain that nobody has it: no byte left, or the node refused it as inadmissible.
    NotSent {
        /// Why.
        reason: String,
    },
    /// Nobody can tell: a time-out, a dropped connection, an answer that makes no sense.
    Unknown {
        /// What was seen.
        reason: String,
    },
}

/// Which transactions to look up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatusRequest {
    /// At most 100.
    pub queries: Vec<TxQuery>,
}

/// A transaction to look up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TxQuery {
    /// Its hash.
    pub hash: String,
    /// What it should have brought in; none where only inclusion matters.
    #[serde(default)]
    pub receive: Option<Receive>,
}

/// A token that a transaction should bring to an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Receive {
    /// The token's address on the chain.
    pub token: String,
    /// Who receives it.
    pub address: String,
}

/// What the chain knows of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "status", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum TxStatus {
    /// The chain was asked and does not know it. It may still appear.
    NotFound,
    /// Known, in no block.
    Pending,
    /// In a block, with effect.
    Succeeded {
        /// The block.
        block: BlockRef,
        /// Net amount of the queried token that reached the queried address, read from the chain's own records.
        received: Option<Amount>,
        /// Whether the block cannot be undone any more.
        finalized: bool,
    },
    /// In a block, without effect; its sequence is consumed.
    Reverted {
        /// The block.
        block: BlockRef,
        /// Why, as far as the chain tells.
        reason: String,
        /// Whether the block cannot be undone any more.
        finalized: bool,
    },
    /// In no block that could be undone, and it can never take effect any more, whoever sends it: the chain itself
    /// refuses it for good, as after an expiry that it enforces. It is heeded where the chain has no sequences
    /// ([`Numbering::Lane`](super::Numbering::Lane)), and means "not found" elsewhere. Whatever is less than certain is "not found".
    Dead {
        /// What makes it certain.
        reason: String,
    },
}

/// A block.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BlockRef {
    /// Its height.
    pub number: u64,
    /// Its hash.
    pub hash: String,
}
