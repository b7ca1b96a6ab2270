//! What an account lacks is told apart from everything else, and from each other: the sold token, the leave to take
//! it, the coin for gas. None of it mends itself, so none of it counts as transient.

use crate::desk::{Desk, VENUES, ctx};
use alloy_primitives::{Address, U256};
use orderd_sdk::amount::Amount;
use orderd_sdk::plugin::{BuildRequest, ErrorKind, Payload, PluginError, SendOutcome};
use orderd_tests::{TxRequest, contracts::Erc20};
use serde_json::{Value, json};

/// A swap of one WETH that would succeed now.
async fn swap(desk: &Desk, venue: &str) -> (BuildRequest, Payload) {
    let amount_in = desk.node.world.weth.units(1);
    let quote = desk.quote(venue, "WETH", "USDC", amount_in).await.unwrap();
    let request = desk.to_build("WETH", "USDC", amount_in, &quote);
    let payload = desk.swap(venue, request.clone()).await;
    (request, payload)
}

/// The same as a venue would build it that does not say what it spends.
fn unsaid(payload: Payload) -> Payload {
    let mut payload: Value = payload.read().unwrap();
    payload.as_object_mut().unwrap().remove("spends").unwrap();
    payload.into()
}

/// Who takes the sold token: the router, or another contract for it.
fn spender(payload: &Payload) -> Address {
    let payload: Value = payload.read().unwrap();
    payload["spends"]["spender"].as_str().unwrap().parse().unwrap()
}

async fn approve(desk: &Desk, spender: Address, amount: U256) {
    let call = Erc20::approveCall { spender, amount };
    execute(desk, &TxRequest::call(desk.node.world.trader, desk.node.world.weth.address, &call)).await;
}

async fn give_away(desk: &Desk, symbol: &str, amount: U256) {
    let token = desk.token(symbol).address.parse().unwrap();
    let call = Erc20::transferCall { to: desk.node.world.deployer, amount };
    execute(desk, &TxRequest::call(desk.node.world.trader, token, &call)).await;
}

async fn execute(desk: &Desk, transaction: &TxRequest) {
    assert!(desk.node.rpc.execute(transaction).await.unwrap().succeeded());
}

async fn refused(desk: &Desk, payload: impl Into<Payload>) -> PluginError {
    let error = desk.estimate(payload).await.unwrap_err();
    let transient = matches!(error.kind, ErrorKind::Transient);
    assert_eq!(error.is_transient(), transient, "what is missing is not tried again by itself: {error}");
    error
}

#[tokio::test]
async fn whoever_sells_more_than_there_is_grants_nothing_and_gets_no_swap() {
    let desk = Desk::open().await;
    for venue in VENUES {
        let amount_in = desk.node.world.weth.units(1_001);
        let quote = desk.quote(venue, "WETH", "USDC", amount_in).await.unwrap();
        let request = desk.to_build("WETH", "USDC", amount_in, &quote);
        let error = desk.venues[venue].build(&ctx(), request).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::InsufficientFunds, "{venue}: {error}");
        assert_eq!(error.message, "the account has 1000 WETH, and sells 1001");
    }
}

#[tokio::test]
async fn a_balance_that_went_after_the_build_is_told_from_an_allowance() {
    let desk = Desk::open().await;
    let half = desk.node.world.weth.units(1) / U256::from(2);
    let mut swaps = Vec::new();
    for venue in VENUES {
        swaps.push(swap(&desk, venue).await.1);
    }
    give_away(&desk, "WETH", desk.node.world.weth.units(999) + half).await;
    for payload in swaps {
        let error = refused(&desk, payload.clone()).await;
        assert_eq!(error.kind, ErrorKind::InsufficientFunds, "{error}");
        assert!(error.message.contains("500000000000000000 base units"), "{error}");
        let error = refused(&desk, unsaid(payload)).await;
        assert_eq!(error.kind, ErrorKind::InsufficientFunds, "{error}");
        assert!(error.message.contains("balance or the token allowance"), "it cannot tell: {error}");
    }
}

#[tokio::test]
async fn an_allowance_that_was_revoked_after_the_build_is_told_from_a_balance() {
    let desk = Desk::open().await;
    for venue in VENUES {
        let (_, payload) = swap(&desk, venue).await;
        for allowed in [U256::ZERO, desk.node.world.weth.units(1) - U256::from(1)] {
            approve(&desk, spender(&payload), allowed).await;
            let error = refused(&desk, payload.clone()).await;
            assert_eq!(error.kind, ErrorKind::InsufficientAllowance, "{venue}: {error}");
            let error = refused(&desk, unsaid(payload.clone())).await;
            assert_eq!(error.kind, ErrorKind::InsufficientFunds, "it cannot tell: {error}");
        }
    }
}

/// DAI here is OpenZeppelin's, which says itself what is missing.
#[tokio::test]
async fn a_tokens_own_words_are_understood() {
    let desk = Desk::open().await;
    let dai = desk.token("DAI").address;
    let call = |call: Vec<u8>| json!({"to": dai, "data": alloy_primitives::Bytes::from(call)});
    let (me, to) = (desk.node.world.trader, desk.node.world.deployer);
    let too_much = Erc20::transferCall { to, amount: desk.node.world.dai.units(5_000_001) };
    let error = refused(&desk, call(alloy_sol_types::SolCall::abi_encode(&too_much))).await;
    assert_eq!(error.kind, ErrorKind::InsufficientFunds, "{error}");
    let not_allowed = TransferFrom::transferFromCall { from: to, to: me, amount: U256::from(1) };
    let error = refused(&desk, call(alloy_sol_types::SolCall::abi_encode(&not_allowed))).await;
    assert_eq!(error.kind, ErrorKind::InsufficientAllowance, "{error}");
}

alloy_sol_types::sol! {
    interface TransferFrom {
        function transferFrom(address from, address to, uint256 amount) external returns (bool);
    }
}

#[tokio::test]
async fn a_price_that_moved_is_no_missing_funds() {
    let desk = Desk::open().await;
    for venue in VENUES {
        let (mut request, _) = swap(&desk, venue).await;
        request.min_out = Amount(request.min_out.0 + U256::from(1));
        let payload = desk.swap(venue, request).await;
        assert_eq!(refused(&desk, payload).await.kind, ErrorKind::Transient);
    }
}

#[tokio::test]
async fn an_account_without_coins_for_gas_is_told_so() {
    let desk = Desk::open().await;
    let (_, payload) = swap(&desk, "uniswap-v2").await;
    for wei in [0, 1_000] {
        desk.node.rpc.set_balance(desk.node.world.trader, U256::from(wei)).await.unwrap();
        let error = refused(&desk, payload.clone()).await;
        assert_eq!(error.kind, ErrorKind::InsufficientFunds, "{error}");
        assert!(error.message.contains("the chain's own coin"), "{error}");
    }
}

#[tokio::test]
async fn a_value_above_the_accounts_coins_is_told_so_and_is_not_sent() {
    let desk = Desk::open().await;
    let to = desk.node.world.deployer;
    let coins = desk.node.world.weth.units(1_000);
    for value in [coins, coins + U256::from(1), U256::MAX] {
        let payload = json!({"to": to, "data": "0x", "value": Amount(value)});
        let error = refused(&desk, payload).await;
        assert_eq!(error.kind, ErrorKind::InsufficientFunds, "{value}: {error}");
    }
    let payload = json!({"to": to, "data": "0x", "value": Amount(coins / U256::from(2))});
    let payload = desk.estimate(payload).await.unwrap();
    let prepared = desk.prepare(payload, 0).await.unwrap();
    desk.node.rpc.set_balance(desk.node.world.trader, coins / U256::from(3)).await.unwrap();
    let outcome = desk.send(&prepared).await;
    assert!(matches!(outcome, SendOutcome::NotSent { .. }), "{outcome:?}");
}
