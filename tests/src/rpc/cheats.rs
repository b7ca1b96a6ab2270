//! What only a test node can do: make blocks on demand, and write balances and storage.

use alloy_primitives::{Address, B256, Bytes, U64, U256};
use serde_json::Value;
use std::collections::BTreeMap;

use super::{Rpc, RpcError};

/// # Errors
/// All of these fail like [`Rpc::call`].
impl Rpc {
    /// Makes `blocks` blocks now.
    pub async fn mine(&self, blocks: u64) -> Result<(), RpcError> {
        self.ignore("anvil_mine", (U64::from(blocks),)).await
    }

    /// Turns the block per transaction on or off.
    pub async fn set_automine(&self, on: bool) -> Result<(), RpcError> {
        self.ignore("evm_setAutomine", (on,)).await
    }

    /// Makes a block every so many seconds; 0 stops that.
    pub async fn set_interval_mining(&self, seconds: u64) -> Result<(), RpcError> {
        self.ignore("evm_setIntervalMining", (seconds,)).await
    }

    /// Sets the wei held by `who`.
    pub async fn set_balance(&self, who: Address, wei: U256) -> Result<(), RpcError> {
        self.ignore("anvil_setBalance", (who, wei)).await
    }

    /// Writes a contract's storage slot.
    pub async fn set_storage_at(&self, contract: Address, slot: U256, value: B256) -> Result<(), RpcError> {
        self.ignore("anvil_setStorageAt", (contract, slot, value)).await
    }

    /// Puts a contract's code at an address.
    pub async fn set_code(&self, contract: Address, code: &Bytes) -> Result<(), RpcError> {
        self.ignore("anvil_setCode", (contract, code)).await
    }

    /// Sets the time of the next block, in seconds of the Unix epoch.
    pub async fn set_next_time(&self, seconds: u64) -> Result<(), RpcError> {
        self.ignore("evm_setNextBlockTimestamp", (seconds,)).await
    }

    /// Sets the base fee of the next block, in wei per gas.
    pub async fn set_next_base_fee(&self, wei: u64) -> Result<(), RpcError> {
        self.ignore("anvil_setNextBlockBaseFeePerGas", (U64::from(wei),)).await
    }

    /// Sets the gas limit of the blocks to come.
    pub async fn set_block_gas_limit(&self, gas: u64) -> Result<(), RpcError> {
        self.ignore("evm_setBlockGasLimit", (U64::from(gas),)).await
    }

    /// Throws a waiting transaction away, as a node does that forgets it.
    pub async fn drop_transaction(&self, hash: B256) -> Result<(), RpcError> {
        self.ignore("anvil_dropTransaction", (hash,)).await
    }

    /// Replaces the newest `depth` blocks by empty ones.
    pub async fn reorg(&self, depth: u64) -> Result<(), RpcError> {
        self.ignore("anvil_reorg", (depth, Vec::<Value>::new())).await
    }

    /// Undoes the newest `depth` blocks and puts nothing in their place.
    pub async fn rollback(&self, depth: u64) -> Result<(), RpcError> {
        self.ignore("anvil_rollback", (depth,)).await
    }

    /// Remembers the state, for [`Rpc::revert_to`].
    pub async fn snapshot(&self) -> Result<U256, RpcError> {
        self.call("evm_snapshot", ()).await
    }

    /// Goes back to a remembered state, which can be used once. Returns whether it was known.
    pub async fn revert_to(&self, snapshot: U256) -> Result<bool, RpcError> {
        self.call("evm_revert", (snapshot,)).await
    }

    /// How many transactions wait for a block.
    pub async fn waiting_transactions(&self) -> Result<u64, RpcError> {
        #[derive(serde::Deserialize)]
        struct Status {
            pending: U64,
            queued: U64,
        }
        let status: Status = self.call("txpool_status", ()).await?;
        Ok(status.pending.to::<u64>() + status.queued.to::<u64>())
    }

    /// The transactions that wait for a block and could be in the next one.
    pub async fn waiting_hashes(&self) -> Result<Vec<B256>, RpcError> {
        #[derive(serde::Deserialize)]
        struct Content {
            pending: BTreeMap<Address, BTreeMap<String, Waiting>>,
        }
        #[derive(serde::Deserialize)]
        struct Waiting {
            hash: B256,
        }
        let content: Content = self.call("txpool_content", ()).await?;
        let waiting = content.pending.into_values().flat_map(BTreeMap::into_values);
        Ok(waiting.map(|transaction| transaction.hash).collect())
    }

    async fn ignore(&self, method: &str, params: impl serde::Serialize) -> Result<(), RpcError> {
        self.call::<Value>(method, params).await.map(drop)
    }
}
