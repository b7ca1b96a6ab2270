//! A trader's leave for a router to take a token. It is asked for once and without a limit, so that a later swap
//! costs no second transaction.

use crate::chain::{ChainReader, View, Viewed};
use crate::contracts::Erc20;
use crate::trade::Trade;
use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use orderd_sdk::amount::Amount;
use orderd_sdk::plugin::{Approval, Build, BuildRequest, Context, Payload, PluginError, Token};
use serde_json::{Value, json};

/// A swap, as the chain takes it: with what it spends, so that the chain can tell what is missing if it fails.
pub(crate) fn swap_payload(router: Address, call: &impl SolCall, trade: &Trade) -> Payload {
    swap_payload_through(router, router, call, trade)
}

/// The same, where another contract than the router takes the sold token.
pub(crate) fn swap_payload_through(
    spender: Address,
    router: Address,
    call: &impl SolCall,
    trade: &Trade,
) -> Payload {
    let mut called = called(router, call);
    called["spends"] =
        json!({"token": trade.token_in, "amount": Amount(trade.amount_in), "spender": spender});
    called.into()
}

/// A call of a contract, as the chain takes it.
pub(crate) fn payload(to: Address, call: &impl SolCall) -> Payload {
    called(to, call).into()
}

fn called(to: Address, call: &impl SolCall) -> Value {
    json!({"to": to, "data": alloy_primitives::Bytes::from(call.abi_encode()), "value": "0"})
}

/// What the trader has to grant before the router can take the sold amount; `None` when nothing is missing.
///
/// # Errors
/// As for [`Leave::missing`], and when the chain cannot be asked.
pub(crate) async fn missing(
    reader: &ChainReader,
    ctx: &Context,
    request: &BuildRequest,
    trade: &Trade,
    router: Address,
) -> Result<Option<Build>, PluginError> {
    let leave = Leave { request, trade, spender: router };
    leave.missing(&reader.view(ctx, &leave.views()).await?)
}

/// The token's own leave to take what a trade sells.
#[derive(Debug)]
pub(crate) struct Leave<'a> {
    pub(crate) request: &'a BuildRequest,
    pub(crate) trade: &'a Trade,
    /// Who takes it.
    pub(crate) spender: Address,
}

impl Leave<'_> {
    /// What the token is asked.
    pub(crate) fn views(&self) -> [View; 3] {
        let Trade { trader, token_in, .. } = *self.trade;
        let allowance = Erc20::allowanceCall { owner: trader, spender: self.spender };
        [
            View::new(token_in, &allowance),
            View::new(token_in, &approve(self.spender, U256::MAX)).made_by(trader),
            View::new(token_in, &Erc20::balanceOfCall { owner: trader }),
        ]
    }

    /// What has to be granted, by the token's answers; `None` when nothing is missing.
    ///
    /// Some tokens (USDT) refuse to change one limit into another: they are set to zero first, and to the unlimited
    /// amount when the swap is built again.
    ///
    /// # Errors
    /// [`InsufficientFunds`](orderd_sdk::plugin::ErrorKind::InsufficientFunds) when the trader has not so much to sell:
    /// then nothing is granted either. Else when the token is none.
    pub(crate) fn missing(&self, viewed: &[Viewed]) -> Result<Option<Build>, PluginError> {
        let [allowance, unlimited, balance] = viewed else {
            return Err(PluginError::transient("the chain did not answer every call"));
        };
        let Self { request, trade, spender } = *self;
        let symbol = &request.token_in.symbol;
        let balance = balance.expect::<Erc20::balanceOfCall>(symbol)?;
        if balance < trade.amount_in {
            return Err(too_poor(&request.token_in, balance, trade.amount_in));
        }
        let allowed = allowance.expect::<Erc20::allowanceCall>(symbol)?;
        if allowed >= trade.amount_in {
            return Ok(None);
        }
        let amount = match unlimited.reverted() && !allowed.is_zero() {
            true => U256::ZERO,
            false => U256::MAX,
        };
        Ok(Some(Build::Approve(Approval {
            token: symbol.clone(),
            spender: spender.to_string(),
            payload: payload(trade.token_in, &approve(spender, amount)),
        })))
    }
}

fn too_poor(token: &Token, balance: U256, amount_in: U256) -> PluginError {
    let whole = |units| Amount(units).format_units(token.decimals);
    let (has, sells, symbol) = (whole(balance), whole(amount_in), &token.symbol);
    PluginError::insufficient_funds(format!("the account has {has} {symbol}, and sells {sells}"))
}

fn approve(spender: Address, amount: U256) -> Erc20::approveCall {
    Erc20::approveCall { spender, amount }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orderd_sdk::plugin::{ChainRead, ErrorKind, Host, HostServices, SignRequest, Signature, async_trait};
    use std::time::Duration;

    const TOKEN: Address = Address::repeat_byte(1);
    const TRADER: Address = Address::repeat_byte(2);
    const ROUTER: Address = Address::repeat_byte(3);

    /// A token that answers like this.
    struct Answers(Value);

    #[async_trait]
    impl HostServices for Answers {
        async fn sign(&self, _: &Context, _: SignRequest) -> Result<Signature, PluginError> {
            Err(PluginError::permanent("venues never sign"))
        }

        async fn read_chain(&self, _: &Context, request: ChainRead) -> Result<Payload, PluginError> {
            let query: Value = request.query.read()?;
            assert_eq!(query["calls"][1]["from"], json!(TRADER));
            Ok(self.0.clone().into())
        }
    }

    fn word(number: u64) -> String {
        format!("0x{number:064x}")
    }

    /// What is missing to sell 100, when the token answers like this.
    async fn missing_for(allowance: Value, unlimited: Value) -> Result<Option<Build>, PluginError> {
        missing_of(100, allowance, unlimited).await
    }

    async fn missing_of(
        balance: u64,
        allowance: Value,
        unlimited: Value,
    ) -> Result<Option<Build>, PluginError> {
        let answers = Answers(json!({"results": [allowance, unlimited, {"ok": word(balance)}]}));
        let reader = ChainReader::new(Host::new(answers), "main".to_owned());
        let token = Token { symbol: "USDT".to_owned(), address: TOKEN.to_string(), decimals: 6 };
        let request = BuildRequest {
            trader: TRADER.to_string(),
            token_in: token.clone(),
            token_out: Token { address: ROUTER.to_string(), ..token },
            amount_in: Amount::from(100_u64),
            min_out: Amount::ZERO,
            deadline: 0,
            route: Payload::null(),
        };
        let trade = Trade::to_build(&request)?;
        let ctx = Context::within(Duration::from_secs(1));
        missing(&reader, &ctx, &request, &trade, ROUTER).await
    }

    fn granted(build: Option<Build>) -> U256 {
        let Some(Build::Approve(approval)) = build else {
            panic!("something has to be approved");
        };
        let called: Value = approval.payload.read().unwrap();
        let data: alloy_primitives::Bytes = serde_json::from_value(called["data"].clone()).unwrap();
        Erc20::approveCall::abi_decode(&data).unwrap().amount
    }

    #[tokio::test]
    async fn enough_is_enough() {
        let build = missing_for(json!({"ok": word(100)}), json!({"ok": "0x"})).await.unwrap();
        assert_eq!(build, None);
    }

    #[tokio::test]
    async fn who_has_too_little_to_sell_is_told_so_and_grants_nothing() {
        for allowed in [0, 100] {
            let error = missing_of(99, json!({"ok": word(allowed)}), json!({"ok": "0x"})).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::InsufficientFunds);
            assert_eq!(error.message, "the account has 0.000099 USDT, and sells 0.0001");
        }
    }

    #[tokio::test]
    async fn too_little_becomes_unlimited() {
        for allowed in [0, 99] {
            let build = missing_for(json!({"ok": word(allowed)}), json!({"ok": "0x"})).await.unwrap();
            assert_eq!(granted(build), U256::MAX);
        }
    }

    #[tokio::test]
    async fn a_token_that_changes_no_limit_is_set_to_zero_first() {
        let refuses = json!({"revert": "reverted without a reason", "data": "0x"});
        let build = missing_for(json!({"ok": word(99)}), refuses.clone()).await.unwrap();
        assert_eq!(granted(build), U256::ZERO);
        let build = missing_for(json!({"ok": word(0)}), refuses).await.unwrap();
        assert_eq!(granted(build), U256::MAX);
    }

    #[tokio::test]
    async fn an_address_without_a_contract_is_no_token() {
        let error = missing_for(json!({"ok": "0x"}), json!({"ok": "0x"})).await.unwrap_err();
        assert_eq!(error.message, "USDT is no contract with allowance()");
    }
}
