//! What a chain is told and tells of signed transactions: their way out, and what became of them.

use super::HexBytes;
use crate::amount::Amount;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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

/// By hand: what serde makes for a tag reads every message twice, and of these there are many.
impl<'de> Deserialize<'de> for TxStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Flat { status, block, received, reason, finalized } = Flat::deserialize(deserializer)?;
        let block = || block.ok_or_else(|| D::Error::missing_field("block"));
        let reason = || reason.ok_or_else(|| D::Error::missing_field("reason"));
        let finalized = || finalized.ok_or_else(|| D::Error::missing_field("finalized"));
        Ok(match status {
            Name::NotFound => Self::NotFound,
            Name::Pending => Self::Pending,
            Name::Succeeded => Self::Succeeded { block: block()?, received, finalized: finalized()? },
            Name::Reverted => Self::Reverted { block: block()?, reason: reason()?, finalized: finalized()? },
            Name::Dead => Self::Dead { reason: reason()? },
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Name {
    NotFound,
    Pending,
    Succeeded,
    Reverted,
    Dead,
}

/// Every field that a [`TxStatus`] may have.
#[derive(Deserialize)]
struct Flat {
    status: Name,
    block: Option<BlockRef>,
    received: Option<Amount>,
    reason: Option<String>,
    finalized: Option<bool>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_read_as_it_is_written_and_nothing_else_is() {
        let block = BlockRef { number: 7, hash: "0x07".to_owned() };
        let (reason, received) = ("too late".to_owned(), Some(Amount::from(5_u64)));
        for status in [
            TxStatus::NotFound,
            TxStatus::Pending,
            TxStatus::Succeeded { block: block.clone(), received, finalized: true },
            TxStatus::Succeeded { block: block.clone(), received: None, finalized: false },
            TxStatus::Reverted { block, reason: reason.clone(), finalized: false },
            TxStatus::Dead { reason },
        ] {
            let json = serde_json::to_string(&status).unwrap();
            assert_eq!(serde_json::from_str::<TxStatus>(&json).unwrap(), status);
        }
        let later = r#"{"later":[1],"status":"not-found"}"#;
        assert_eq!(serde_json::from_str::<TxStatus>(later).unwrap(), TxStatus::NotFound);
        for wrong in [
            r#"{"status":"succeeded","finalized":true}"#,
            r#"{"status":"succeeded","block":{"number":7,"hash":"0x07"}}"#,
            r#"{"status":"reverted","block":{"number":7,"hash":"0x07"},"finalized":true}"#,
            r#"{"status":"dead"}"#,
            r#"{"status":"lost"}"#,
            "{}",
        ] {
            assert!(serde_json::from_str::<TxStatus>(wrong).is_err(), "{wrong}");
        }
    }
}
