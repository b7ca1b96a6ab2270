//! What it takes to sign an order again: not a count, not an absence, but the other transaction that took the place.

use crate::{
    lanes::gift,
    scene::{FINALITY, Scene, expect, hash},
};
use anyhow::{Result, bail, ensure};
use orderd_sdk::wire::OrderStatus;
use orderd_tests::liar::{Calls, Fault, Times};

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

/// Somebody else with the same key. Now and then the daemon looks at the account just then, and is not surprised.
#[tokio::test]
async fn a_foreign_transaction_at_the_same_place_proves_an_order_dead() -> Result<()> {
    const TRIES: usize = 5;
    let scene = Scene::open().await?;
    // The daemon knows by now where the account is.
    let mut before = scene.submitted().await?;
    scene.settle(&mut before).await?;
    for _ in 0..TRIES {
        gift(&scene, 0).await?;
        scene.mine(1 + FINALITY).await?;
        let mut life = scene.submitted().await?;
        scene.settle(&mut life).await?;
        let told = life.stages();
        ensure!(told.ends_with(&PLAIN.map(str::to_owned)), "{told:?}");
        if told.iter().any(|stage| stage == "unknown") {
            let death = ["unknown", "execution-failed", "retry-pending"];
            ensure!(told[5..8] == death, "{told:?}");
            return scene.close().await.map(drop);
        }
    }
    bail!("the daemon was never surprised")
}

/// The node has thrown away the states that tell which block took the place, and will never show it. The order says so,
/// others go on, and when another node answers it is settled.
#[tokio::test]
async fn a_node_that_has_forgotten_proves_nothing_and_holds_up_nobody_else() -> Result<()> {
    const KEPT: u64 = FINALITY + 2;
    let scene = Scene::open().await?;
    let mut life = scene.submitted().await?;
    gift(&scene, 0).await?;
    scene.liar.on(Calls::Any, Times::Always, Fault::Pruned(KEPT));
    scene.mine(1 + KEPT + FINALITY).await?;
    let unknown = life.until(OrderStatus::Unknown).await?;
    let reason = unknown.fields.reason.clone().unwrap_or_default();
    ensure!(reason.contains("history does not reach back"), "{reason}");
    let mut next = scene.submitted().await?;
    scene.settle(&mut next).await?;
    ensure!(scene.liar.tally().transactions() == 2, "{:?}", scene.liar.tally().sends());
    scene.liar.be_honest();
    life.until(OrderStatus::ExecutionFailed).await?;
    life.until(OrderStatus::Submitted).await?;
    scene.settle(&mut life).await?;
    ensure!(scene.liar.tally().transactions() == 3, "{:?}", scene.liar.tally().sends());
    scene.close().await?;
    Ok(())
}
