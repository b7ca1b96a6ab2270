//! What is particular to the chain: how a pool is read, and how a swap is said. This chain is paper: its pools are kept
//! under the names of venues.

use crate::{
    pool::Pool,
    settings::{Pair, Settings},
};
use orderd_sdk::plugin::{Build, BuildRequest, ChainRead, Context, Host, PluginError, Token};
use serde_json::{Value, json};

/// The pools of one venue.
pub(crate) struct Pools {
    host: Host,
    chain: String,
    venue: String,
}

impl Pools {
    pub(crate) fn new(host: Host, chain: &str, venue: &str, _settings: &Settings) -> Self {
        Self {
            host,
            chain: chain.to_owned(),
            venue: venue.to_owned(),
        }
    }

    /// What the pool of a pair has now, as seen by who sells `token_in`.
    ///
    /// # Errors
    /// When the chain cannot be asked, or has no such pool.
    pub(crate) async fn read(
        &self,
        ctx: &Context,
        pair: &Pair,
        token_in: &Token,
    ) -> Result<Pool, PluginError> {
        let [one, other] = &pair.tokens;
        let token_out = if token_in.address == one.address {
            other
        } else {
            one
        };
        let tokens = [&token_in.address, &token_out.address];
        let query = json!({"what": "pool", "venue": self.venue, "tokens": tokens}).into();
        let answer = self
            .host
            .read_chain(
                ctx,
                ChainRead {
                    chain: self.chain.clone(),
                    query,
                },
            )
            .await?;
        let answer: Value = answer.read()?;
        let [reserve_in, reserve_out] = serde_json::from_value(answer["reserves"].clone())
            .map_err(|error| {
                PluginError::transient(format!("the chain's answer makes no sense: {error}"))
            })?;
        Ok(Pool {
            reserve_in,
            reserve_out,
        })
    }

    /// The transaction of a swap. A chain that knows approvals would have one asked for here.
    ///
    /// # Errors
    /// None on this chain.
    pub(crate) async fn swap(
        &self,
        _ctx: &Context,
        request: &BuildRequest,
    ) -> Result<Build, PluginError> {
        let payload = json!({
            "venue": self.venue,
            "trader": request.trader,
            "tokenIn": request.token_in.address,
            "tokenOut": request.token_out.address,
            "amountIn": request.amount_in,
            "minOut": request.min_out,
            "deadline": request.deadline,
        });
        Ok(Build::Swap {
            payload: payload.into(),
        })
    }
}

/// A chain with one pool, for tests.
#[cfg(test)]
pub(crate) mod fake {
    use super::*;
    use orderd_sdk::plugin::{HostServices, Payload, SignRequest, Signature, async_trait};

    pub(crate) const TRADER: &str = "paper:main";

    struct Chain;

    #[async_trait]
    impl HostServices for Chain {
        async fn sign(&self, _: &Context, _: SignRequest) -> Result<Signature, PluginError> {
            Err(PluginError::permanent("venues never sign"))
        }

        async fn read_chain(
            &self,
            _: &Context,
            request: ChainRead,
        ) -> Result<Payload, PluginError> {
            let query: Value = request.query.read()?;
            assert_eq!(
                (request.chain.as_str(), &query["venue"]),
                ("local", &json!("dex"))
            );
            Ok(json!({"reserves": ["1000", "1000"], "feeBps": 0}).into())
        }
    }

    pub(crate) fn host() -> Host {
        Host::new(Chain)
    }

    pub(crate) fn settings() -> Settings {
        let token = |symbol: &str| Token {
            symbol: symbol.to_owned(),
            address: symbol.to_lowercase(),
            decimals: 6,
        };
        Settings {
            fee_bps: 0,
            pairs: vec![Pair {
                tokens: [token("A"), token("B")],
            }],
        }
    }

    pub(crate) fn assert_terms(payload: &Payload, min_out: u64, deadline: u64) {
        let payload: Value = payload.read().unwrap();
        assert_eq!(
            (&payload["minOut"], &payload["deadline"]),
            (&json!(min_out.to_string()), &json!(deadline))
        );
    }
}
