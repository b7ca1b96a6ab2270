//! What the chain asks for gas now, from its newest block. One question a second serves all concurrent callers.

use crate::rpc::{Answer, Call, Rpc, RpcError};
use alloy_primitives::U128;
use orderd_sdk::plugin::{Context, PluginError};
use serde::Deserialize;
use serde_json::json;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

/// How long an answer is as good as a new one.
const FRESH: Duration = Duration::from_secs(1);

/// What the chain asks, in wei per unit of gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Market {
    /// The newest block's base fee.
    pub(crate) base_fee: u128,
    /// What the node suggests for the block's producer.
    pub(crate) priority_fee: u128,
}

impl Market {
    /// What a unit of gas is expected to cost.
    pub(crate) fn gas_price(self) -> u128 {
        self.base_fee.saturating_add(self.priority_fee)
    }
}

/// Knows the [`Market`], at most [`FRESH`] old.
pub(crate) struct FeeOracle {
    fallback_priority_fee: u128,
    seen: Mutex<Option<(Instant, Market)>>,
    /// Whoever holds it asks the node; the others wait for what it learns.
    turn: Semaphore,
}

impl FeeOracle {
    /// Knows nothing yet. The fallback is taken when the node suggests no priority fee.
    pub(crate) fn new(fallback_priority_fee: u128) -> Self {
        Self { fallback_priority_fee, seen: Mutex::new(None), turn: Semaphore::new(1) }
    }

    /// The market now.
    ///
    /// # Errors
    /// When the node does not tell it, or its blocks have no base fee.
    pub(crate) async fn now(&self, ctx: &Context, rpc: &Rpc) -> Result<Market, PluginError> {
        if let Some(market) = self.fresh() {
            return Ok(market);
        }
        let turn = timeout_at(ctx.deadline(), self.turn.acquire()).await;
        let _turn = turn
            .map_err(|_| PluginError::transient("the node does not tell its fees"))?
            .expect("the semaphore is never closed");
        match self.fresh() {
            Some(market) => Ok(market),
            None => self.ask(ctx, rpc).await,
        }
    }

    /// The market as last seen, however old. Asks nobody.
    pub(crate) fn last_seen(&self) -> Option<Market> {
        self.read().map(|(_, market)| market)
    }

    fn fresh(&self) -> Option<Market> {
        let (seen, market) = self.read()?;
        (seen.elapsed() < FRESH).then_some(market)
    }

    fn read(&self) -> Option<(Instant, Market)> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, ctx: &Context, rpc: &Rpc) -> Result<Market, PluginError> {
        let calls = [
            Call { method: "eth_getBlockByNumber", params: json!(["latest", false]) },
            Call { method: "eth_maxPriorityFeePerGas", params: json!([]) },
        ];
        let answers = rpc.batch(ctx, &calls).await?;
        let market = self.market(&answers)?;
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), market));
        Ok(market)
    }

    fn market(&self, answers: &[Answer]) -> Result<Market, PluginError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Block {
            base_fee_per_gas: Option<U128>,
        }
        let [block, tip] = answers else {
            return Err(RpcError::Malformed("not two answers").into());
        };
        let base_fee = block.read::<Block>()?.base_fee_per_gas;
        let base_fee =
            base_fee.ok_or_else(|| PluginError::permanent("the chain has no base fee (EIP-1559)"))?;
        let suggested = tip.read::<U128>().map(|tip| tip.to());
        Ok(Market { base_fee: base_fee.to(), priority_fee: suggested.unwrap_or(self.fallback_priority_fee) })
    }
}
