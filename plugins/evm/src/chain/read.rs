//! Answers venues: read-only calls of contracts, all in one request, and the price of gas.

use super::EvmChain;
use crate::revert::Reverted;
use crate::rpc::{Answer, Call, RpcError};
use alloy_primitives::{Address, Bytes};
use orderd_sdk::amount::Amount;
use orderd_sdk::plugin::{Context, Payload, PluginError};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The most calls of one question.
const MOST_CALLS: usize = 100;

/// The question of a venue.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Query {
    #[serde(default)]
    calls: Vec<View>,
    #[serde(default)]
    block: BlockTag,
    #[serde(default)]
    gas_price: bool,
}

/// A read-only call.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct View {
    to: Address,
    data: Bytes,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Address>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum BlockTag {
    #[default]
    Latest,
    Pending,
    Finalized,
}

/// The answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    results: Vec<Viewed>,
    /// Wei per unit of gas: the newest block's base fee and the suggested priority fee.
    #[serde(skip_serializing_if = "Option::is_none")]
    gas_price: Option<Amount>,
}

/// What came of one call.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Viewed {
    Returned { ok: Bytes },
    Reverted { revert: String, data: Bytes },
}

impl EvmChain {
    pub(super) async fn answer(&self, ctx: &Context, query: &Payload) -> Result<Payload, PluginError> {
        let query: Query = query
            .read()
            .map_err(|error| PluginError::invalid(format!("not a question to an EVM chain: {error}")))?;
        if query.calls.len() > MOST_CALLS {
            return Err(PluginError::invalid(format!("at most {MOST_CALLS} calls at once")));
        }
        let (results, gas_price) = tokio::try_join!(
            self.view(ctx, &query.calls, query.block),
            self.gas_price(ctx, query.gas_price)
        )?;
        Payload::of(&Reply { results, gas_price })
    }

    async fn view(&self, ctx: &Context, views: &[View], block: BlockTag) -> Result<Vec<Viewed>, PluginError> {
        let call = |view| Call { method: "eth_call", params: json!([view, block]) };
        let calls: Vec<Call> = views.iter().map(call).collect();
        let answers = self.rpc.batch(ctx, &calls).await?;
        answers.iter().map(viewed).collect()
    }

    async fn gas_price(&self, ctx: &Context, wanted: bool) -> Result<Option<Amount>, PluginError> {
        match wanted {
            true => {
                let market = self.oracle.now(ctx, &self.rpc).await?;
                Ok(Some(Amount::from(market.gas_price())))
            }
            false => Ok(None),
        }
    }
}

/// A contract's refusal is an answer; any other error leaves the question open.
fn viewed(answer: &Answer) -> Result<Viewed, PluginError> {
    let error = match answer.read() {
        Ok(ok) => return Ok(Viewed::Returned { ok }),
        Err(error) => error,
    };
    let reverted = match &error {
        RpcError::Fault(fault) => Reverted::in_fault(fault),
        RpcError::Transport(_) | RpcError::Malformed(_) => None,
    };
    let reverted = reverted.ok_or(error)?;
    Ok(Viewed::Reverted { revert: reverted.reason, data: reverted.data })
}
