//! What a failed trial means for the order, above all whether the account lacks something. Contracts say so in many
//! words, and often in words for both; what the venue says that its call spends is asked of the token itself.

use super::{EvmChain, account, coins};
use crate::revert::{Cause, Reverted};
use crate::rpc::RpcError;
use crate::transaction::{ContractCall, Spend};
use alloy_primitives::Address;
use orderd_sdk::amount::Amount;
use orderd_sdk::plugin::{Context, PluginError};

/// What an account can spend of a token through a contract.
#[derive(Clone, Copy, Debug)]
struct Means {
    balance: Amount,
    allowance: Amount,
}

impl EvmChain {
    /// The refusal of a trial, as the daemon should take it.
    pub(super) async fn explain(
        &self,
        ctx: &Context,
        owner: Address,
        call: &ContractCall,
        error: RpcError,
    ) -> PluginError {
        let RpcError::Fault(fault) = &error else {
            return error.into();
        };
        let Some(reverted) = Reverted::in_fault(fault) else {
            return match coins::lacking(&fault.message) {
                true => PluginError::insufficient_funds("the account has too little of the chain's own coin"),
                false => error.into(),
            };
        };
        match &call.spends {
            Some(spend) if reverted.cause() != Cause::Market => match self.means(ctx, owner, spend).await {
                Ok(means) => means.explain(spend, reverted),
                Err(_) => reverted.into_error(),
            },
            Some(_) | None => reverted.into_error(),
        }
    }

    async fn means(&self, ctx: &Context, owner: Address, spend: &Spend) -> Result<Means, RpcError> {
        let calls = [
            account::balance_of(spend.token, owner),
            account::allowance_of(spend.token, owner, spend.spender),
        ];
        let answers = self.rpc.batch(ctx, &calls).await?;
        let [balance, allowance] = answers.as_slice() else {
            return Err(RpcError::Malformed("not two answers"));
        };
        Ok(Means { balance: account::read_units(balance)?, allowance: account::read_units(allowance)? })
    }
}

impl Means {
    fn explain(self, spend: &Spend, reverted: Reverted) -> PluginError {
        let Spend { token, amount, spender } = spend;
        let Self { balance, allowance } = self;
        let reason = &reverted.reason;
        if balance < *amount {
            return PluginError::insufficient_funds(format!(
                "the account has {balance} base units of token {token}, and spends {amount}: {reason}"
            ));
        }
        if allowance < *amount {
            return PluginError::insufficient_allowance(format!(
                "{spender} may take {allowance} base units of token {token} from the account, and takes {amount}: \
                 {reason}"
            ));
        }
        match reverted.cause() {
            Cause::Balance | Cause::Allowance | Cause::Either => PluginError::transient(format!(
                "the transaction would fail now, although the account has what it spends: {reason}"
            )),
            Cause::Market | Cause::Other => reverted.into_error(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rpc::Fault;
    use orderd_sdk::plugin::ErrorKind;

    fn kind(balance: u64, allowance: u64, reason: &str) -> ErrorKind {
        let [token, spender] = [1, 2].map(Address::repeat_byte);
        let spend = Spend { token, amount: Amount::from(100_u64), spender };
        let fault = Fault { code: 3, message: format!("execution reverted: {reason}"), data: None };
        let means = Means { balance: Amount::from(balance), allowance: Amount::from(allowance) };
        means.explain(&spend, Reverted::in_fault(&fault).unwrap()).kind
    }

    #[test]
    fn what_the_token_says_counts_more_than_the_contracts_words() {
        let words =
            ["STF", "TransferHelper: TRANSFER_FROM_FAILED", "Pausable: paused", "insufficient allowance", ""];
        for reason in words {
            assert_eq!(kind(99, 99, reason), ErrorKind::InsufficientFunds, "{reason}");
            assert_eq!(kind(99, 100, reason), ErrorKind::InsufficientFunds, "{reason}");
            assert_eq!(kind(100, 99, reason), ErrorKind::InsufficientAllowance, "{reason}");
            assert_eq!(kind(100, 100, reason), ErrorKind::Transient, "{reason}");
        }
    }
}
