//! Questions to the chain's plugin: read-only calls of contracts, all of one question at once.

use alloy_primitives::{Address, Bytes};
use alloy_sol_types::SolCall;
use orderd_sdk::amount::Amount;
use orderd_sdk::plugin::{ChainRead, Context, Host, Payload, PluginError};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Asks one chain.
#[derive(Clone, Debug)]
pub(crate) struct ChainReader {
    host: Host,
    chain: String,
}

/// A read-only call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct View {
    to: Address,
    data: Bytes,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Address>,
}

/// What came of one call.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Viewed {
    /// The contract's output; empty when there is no contract.
    Returned { ok: Bytes },
    /// The contract refused.
    Reverted { revert: String },
}

/// What came of all calls of a question.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    results: Vec<Viewed>,
    gas_price: Option<Amount>,
}

impl View {
    /// Calls a function of a contract.
    pub(crate) fn new(to: Address, call: &impl SolCall) -> Self {
        Self { to, data: call.abi_encode().into(), from: None }
    }

    /// The same call as this account would make it.
    pub(crate) fn made_by(self, account: Address) -> Self {
        let from = Some(account);
        Self { from, ..self }
    }
}

impl Viewed {
    /// What the function `C` returned, if it did.
    pub(crate) fn returned<C: SolCall>(&self) -> Option<C::Return> {
        match self {
            Self::Returned { ok } => C::abi_decode_returns(ok).ok(),
            Self::Reverted { .. } => None,
        }
    }

    /// What the function `C` returned.
    ///
    /// # Errors
    /// [`Permanent`](orderd_sdk::plugin::ErrorKind::Permanent) when there is no such contract or it refused.
    pub(crate) fn expect<C: SolCall>(&self, whose: &str) -> Result<C::Return, PluginError> {
        let function = C::SIGNATURE.split('(').next().unwrap_or_default();
        match self {
            Self::Returned { ok } => C::abi_decode_returns(ok)
                .map_err(|_| PluginError::permanent(format!("{whose} is no contract with {function}()"))),
            Self::Reverted { revert } => {
                Err(PluginError::permanent(format!("{function}() of {whose} refuses: {revert}")))
            }
        }
    }

    /// Whether the contract refused.
    pub(crate) fn reverted(&self) -> bool {
        matches!(self, Self::Reverted { .. })
    }
}

impl ChainReader {
    /// Asks the chain of this name in the configuration.
    pub(crate) fn new(host: Host, chain: String) -> Self {
        Self { host, chain }
    }

    /// Makes all calls at the newest block; the results come in their order.
    ///
    /// # Errors
    /// When the chain cannot be asked.
    pub(crate) async fn view(&self, ctx: &Context, views: &[View]) -> Result<Vec<Viewed>, PluginError> {
        if views.is_empty() {
            return Ok(Vec::new());
        }
        let reply = self.ask(ctx, views.len(), json!({"calls": views}).into()).await?;
        Ok(reply.results)
    }

    /// As [`ChainReader::view`], with the expected price of gas in wei.
    ///
    /// # Errors
    /// When the chain cannot be asked.
    pub(crate) async fn view_priced(
        &self,
        ctx: &Context,
        views: &[View],
    ) -> Result<(Vec<Viewed>, Amount), PluginError> {
        let reply = self.ask(ctx, views.len(), json!({"calls": views, "gasPrice": true}).into()).await?;
        let gas_price = reply.gas_price;
        let gas_price = gas_price.ok_or_else(|| PluginError::transient("the chain told no price of gas"))?;
        Ok((reply.results, gas_price))
    }

    async fn ask(&self, ctx: &Context, count: usize, query: Payload) -> Result<Reply, PluginError> {
        let chain = self.chain.clone();
        let answer = self.host.read_chain(ctx, ChainRead { chain, query }).await?;
        let reply: Reply = answer
            .read()
            .map_err(|error| PluginError::transient(format!("the chain's answer makes no sense: {error}")))?;
        match reply.results.len() == count {
            true => Ok(reply),
            false => Err(PluginError::transient("the chain did not answer every call")),
        }
    }
}
