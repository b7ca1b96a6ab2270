//! Blocks: the newest, the newest that is final, and the one that counts at a height.

use super::EvmChain;
use crate::rpc::{Answer, Call, RpcError};
use crate::settings::Finality;
use alloy_primitives::{B256, U64};
use orderd_sdk::plugin::{Context, PluginError};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What is read of a block.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Block {
    number: U64,
    hash: B256,
}

impl EvmChain {
    pub(super) async fn newest_block(&self, ctx: &Context) -> Result<u64, PluginError> {
        let number: U64 = self.rpc.call(ctx, newest()).await?;
        Ok(number.to())
    }

    /// The call that [`EvmChain::final_height`] reads the answer of.
    pub(super) fn ask_final_height(&self) -> Call {
        match self.finality {
            Finality::Finalized => block(json!("finalized")),
            Finality::Confirmations(_) => newest(),
        }
    }

    /// Up to which height blocks cannot be undone; `None` when there is no such block yet.
    pub(super) fn final_height(&self, answer: &Answer) -> Result<Option<u64>, RpcError> {
        match self.finality {
            Finality::Finalized => {
                let block = if_finalized(answer.read::<Option<Block>>())?.flatten();
                Ok(block.map(|block| block.number.to()))
            }
            Finality::Confirmations(depth) => {
                let newest: u64 = answer.read::<U64>()?.to();
                Ok(newest.checked_sub(depth))
            }
        }
    }

    /// The hashes of the blocks that count at these heights now.
    pub(super) async fn canonical(
        &self,
        ctx: &Context,
        heights: BTreeSet<u64>,
    ) -> Result<BTreeMap<u64, B256>, RpcError> {
        let calls: Vec<Call> = heights.iter().map(|height| block(json!(U64::from(*height)))).collect();
        if calls.is_empty() {
            return Ok(BTreeMap::new());
        }
        let answers = self.rpc.batch(ctx, &calls).await?;
        let mut hashes = BTreeMap::new();
        for (height, answer) in heights.into_iter().zip(answers) {
            let block: Option<Block> = answer.read()?;
            hashes.extend(block.map(|block| (height, block.hash)));
        }
        Ok(hashes)
    }
}

/// Asks for the number of the newest block.
pub(super) fn newest() -> Call {
    Call { method: "eth_blockNumber", params: json!([]) }
}

/// A node whose chain has no final block yet says so with an error (go-ethereum): nothing is final then.
pub(super) fn if_finalized<T>(answer: Result<T, RpcError>) -> Result<Option<T>, RpcError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(RpcError::Fault(fault)) if fault.message.contains("finalized block not found") => Ok(None),
        Err(error) => Err(error),
    }
}

fn block(number_or_tag: serde_json::Value) -> Call {
    Call { method: "eth_getBlockByNumber", params: json!([number_or_tag, false]) }
}
