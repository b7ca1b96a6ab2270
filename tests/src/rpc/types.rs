//! What goes to the node and comes back: block tags, transactions to send, receipts and logs.

use alloy_primitives::{Address, B256, Bytes, Log as RawLog, LogData, U64, U256};
use alloy_sol_types::SolCall;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A block, by number or by its place in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockTag {
    /// The newest block.
    Latest,
    /// The newest block with the waiting transactions on top.
    Pending,
    /// The newest safe block.
    Safe,
    /// The newest final block.
    Finalized,
    /// The block of this number.
    Number(u64),
}

impl Serialize for BlockTag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Latest => serializer.serialize_str("latest"),
            Self::Pending => serializer.serialize_str("pending"),
            Self::Safe => serializer.serialize_str("safe"),
            Self::Finalized => serializer.serialize_str("finalized"),
            Self::Number(number) => U64::from(*number).serialize(serializer),
        }
    }
}

/// A transaction for the node to sign itself, from one of its unlocked accounts.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TxRequest {
    /// The unlocked account.
    pub from: Address,
    /// The receiver; none creates a contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Address>,
    /// Call data, or creation bytecode.
    pub data: Bytes,
    /// Wei to send along.
    pub value: U256,
    /// The gas limit; the node estimates it when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gas: Option<U64>,
    /// The account's sequence number; the node takes the next one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<U64>,
    /// Wei to pay per gas; the node decides when absent. Who pays more comes first in a block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gas_price: Option<U64>,
}

impl TxRequest {
    /// A call of a contract's function.
    pub fn call(from: Address, to: Address, call: &impl SolCall) -> Self {
        Self { from, to: Some(to), data: call.abi_encode().into(), ..Self::default() }
    }

    /// The same with wei sent along.
    #[must_use]
    pub fn with_value(self, value: U256) -> Self {
        Self { value, ..self }
    }
}

/// What became of a transaction that is in a block.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The transaction.
    pub transaction_hash: B256,
    /// Its block.
    #[serde(deserialize_with = "quantity")]
    pub block_number: u64,
    /// Its sender.
    pub from: Address,
    /// Its receiver; none for a creation.
    pub to: Option<Address>,
    /// The contract created, if any.
    pub contract_address: Option<Address>,
    /// 1 for success, 0 for a revert.
    #[serde(deserialize_with = "quantity")]
    pub status: u64,
    /// Gas used.
    #[serde(deserialize_with = "quantity")]
    pub gas_used: u64,
    /// Wei paid per gas.
    #[serde(deserialize_with = "quantity")]
    pub effective_gas_price: u64,
    /// Events emitted; none after a revert.
    pub logs: Vec<Log>,
}

impl Receipt {
    /// Whether the transaction did what it was sent for; otherwise it reverted.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.status == 1
    }
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Log {
    /// The contract that emitted it.
    pub address: Address,
    /// Its signature and indexed fields.
    pub topics: Vec<B256>,
    /// Its other fields.
    pub data: Bytes,
}

impl Log {
    /// The same in the form that the ABI decoder reads.
    #[must_use]
    pub fn raw(&self) -> RawLog {
        let data = LogData::new_unchecked(self.topics.clone(), self.data.clone());
        RawLog { address: self.address, data }
    }
}

/// Reads a JSON-RPC quantity (`"0x…"`).
pub(crate) fn quantity<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Ok(U64::deserialize(deserializer)?.to())
}
