//! The ordinary calls of an Ethereum node that tests need.

use std::time::Duration;

use alloy_primitives::{Address, B256, Bytes, U64, U256};
use alloy_sol_types::SolCall;
use serde_json::json;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::{BlockTag, Receipt, Rpc, RpcError, TxRequest};
use crate::contracts::Erc20;

/// How long a transaction may take to be in a block.
const RECEIPT_DEADLINE: Duration = Duration::from_secs(30);
/// How often it is asked for.
const RECEIPT_POLL: Duration = Duration::from_millis(10);

/// # Errors
/// All of these fail like [`Rpc::call`].
impl Rpc {
    /// The number of the newest block.
    pub async fn block_number(&self) -> Result<u64, RpcError> {
        Ok(self.call::<U64>("eth_blockNumber", ()).await?.to())
    }

    /// Wei held by `who`.
    pub async fn balance(&self, who: Address) -> Result<U256, RpcError> {
        self.call("eth_getBalance", (who, BlockTag::Latest)).await
    }

    /// Base units of `token` held by `who`.
    pub async fn erc20_balance(&self, token: Address, who: Address) -> Result<U256, RpcError> {
        self.eth_call(token, &Erc20::balanceOfCall { owner: who }).await
    }

    /// How many transactions of `who` are in the chain up to `tag`: its next sequence number there.
    pub async fn transaction_count(&self, who: Address, tag: BlockTag) -> Result<u64, RpcError> {
        Ok(self.call::<U64>("eth_getTransactionCount", (who, tag)).await?.to())
    }

    /// Calls a contract's function on the newest block without a transaction.
    pub async fn eth_call<C: SolCall>(&self, to: Address, call: &C) -> Result<C::Return, RpcError> {
        let question = json!({ "to": to, "data": Bytes::from(call.abi_encode()) });
        let data: Bytes = self.call("eth_call", (question, BlockTag::Latest)).await?;
        C::abi_decode_returns(&data).map_err(|source| RpcError::Abi { method: C::SIGNATURE, source })
    }

    /// Lets the node sign and send a transaction from one of its unlocked accounts.
    pub async fn send(&self, transaction: &TxRequest) -> Result<B256, RpcError> {
        self.call("eth_sendTransaction", (transaction,)).await
    }

    /// Sends a signed transaction.
    pub async fn send_raw(&self, signed: &Bytes) -> Result<B256, RpcError> {
        self.call("eth_sendRawTransaction", (signed,)).await
    }

    /// Sends a transaction from an unlocked account and waits until it is in a block. It may have reverted.
    pub async fn execute(&self, transaction: &TxRequest) -> Result<Receipt, RpcError> {
        let hash = self.send(transaction).await?;
        self.wait_for_receipt(hash).await
    }

    /// The receipt of a transaction; none while it is in no block.
    pub async fn receipt(&self, hash: B256) -> Result<Option<Receipt>, RpcError> {
        self.call("eth_getTransactionReceipt", (hash,)).await
    }

    /// The receipt of a transaction, asked for until it is there or the bound is reached.
    pub async fn wait_for_receipt(&self, hash: B256) -> Result<Receipt, RpcError> {
        let deadline = Instant::now() + RECEIPT_DEADLINE;
        let mut poll = interval(RECEIPT_POLL);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while Instant::now() < deadline {
            poll.tick().await;
            if let Some(receipt) = self.receipt(hash).await? {
                return Ok(receipt);
            }
        }
        Err(RpcError::NoReceipt { hash, waited: RECEIPT_DEADLINE })
    }
}
