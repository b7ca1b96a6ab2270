//! What a node itself does: it forgets transactions, prices them out, and changes its mind about blocks.

use crate::scene::{FINALITY, Scene, expect, hash};
use anyhow::{Result, ensure};
use orderd_sdk::wire::OrderStatus;
use orderd_tests::Life;

const SEND: &str = "eth_sendRawTransaction";
const PLAIN: [&str; 3] = ["submitted", "confirmed", "finalized"];
const TWICE: [&str; 6] = ["submitted", "confirmed", "reorged", "submitted", "confirmed", "finalized"];

async fn confirmed(scene: &Scene) -> Result<Life> {
    let mut life = scene.submitted().await?;
    scene.mine(1).await?;
    life.until(OrderStatus::Confirmed).await?;
    Ok(life)
}

/// Waits until the node has got a transaction once more than it had.
async fn sent_again(scene: &Scene, life: &Life) -> Result<()> {
    let hash = hash(life)?;
    let tally = scene.liar.until(|tally| tally.sends_of(hash) >= 2).await?;
    scene.liar.until(|now| now.answered(SEND) >= tally.calls(SEND)).await?;
    ensure!(tally.transactions() == 1, "the same bytes: {:?}", tally.sends());
    Ok(())
}

#[tokio::test]
async fn what_a_node_forgets_it_gets_again() -> Result<()> {
    let scene = Scene::open().await?;
    let mut life = scene.submitted().await?;
    scene.chain.rpc.drop_transaction(hash(&life)?).await?;
    sent_again(&scene, &life).await?;
    scene.settle(&mut life).await?;
    expect(&life, &PLAIN)?;
    scene.close().await?;
    Ok(())
}

#[tokio::test]
async fn what_a_rise_of_fees_prices_out_is_executed_when_they_fall() -> Result<()> {
    let scene = Scene::open().await?;
    let mut life = scene.submitted().await?;
    let rpc = &scene.chain.rpc;
    rpc.set_next_base_fee(900_000_000_000).await?;
    scene.mine(1).await?;
    ensure!(rpc.waiting_transactions().await? == 0, "the node threw it out");
    scene.liar.answers(SEND, 1).await?;
    ensure!(rpc.waiting_transactions().await? == 0, "the node does not take it back at this price");
    rpc.set_next_base_fee(1_000_000_000).await?;
    scene.mine(1).await?;
    scene.liar.answers(SEND, 1).await?;
    scene.settle(&mut life).await?;
    expect(&life, &PLAIN)?;
    ensure!(scene.liar.tally().transactions() == 1);
    scene.close().await?;
    Ok(())
}

#[tokio::test]
async fn a_reorganisation_is_told_and_mended_with_the_same_bytes() -> Result<()> {
    mends(async |scene| Ok(scene.chain.rpc.reorg(1).await?)).await
}

#[tokio::test]
async fn blocks_that_are_rolled_back_are_mended_with_the_same_bytes() -> Result<()> {
    mends(async |scene| Ok(scene.chain.rpc.rollback(1).await?)).await
}

/// The block of a confirmed swap is undone.
async fn mends(undo: impl AsyncFnOnce(&Scene) -> Result<()>) -> Result<()> {
    let scene = Scene::open().await?;
    let mut life = confirmed(&scene).await?;
    undo(&scene).await?;
    life.until(OrderStatus::Submitted).await?;
    sent_again(&scene, &life).await?;
    scene.settle(&mut life).await?;
    expect(&life, &TWICE)?;
    scene.close().await?;
    Ok(())
}

#[tokio::test]
async fn a_node_that_goes_back_to_an_old_state_gets_everything_again() -> Result<()> {
    let scene = Scene::open().await?;
    let snapshot = scene.chain.rpc.snapshot().await?;
    let mut lives = [scene.submitted().await?, scene.submitted().await?];
    scene.mine(1).await?;
    for life in &mut lives {
        life.until(OrderStatus::Confirmed).await?;
    }
    ensure!(scene.chain.rpc.revert_to(snapshot).await?);
    for life in &mut lives {
        life.until(OrderStatus::Submitted).await?;
    }
    let hashes = [hash(&lives[0])?, hash(&lives[1])?];
    scene.liar.until(|tally| hashes.iter().all(|hash| tally.sends_of(*hash) >= 2)).await?;
    let sent = scene.liar.tally().calls(SEND);
    scene.liar.until(|tally| tally.answered(SEND) >= sent).await?;
    scene.mine(1).await?;
    for life in &mut lives {
        life.until(OrderStatus::Confirmed).await?;
    }
    scene.mine(FINALITY).await?;
    for life in &mut lives {
        life.until(OrderStatus::Finalized).await?;
        expect(life, &TWICE)?;
    }
    ensure!(scene.liar.tally().transactions() == 2);
    scene.close().await?;
    Ok(())
}
