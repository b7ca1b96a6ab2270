//! What is particular to the chain: how a pool is read, and how a swap is said. This chain is an EVM chain; pools and
//! router are Uniswap V2's, or a fork's.

use crate::{
    pool::Pool,
    settings::{Pair, Settings},
};
use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::{SolCall, sol};
use orderd_sdk::{
    amount::Amount,
    plugin::{Approval, Build, BuildRequest, ChainRead, Context, Host, PluginError, Token},
};
use serde_json::{Value, json};

sol! {
    function getReserves() external view returns (uint112 reserve0, uint112 reserve1, uint32 blockTimestampLast);
    function allowance(address owner, address spender) external view returns (uint256);
    function approve(address spender, uint256 amount) external;
    function swapExactTokensForTokens(
        uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline
    ) external returns (uint256[]);
}

/// The pools of one venue.
pub(crate) struct Pools {
    host: Host,
    chain: String,
    router: Address,
}

impl Pools {
    pub(crate) fn new(host: Host, chain: &str, _venue: &str, settings: &Settings) -> Self {
        Self {
            host,
            chain: chain.to_owned(),
            router: settings.router,
        }
    }

    /// What the pool of a pair has now, as seen by who sells `token_in`.
    ///
    /// # Errors
    /// When the chain cannot be asked, or there is no such contract.
    pub(crate) async fn read(
        &self,
        ctx: &Context,
        pair: &Pair,
        token_in: &Token,
    ) -> Result<Pool, PluginError> {
        let held = self.view(ctx, pair.pool, &getReservesCall {}).await?;
        let [low, high] =
            [held.reserve0, held.reserve1].map(|reserve| Amount::from(reserve.to::<u128>()));
        let [one, other] = pair.addresses;
        let sold = if address(&token_in.address)? == one {
            one
        } else {
            other
        };
        // A pool's first token is the one with the lower address.
        let (reserve_in, reserve_out) = if sold == one.min(other) {
            (low, high)
        } else {
            (high, low)
        };
        Ok(Pool {
            reserve_in,
            reserve_out,
        })
    }

    /// The transaction of a swap, or the approval that has to be in the chain before it.
    ///
    /// # Errors
    /// When the chain cannot be asked.
    pub(crate) async fn swap(
        &self,
        ctx: &Context,
        request: &BuildRequest,
    ) -> Result<Build, PluginError> {
        let (sold, bought) = (
            address(&request.token_in.address)?,
            address(&request.token_out.address)?,
        );
        let trader = address(&request.trader)?;
        let amount_in = request.amount_in;
        let allowed = self
            .view(
                ctx,
                sold,
                &allowanceCall {
                    owner: trader,
                    spender: self.router,
                },
            )
            .await?;
        if Amount(allowed) < amount_in {
            let approve = approveCall {
                spender: self.router,
                amount: U256::MAX,
            };
            return Ok(Build::Approve(Approval {
                token: request.token_in.symbol.clone(),
                spender: self.router.to_string(),
                payload: call(sold, &approve).into(),
            }));
        }
        let swap = swapExactTokensForTokensCall {
            amountIn: amount_in.0,
            amountOutMin: request.min_out.0,
            path: vec![sold, bought],
            to: trader,
            deadline: U256::from(request.deadline),
        };
        let mut payload = call(self.router, &swap);
        // So that the chain can tell what is missing when the swap fails.
        payload["spends"] = json!({"token": sold, "amount": amount_in, "spender": self.router});
        Ok(Build::Swap {
            payload: payload.into(),
        })
    }

    /// What a contract answers to a read-only call.
    async fn view<C: SolCall>(
        &self,
        ctx: &Context,
        to: Address,
        call: &C,
    ) -> Result<C::Return, PluginError> {
        let query = json!({"calls": [{"to": to, "data": Bytes::from(call.abi_encode())}]});
        let answer = self
            .host
            .read_chain(
                ctx,
                ChainRead {
                    chain: self.chain.clone(),
                    query: query.into(),
                },
            )
            .await?;
        let answer: Value = answer.read()?;
        let output: Option<Bytes> = serde_json::from_value(answer["results"][0]["ok"].clone()).ok();
        let output = output.and_then(|output| C::abi_decode_returns(&output).ok());
        output.ok_or_else(|| {
            let refused = answer["results"][0]["revert"]
                .as_str()
                .unwrap_or("no such contract");
            PluginError::permanent(format!("{} of {to}: {refused}", C::SIGNATURE))
        })
    }
}

/// A call of a contract, as the chain takes it.
fn call(to: Address, call: &impl SolCall) -> Value {
    json!({"to": to, "data": Bytes::from(call.abi_encode()), "value": "0"})
}

fn address(text: &str) -> Result<Address, PluginError> {
    text.parse()
        .map_err(|_| PluginError::invalid(format!("{text:?} is not an EVM address")))
}

/// A chain with one pool, for tests.
#[cfg(test)]
pub(crate) mod fake {
    use super::*;
    use orderd_sdk::plugin::{HostServices, Payload, SignRequest, Signature, async_trait};

    pub(crate) const TRADER: &str = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf";
    const POOL: Address = Address::repeat_byte(3);

    struct Chain;

    #[async_trait]
    impl HostServices for Chain {
        async fn sign(&self, _: &Context, _: SignRequest) -> Result<Signature, PluginError> {
            Err(PluginError::permanent("venues never sign"))
        }

        /// The pool has 1000 of each token, and everything is allowed.
        async fn read_chain(
            &self,
            _: &Context,
            request: ChainRead,
        ) -> Result<Payload, PluginError> {
            let query: Value = request.query.read()?;
            let words = match query["calls"][0]["to"] == json!(POOL) {
                true => [1_000_u64, 1_000, 0].map(word).concat(),
                false => word(u64::MAX).to_vec(),
            };
            Ok(json!({"results": [{"ok": Bytes::from(words)}]}).into())
        }
    }

    fn word(number: u64) -> [u8; 32] {
        U256::from(number).to_be_bytes()
    }

    pub(crate) fn host() -> Host {
        Host::new(Chain)
    }

    pub(crate) fn settings() -> Settings {
        let addresses = [1, 2].map(Address::repeat_byte);
        let token = |symbol: &str, address: Address| Token {
            symbol: symbol.to_owned(),
            address: address.to_string(),
            decimals: 18,
        };
        let tokens = [token("A", addresses[0]), token("B", addresses[1])];
        Settings {
            fee_bps: 0,
            router: Address::repeat_byte(4),
            pairs: vec![Pair {
                tokens,
                addresses,
                pool: POOL,
            }],
        }
    }

    pub(crate) fn assert_terms(payload: &Payload, min_out: u64, deadline: u64) {
        let payload: Value = payload.read().unwrap();
        let data: Bytes = serde_json::from_value(payload["data"].clone()).unwrap();
        let swap = swapExactTokensForTokensCall::abi_decode(&data).unwrap();
        assert_eq!(
            (swap.amountOutMin, swap.deadline),
            (U256::from(min_out), U256::from(deadline))
        );
    }
}
