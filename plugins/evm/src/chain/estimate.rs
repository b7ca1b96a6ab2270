//! Tries a call against the newest state, and adds the gas limit and the fees.

use super::{EvmChain, account::coins};
use crate::fees::Bid;
use crate::rpc::{Call, RpcError};
use crate::transaction::{ContractCall, from_payload, parse_address};
use alloy_primitives::{Address, U64, U256};
use orderd_sdk::plugin::{Context, EstimateRequest, Estimated, Payload, PluginError};
use serde_json::json;

/// What a trial showed.
struct Trial {
    gas: u64,
    balance: U256,
}

impl EvmChain {
    pub(super) async fn try_out(
        &self,
        ctx: &Context,
        request: EstimateRequest,
    ) -> Result<Estimated, PluginError> {
        let address = parse_address(&request.address)?;
        let call: ContractCall = from_payload(&request.payload)?;
        let (market, trial) =
            tokio::try_join!(self.oracle.now(ctx, &self.rpc), self.simulate(ctx, address, &call))?;
        let bid = self.policy.bid(market)?;
        let gas_limit = with_margin(trial.gas, self.gas_margin_percent);
        check_funds(&call, gas_limit, bid, trial.balance)?;
        let completed = call.complete(gas_limit, bid);
        Ok(Estimated { payload: Payload::of(&completed)? })
    }

    async fn simulate(
        &self,
        ctx: &Context,
        from: Address,
        call: &ContractCall,
    ) -> Result<Trial, PluginError> {
        let transaction = json!({"from": from, "to": call.to, "data": call.data, "value": call.value.0});
        let calls = [Call { method: "eth_estimateGas", params: json!([transaction, "latest"]) }, coins(from)];
        let answers = self.rpc.batch(ctx, &calls).await?;
        let [gas, balance] = answers.as_slice() else {
            return Err(RpcError::Malformed("not two answers").into());
        };
        match gas.read::<U64>() {
            Ok(gas) => Ok(Trial { gas: gas.to(), balance: balance.read()? }),
            Err(error) => Err(self.explain(ctx, from, call, error).await),
        }
    }
}

fn with_margin(gas: u64, percent: u64) -> u64 {
    let widened = u128::from(gas) * u128::from(100 + percent);
    u64::try_from(widened.div_ceil(100)).unwrap_or(u64::MAX)
}

/// Nodes want an account to hold the value and the whole gas limit at the highest fee.
fn check_funds(call: &ContractCall, gas_limit: u64, bid: Bid, balance: U256) -> Result<(), PluginError> {
    let gas = U256::from(gas_limit) * U256::from(bid.max_fee);
    let needed = call.value.0.saturating_add(gas);
    match balance >= needed {
        true => Ok(()),
        false => Err(PluginError::insufficient_funds(format!(
            "the account has too little of the chain's own coin: {balance} wei, up to {needed} wei are needed"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::Bytes;
    use orderd_sdk::amount::Amount;
    use orderd_sdk::plugin::ErrorKind;

    #[test]
    fn margins_are_rounded_up() {
        assert_eq!(with_margin(100_001, 20), 120_002);
        assert_eq!(with_margin(21_000, 0), 21_000);
        assert_eq!(with_margin(u64::MAX, 20), u64::MAX);
    }

    #[test]
    fn the_balance_has_to_cover_value_and_gas() {
        let call =
            ContractCall { to: Address::ZERO, data: Bytes::new(), value: Amount::from(5_u64), spends: None };
        let bid = Bid { max_fee: 10, priority_fee: 1 };
        assert!(check_funds(&call, 100, bid, U256::from(1_005)).is_ok());
        let error = check_funds(&call, 100, bid, U256::from(1_004)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InsufficientFunds);
    }
}
