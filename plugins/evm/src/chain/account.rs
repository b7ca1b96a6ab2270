//! What the chain knows of an account: its address, its lane, its balances.

use super::EvmChain;
use crate::rpc::{Answer, Call, RpcError};
use crate::settings::Finality;
use crate::signing::address_of;
use crate::transaction::parse_address;
use alloy_primitives::{Address, Bytes, U64, U256};
use alloy_sol_types::{SolCall, sol};
use orderd_sdk::amount::Amount;
use orderd_sdk::plugin::{AddressRequest, BalanceRequest, Context, LaneRequest, LaneStatus, PluginError};
use serde_json::json;

sol! {
    function balanceOf(address owner) external view returns (uint256);
    function allowance(address owner, address spender) external view returns (uint256);
}

/// The account's address with its checksum (EIP-55).
pub(super) fn address(request: &AddressRequest) -> Result<String, PluginError> {
    let no_key = || PluginError::permanent(format!("account {:?} has no key", request.account));
    let key = request.public_key.as_ref().ok_or_else(no_key)?;
    address_of(&key.0).map(|address| address.to_string())
}

impl EvmChain {
    /// Both sequences are of one answer, so that one of them is not of another node's chain.
    pub(super) async fn look_up_lane(
        &self,
        ctx: &Context,
        request: &LaneRequest,
    ) -> Result<LaneStatus, PluginError> {
        let address = parse_address(&request.address)?;
        let final_block = match self.finality {
            Finality::Finalized => Some(json!("finalized")),
            Finality::Confirmations(depth) => {
                let newest = self.newest_block(ctx).await?;
                newest.checked_sub(depth).map(|number| json!(U64::from(number)))
            }
        };
        let blocks = [Some(json!("latest")), final_block];
        let calls: Vec<Call> = blocks.into_iter().flatten().map(|block| sequence(address, block)).collect();
        let answers = self.rpc.batch(ctx, &calls).await?;
        let latest = answers.first().ok_or(RpcError::Malformed("no answer"))?;
        let finalized = match answers.get(1) {
            Some(answer) => super::blocks::if_finalized(answer.read::<U64>())?,
            None => None,
        };
        let finalized = finalized.map_or(0, |sequence| sequence.to());
        Ok(consistent(LaneStatus::at(latest.read::<U64>()?.to(), finalized))?)
    }

    pub(super) async fn look_up_balance(
        &self,
        ctx: &Context,
        request: &BalanceRequest,
    ) -> Result<Amount, PluginError> {
        let owner = parse_address(&request.address)?;
        match &request.token {
            None => {
                let units: U256 = self.rpc.call(ctx, coins(owner)).await?;
                Ok(Amount(units))
            }
            Some(token) => self.token_balance(ctx, parse_address(token)?, owner).await,
        }
    }

    async fn token_balance(
        &self,
        ctx: &Context,
        token: Address,
        owner: Address,
    ) -> Result<Amount, PluginError> {
        let output: Bytes = self.rpc.call(ctx, balance_of(token, owner)).await?;
        let units = balanceOfCall::abi_decode_returns(&output);
        units.map(Amount).map_err(|_| PluginError::permanent(format!("there is no token at {token}")))
    }
}

/// Asks a token what an account has of it.
pub(super) fn balance_of(token: Address, owner: Address) -> Call {
    view(token, &balanceOfCall { owner })
}

/// Asks a token what another may take of it from an account.
pub(super) fn allowance_of(token: Address, owner: Address, spender: Address) -> Call {
    view(token, &allowanceCall { owner, spender })
}

/// What a token answered to either.
pub(super) fn read_units(answer: &Answer) -> Result<Amount, RpcError> {
    let output: Bytes = answer.read()?;
    let units = balanceOfCall::abi_decode_returns(&output);
    units.map(Amount).map_err(|_| RpcError::Malformed("no amount of a token"))
}

fn view(to: Address, call: &impl SolCall) -> Call {
    let data = Bytes::from(call.abi_encode());
    Call { method: "eth_call", params: json!([{"to": to, "data": data}, "latest"]) }
}

/// What is final is in the newest block too; several nodes behind one endpoint may contradict that.
fn consistent(lane: LaneStatus) -> Result<LaneStatus, RpcError> {
    match lane.finalized <= lane.latest {
        true => Ok(lane),
        false => Err(RpcError::Malformed("more sequences are final than consumed")),
    }
}

/// Asks for an address' balance of the chain's own coin.
pub(super) fn coins(owner: Address) -> Call {
    Call { method: "eth_getBalance", params: json!([owner, "latest"]) }
}

/// Asks for an address' next sequence after the block of this height.
pub(super) fn sequence_at(address: Address, height: u64) -> Call {
    sequence(address, json!(U64::from(height)))
}

fn sequence(address: Address, block: serde_json::Value) -> Call {
    Call { method: "eth_getTransactionCount", params: json!([address, block]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_final_than_there_is() {
        for (latest, finalized, sound) in [(3, 2, true), (3, 3, true), (0, 0, true), (2, 3, false)] {
            assert_eq!(consistent(LaneStatus::at(latest, finalized)).is_ok(), sound);
        }
    }
}
