//! Orders that fail for good, and are tried again by hand: when nothing of them is open, and not before.

use crate::{
    approvals::{NO_ESTIMATES, approving, without_allowance},
    scene::{FINALITY, Scene},
};
use alloy_primitives::U256;
use anyhow::{Context as _, Result, ensure};
use orderd_sdk::wire::{ErrorCode, OrderStatus};
use orderd_tests::{
    Life, TxRequest,
    contracts::Erc20,
    liar::{Calls, Fault, Times},
    world::{DEPLOYER, TRADER},
};

const RECEIPT: &str = "eth_getTransactionReceipt";
const ESTIMATE: &str = "eth_estimateGas";

/// Expects a retry to be refused with this code.
async fn refused(scene: &Scene, life: &Life, code: &str) -> Result<()> {
    let reply = scene.retry(&life.subscribed.id).await?;
    ensure!(reply.status == 409 && reply.code() == code, "{}: {}", reply.status, reply.body);
    Ok(())
}

/// Waits until the order has failed for good for this reason at its attempt of this number, with nothing sent.
async fn lacks(scene: &Scene, life: &mut Life, code: ErrorCode, attempt: u32) -> Result<()> {
    let order = &life.until(OrderStatus::Failed).await?.order;
    ensure!(order.last_error_code == Some(code), "{:?}: {:?}", order.last_error_code, order.last_error);
    ensure!(order.attempts == attempt, "{} attempts", order.attempts);
    ensure!(scene.liar.tally().sends().is_empty(), "nothing was sent");
    Ok(())
}

/// Retries an order that has failed without anything open, and sees it through.
async fn succeeds(scene: &Scene, life: &mut Life) -> Result<()> {
    let reply = scene.retry(&life.subscribed.id).await?;
    ensure!(reply.status == 202, "{}: {}", reply.status, reply.body);
    life.until(OrderStatus::Submitted).await?;
    scene.settle(life).await?;
    refused(scene, life, "order-not-failed").await
}

#[tokio::test]
async fn what_may_still_land_is_not_tried_again_whatever_a_node_says() -> Result<()> {
    let scene = without_allowance(&[]).await?;
    let (mut life, approval) = approving(&scene).await?;
    refused(&scene, &life, "may-still-land").await?;
    let (calls, times, fault) = NO_ESTIMATES;
    let estimates = scene.liar.on(calls, times, fault);
    scene.mine(1).await?;
    life.until(OrderStatus::Failed).await?;
    refused(&scene, &life, "may-still-land").await?;
    let hidden = scene.liar.on(Calls::Any, Times::Always, Fault::Hidden(vec![approval]));
    // A look of before the rule may still be answered.
    scene.liar.answers(RECEIPT, 1).await?;
    scene.mine(FINALITY).await?;
    scene.liar.answers(RECEIPT, 6).await?;
    refused(&scene, &life, "may-still-land").await?;
    scene.liar.off(hidden);
    scene.liar.off(estimates);
    scene.insist(&life.subscribed.id).await?;
    life.until(OrderStatus::Submitted).await?;
    refused(&scene, &life, "may-still-land").await?;
    scene.settle(&mut life).await?;
    refused(&scene, &life, "order-not-failed").await?;
    ensure!(scene.liar.tally().transactions() == 2, "{:?}", scene.liar.tally().sends());
    scene.close().await?;
    Ok(())
}

#[tokio::test]
async fn an_account_without_the_sold_token_fails_an_order_for_good_until_it_has_it() -> Result<()> {
    let scene = Scene::open().await?;
    let mut life = scene.sell("WETH", "USDC", "1001").await?;
    lacks(&scene, &mut life, ErrorCode::InsufficientFunds, 1).await?;
    let reply = scene.retry(&life.subscribed.id).await?;
    ensure!(reply.status == 202, "{}: {}", reply.status, reply.body);
    lacks(&scene, &mut life, ErrorCode::InsufficientFunds, 2).await?;
    let weth = &scene.chain.world.weth;
    let give = Erc20::transferCall { to: TRADER.address, amount: weth.units(1) };
    scene.chain.rpc.send(&TxRequest::call(DEPLOYER, weth.address, &give)).await?;
    scene.mine(1).await?;
    succeeds(&scene, &mut life).await?;
    scene.close().await?;
    Ok(())
}

#[tokio::test]
async fn an_account_without_coins_for_the_fee_fails_an_order_for_good_until_it_has_them() -> Result<()> {
    let scene = Scene::open().await?;
    let coins = scene.chain.rpc.balance(TRADER.address).await?;
    scene.chain.rpc.set_balance(TRADER.address, U256::from(1_000)).await?;
    let mut life = scene.order().await?;
    lacks(&scene, &mut life, ErrorCode::InsufficientFunds, 1).await?;
    scene.chain.rpc.set_balance(TRADER.address, coins).await?;
    succeeds(&scene, &mut life).await?;
    scene.close().await?;
    Ok(())
}

/// A node that lags shows an allowance that is gone: no approval is asked for, and the swap cannot be tried out.
#[tokio::test]
async fn an_allowance_that_is_gone_fails_an_order_for_good_until_it_is_tried_again() -> Result<()> {
    let scene = without_allowance(&[]).await?;
    let lagging = scene.liar.on(Calls::Of("eth_call"), Times::Always, Fault::Stale(FINALITY + 1));
    let trial = scene.liar.on(Calls::Of(ESTIMATE), Times::First(1), Fault::Held);
    let mut life = scene.sell("DAI", "WETH", "100").await?;
    scene.liar.until(|tally| tally.calls(ESTIMATE) > 0).await?;
    // What is missing is asked at a node that does not lag.
    scene.liar.off(lagging);
    scene.liar.off(trial);
    lacks(&scene, &mut life, ErrorCode::InsufficientAllowance, 1).await?;
    let reply = scene.retry(&life.subscribed.id).await?;
    ensure!(reply.status == 202, "{}: {}", reply.status, reply.body);
    life.until_stage("approving").await?;
    scene.liar.until(|tally| tally.answered("eth_sendRawTransaction") > 0).await?;
    scene.mine(1).await?;
    life.until(OrderStatus::Submitted).await?;
    scene.settle(&mut life).await?;
    let order = &life.told().last().context("something was told")?.order;
    ensure!(order.attempts == 2, "{} attempts", order.attempts);
    scene.close().await?;
    Ok(())
}
