//! Nodes that know less than the chain: an index that lags, a node that lags, and two nodes of which one lags.

use crate::scene::{FINALITY, Scene, by_hand, expect, hash};
use anyhow::{Result, ensure};
use orderd_sdk::wire::OrderStatus;
use orderd_tests::liar::{Calls, Fault, Times};

const SEND: &str = "eth_sendRawTransaction";
const RECEIPT: &str = "eth_getTransactionReceipt";
const PLAIN: [&str; 3] = ["submitted", "confirmed", "finalized"];
const TWICE: [&str; 6] = ["submitted", "confirmed", "reorged", "submitted", "confirmed", "finalized"];

#[tokio::test]
async fn a_transaction_that_cannot_be_found_is_sent_again_and_nothing_else() -> Result<()> {
    let scene = Scene::open().await?;
    let mut life = scene.submitted().await?;
    let rule = scene.liar.on(Calls::Any, Times::Always, Fault::Hidden(vec![hash(&life)?]));
    scene.mine(1).await?;
    let tally = scene.liar.until(|tally| tally.sends().len() >= 3).await?;
    ensure!(tally.transactions() == 1, "the same bytes: {:?}", tally.sends());
    scene.liar.off(rule);
    life.until(OrderStatus::Confirmed).await?;
    scene.mine(FINALITY).await?;
    life.until(OrderStatus::Finalized).await?;
    expect(&life, &PLAIN)?;
    scene.close().await?;
    Ok(())
}

#[tokio::test]
async fn a_receipt_that_disappears_is_told_and_waited_for() -> Result<()> {
    let scene = Scene::open().await?;
    let mut life = scene.submitted().await?;
    scene.mine(1).await?;
    life.until(OrderStatus::Confirmed).await?;
    let rule = scene.liar.on(Calls::Any, Times::Always, Fault::Hidden(vec![hash(&life)?]));
    life.until(OrderStatus::Submitted).await?;
    scene.liar.off(rule);
    life.until(OrderStatus::Confirmed).await?;
    scene.mine(FINALITY).await?;
    life.until(OrderStatus::Finalized).await?;
    expect(&life, &TWICE)?;
    ensure!(scene.liar.tally().transactions() == 1);
    scene.close().await?;
    Ok(())
}

#[tokio::test]
async fn behind_a_node_that_lags_everything_happens_later() -> Result<()> {
    const LAG: u64 = 3;
    let scene = Scene::open().await?;
    let rule = scene.liar.on(Calls::Any, Times::Always, Fault::Stale(LAG));
    for _ in 0..2 {
        let mut life = scene.submitted().await?;
        for (blocks, then) in [(1 + LAG, OrderStatus::Confirmed), (FINALITY, OrderStatus::Finalized)] {
            scene.mine(blocks - 1).await?;
            scene.liar.answers(RECEIPT, 2).await?;
            let order = scene.daemon.http().order(&life.subscribed.id).await?;
            ensure!(order.seq == life.told().len() as u64, "{} came too early", order.status);
            scene.mine(1).await?;
            life.until(then).await?;
        }
        expect(&life, &PLAIN)?;
    }
    scene.liar.off(rule);
    ensure!(scene.liar.tally().transactions() == 2);
    scene.close().await?;
    Ok(())
}

/// Every other answer comes from a node that has not seen the block yet. The order goes back and forth, as each answer
/// says, and is never executed again.
#[tokio::test]
async fn between_a_node_that_lags_and_one_that_does_not_an_order_settles_once() -> Result<()> {
    const LAG: u64 = 2;
    let scene = Scene::open_on(by_hand(2 * LAG)).await?;
    scene.liar.on(Calls::Any, Times::EveryOther, Fault::Stale(LAG));
    let mut life = scene.submitted().await?;
    scene.mine(1).await?;
    life.until(OrderStatus::Confirmed).await?;
    scene.liar.answers(RECEIPT, 8).await?;
    scene.mine(LAG).await?;
    scene.liar.answers(RECEIPT, 2).await?;
    scene.mine(2 * LAG).await?;
    life.until(OrderStatus::Finalized).await?;
    let told = life.stages();
    let (first, last) = (&told[5..7], &told[told.len() - 2..]);
    ensure!(first == ["submitted", "confirmed"] && last == ["confirmed", "finalized"], "{told:?}");
    let between = told[7..told.len() - 1].chunks(3);
    ensure!(between.clone().all(|part| part == ["reorged", "submitted", "confirmed"]), "{told:?}");
    let tally = scene.liar.tally();
    ensure!(tally.transactions() == 1 && tally.calls(SEND) >= 1, "{:?}", tally.sends());
    scene.close().await?;
    Ok(())
}

#[tokio::test]
async fn an_order_stays_confirmed_until_finality_catches_up() -> Result<()> {
    const BEHIND: u64 = 40;
    let scene = Scene::open_on(by_hand(BEHIND)).await?;
    // What the account did before the daemon has to be final first.
    scene.mine(BEHIND).await?;
    let mut life = scene.submitted().await?;
    scene.mine(1).await?;
    life.until(OrderStatus::Confirmed).await?;
    scene.mine(BEHIND - 1).await?;
    scene.liar.answers(RECEIPT, 3).await?;
    let order = scene.daemon.http().order(&life.subscribed.id).await?;
    ensure!(order.status == OrderStatus::Confirmed, "{} one block too early", order.status);
    scene.mine(1).await?;
    life.until(OrderStatus::Finalized).await?;
    expect(&life, &PLAIN)?;
    scene.close().await?;
    Ok(())
}
