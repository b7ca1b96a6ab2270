//! What it takes to sign an order again: not a count, not an absence, but the other transaction that took the place.

use crate::{
    lanes::gift,
    scene::{FINALITY, Scene, expect, hash},
};
use alloy_primitives::U256;
use anyhow::{Result, ensure};
use orderd_sdk::wire::OrderStatus;
use orderd_tests::{
    TxRequest,
    liar::{Calls, Fault, Times},
    world::{DEPLOYER, TRADER},
};

const PLAIN: [&str; 3] = ["submitted", "confirmed", "finalized"];
/// Looks at the account's sequence, after which a believer would have signed again.
const LOOKS: u64 = 8;

/// The node says that the account's final sequence has passed the transaction, and cannot find it.
#[tokio::test]
async fn a_count_that_has_passed_proves_nothing() -> Result<()> {
    let scene = Scene::open().await?;
    let mut life = scene.submitted().await?;
    let hidden = scene.liar.on(Calls::Any, Times::Always, Fault::Hidden(vec![hash(&life)?]));
    let hasty = scene.liar.on(Calls::Any, Times::Always, Fault::Hasty);
    scene.mine(1).await?;
    scene.liar.answers("eth_getTransactionCount", 2 * LOOKS).await?;
    ensure!(scene.liar.tally().transactions() == 1, "{:?}", scene.liar.tally().sends());
    scene.liar.off(hidden);
    scene.liar.off(hasty);
    life.until(OrderStatus::Confirmed).await?;
    scene.mine(FINALITY).await?;
    life.until(OrderStatus::Finalized).await?;
    expect(&life, &PLAIN)?;
    scene.close().await?;
    Ok(())
}

/// The node that transactions are looked up at is so far behind that a block is final elsewhere before it has seen it.
#[tokio::test]
async fn a_node_that_lags_behind_finality_itself_costs_time_and_nothing_else() -> Result<()> {
    const LAG: u64 = 2 * FINALITY;
    let scene = Scene::open().await?;
    let mut life = scene.submitted().await?;
    for calls in [Calls::RECEIPT, Calls::TRANSACTION] {
        scene.liar.on(calls, Times::Always, Fault::Stale(LAG));
    }
    scene.mine(1 + FINALITY).await?;
    scene.liar.answers("eth_getTransactionCount", 2 * LOOKS).await?;
    ensure!(scene.liar.tally().transactions() == 1, "{:?}", scene.liar.tally().sends());
    scene.mine(LAG).await?;
    life.until(OrderStatus::Finalized).await?;
    expect(&life, &PLAIN)?;
    scene.close().await?;
    Ok(())
}

/// Somebody else with the same key.
#[tokio::test]
async fn a_foreign_transaction_at_the_same_place_proves_an_order_dead() -> Result<()> {
    let scene = Scene::open().await?;
    // The daemon knows by now where the account is.
    let mut before = scene.submitted().await?;
    scene.settle(&mut before).await?;
    let value = U256::from(1);
    let gift = TxRequest { from: TRADER.address, to: Some(DEPLOYER), value, ..TxRequest::default() };
    scene.chain.rpc.send(&gift).await?;
    scene.mine(1 + FINALITY).await?;
    let mut life = scene.submitted().await?;
    scene.settle(&mut life).await?;
    let told = life.stages();
    let death = ["unknown", "execution-failed", "retry-pending"];
    ensure!(told[5..8] == death, "{told:?}");
    ensure!(told.ends_with(&PLAIN.map(str::to_owned)), "{told:?}");
    scene.close().await?;
    Ok(())
}

/// The node has thrown away the states that tell which block took the place.
#[tokio::test]
async fn a_node_that_has_forgotten_proves_nothing() -> Result<()> {
    const KEPT: u64 = FINALITY + 2;
    let scene = Scene::open().await?;
    let mut life = scene.submitted().await?;
    gift(&scene, 0).await?;
    scene.liar.on(Calls::Any, Times::Always, Fault::Pruned(KEPT));
    scene.mine(1 + KEPT + FINALITY).await?;
    scene.logged("history does not reach back").await?;
    scene.liar.answers("eth_getTransactionCount", 4 * LOOKS).await?;
    ensure!(scene.liar.tally().transactions() == 1, "{:?}", scene.liar.tally().sends());
    scene.liar.be_honest();
    life.until(OrderStatus::ExecutionFailed).await?;
    life.until(OrderStatus::Submitted).await?;
    scene.settle(&mut life).await?;
    ensure!(scene.liar.tally().transactions() == 2, "{:?}", scene.liar.tally().sends());
    scene.close().await?;
    Ok(())
}
