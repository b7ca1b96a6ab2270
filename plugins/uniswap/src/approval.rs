//! A trader's leave for a router to take a token. It is asked for once and without a limit, so that a later swap
//! costs no second transaction.

use crate::chain::{ChainReader, View};
use crate::contracts::Erc20;
use crate::trade::Trade;
use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use orderd_sdk::plugin::{Approval, Build, BuildRequest, Context, Payload, PluginError};
use serde_json::json;

/// A call of a contract, as the chain takes it.
pub(crate) fn payload(to: Address, call: &impl SolCall) -> Payload {
    json!({"to": to, "data": alloy_primitives::Bytes::from(call.abi_encode()), "value": "0"})
}

/// What the trader has to grant before the router can take the sold amount; `None` when nothing is missing.
///
/// Some tokens (USDT) refuse to change one limit into another: they are set to zero first, and to the unlimited
/// amount when the swap is built again.
///
/// # Errors
/// When the chain cannot be asked or the token is none.
pub(crate) async fn missing(
    reader: &ChainReader,
    ctx: &Context,
    request: &BuildRequest,
    trade: &Trade,
    router: Address,
) -> Result<Option<Build>, PluginError> {
    let allowance = Erc20::allowanceCall {
        owner: trade.trader,
        spender: router,
    };
    let views = [
        View::new(trade.token_in, &allowance),
        View::new(trade.token_in, &approve(router, U256::MAX)).made_by(trade.trader),
    ];
    let viewed = reader.view(ctx, &views).await?;
    let [allowance, unlimited] = viewed.as_slice() else {
        return Err(PluginError::transient("the chain did not answer every call"));
    };
    let allowed = allowance.expect::<Erc20::allowanceCall>(&request.token_in.symbol)?;
    if allowed >= trade.amount_in {
        return Ok(None);
    }
    let amount = match unlimited.reverted() && !allowed.is_zero() {
        true => U256::ZERO,
        false => U256::MAX,
    };
    Ok(Some(Build::Approve(Approval {
        token: request.token_in.symbol.clone(),
        spender: router.to_string(),
        payload: payload(trade.token_in, &approve(router, amount)),
    })))
}

fn approve(spender: Address, amount: U256) -> Erc20::approveCall {
    Erc20::approveCall { spender, amount }
}
