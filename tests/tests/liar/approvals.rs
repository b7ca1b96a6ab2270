//! Approvals that are undone: nothing but their own bytes can close the hole that they leave below what others have
//! signed.

use crate::scene::{FINALITY, Overrides, Scene, by_hand, expect};
use alloy_primitives::{B256, U256};
use anyhow::{Result, ensure};
use orderd_sdk::wire::OrderStatus;
use orderd_tests::{
    Life, TxRequest, Venue,
    contracts::Erc20,
    liar::{Calls, Fault, Reach, Times},
    world::TRADER,
};
use std::pin::pin;

const SEND: &str = "eth_sendRawTransaction";
const RECEIPT: &str = "eth_getTransactionReceipt";
const PLAIN: [&str; 3] = ["submitted", "confirmed", "finalized"];
/// No swap can be tried out.
pub(crate) const NO_ESTIMATES: (Calls, Times, Fault) =
    (Calls::Of("eth_estimateGas"), Times::Always, Fault::Status(503, Reach::Nobody));

/// A scene in which one router may not take one token, so that an order has to see to that first.
pub(crate) async fn without_allowance(overrides: Overrides) -> Result<Scene> {
    let scene = Scene::open_with(by_hand(FINALITY), overrides).await?;
    let (rpc, world) = (&scene.chain.rpc, &scene.chain.world);
    let revoke = Erc20::approveCall { spender: world.router(Venue::Sushiswap), amount: U256::ZERO };
    rpc.send(&TxRequest::call(TRADER.address, world.dai.address, &revoke)).await?;
    scene.mine(1 + FINALITY).await?;
    scene.restart().await
}

/// Has an order send the approval that it needs.
pub(crate) async fn approving(scene: &Scene) -> Result<(Life, B256)> {
    let mut life = scene.sell("DAI", "WETH", "100").await?;
    life.until_stage("approving").await?;
    scene.liar.until(|tally| tally.answered(SEND) >= 1).await?;
    Ok((life, scene.liar.tally().sends()[0]))
}

#[tokio::test]
async fn an_approval_that_is_undone_before_its_swap_is_signed_is_sent_again() -> Result<()> {
    let scene = without_allowance(&[("ORDERD_ENGINE__MAX_ATTEMPTS", "20")]).await?;
    let (mut life, approval) = approving(&scene).await?;
    let (calls, times, fault) = NO_ESTIMATES;
    let rule = scene.liar.on(calls, times, fault);
    scene.mine(1).await?;
    life.until(OrderStatus::RetryPending).await?;
    scene.chain.rpc.reorg(1).await?;
    scene.liar.off(rule);
    // Whether it signs an approval again or waits for the old one: the old one's place has to be taken first.
    let sent = scene.liar.until(|tally| tally.sends_of(approval) >= 2).await;
    ensure!(sent.is_ok(), "{:?}: {:?}", life.stages(), scene.liar.tally().sends());
    mine_until(&scene, life.until(OrderStatus::Submitted)).await?;
    scene.settle(&mut life).await?;
    scene.close().await?;
    Ok(())
}

/// Makes blocks until this has come: which approvals are in the first of them is left to chance.
async fn mine_until<T>(scene: &Scene, coming: impl Future<Output = Result<T>>) -> Result<()> {
    let mut coming = pin!(coming);
    loop {
        tokio::select! {
            come = &mut coming => return come.map(drop),
            looked = scene.liar.answers("eth_getTransactionCount", 2) => looked.map(drop)?,
        }
        scene.mine(1).await?;
    }
}

/// It is neither of the order that it was for nor of another any more.
#[tokio::test]
async fn an_approval_that_is_undone_is_sent_again_for_the_others() -> Result<()> {
    let scene = without_allowance(&[]).await?;
    let (mut first, approval) = approving(&scene).await?;
    let (calls, times, fault) = NO_ESTIMATES;
    let rule = scene.liar.on(calls, times, fault);
    scene.mine(1).await?;
    first.until(OrderStatus::Failed).await?;
    scene.liar.off(rule);

    scene.chain.rpc.reorg(1).await?;
    let mut second = scene.submitted().await?;
    scene.liar.until(|tally| tally.sends_of(approval) >= 2).await?;
    scene.liar.answers(RECEIPT, 1).await?;
    scene.settle(&mut second).await?;
    expect(&second, &PLAIN)?;
    scene.close().await?;
    Ok(())
}
