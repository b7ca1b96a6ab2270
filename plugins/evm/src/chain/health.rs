//! Whether the node answers, serves the configured chain, and tells its fees.

use super::{EvmChain, blocks};
use crate::rpc::{Call, RpcError};
use alloy_primitives::U64;
use orderd_sdk::plugin::{Context, Health, PluginError};
use serde_json::json;

impl EvmChain {
    /// The fees are looked at too: a cancellation may have to do with what was seen last.
    pub(super) async fn look_after(&self, ctx: &Context) -> Result<Health, PluginError> {
        let (market, (chain_id, height)) =
            tokio::try_join!(self.oracle.now(ctx, &self.rpc), self.identity(ctx))?;
        if chain_id != self.chain_id {
            let configured = self.chain_id;
            let message = format!("the node serves chain {chain_id}, configured is {configured}");
            return Err(PluginError::permanent(message));
        }
        let gas_price = market.gas_price();
        Ok(Health { detail: format!("chain {chain_id} at block {height}, gas at {gas_price} wei") })
    }

    async fn identity(&self, ctx: &Context) -> Result<(u64, u64), PluginError> {
        let chain_id = Call { method: "eth_chainId", params: json!([]) };
        let answers = self.rpc.batch(ctx, &[chain_id, blocks::newest()]).await?;
        let [chain_id, height] = answers.as_slice() else {
            return Err(RpcError::Malformed("not two answers").into());
        };
        Ok((chain_id.read::<U64>()?.to(), height.read::<U64>()?.to()))
    }
}
