//! Everything that can go wrong when transactions are looked up: it leaves every order as it was.

use crate::scene::{FINALITY, Scene, expect};
use anyhow::{Context as _, Result, ensure};
use orderd_sdk::wire::OrderStatus;
use orderd_tests::{
    Life,
    liar::{Calls, Fault, Reach, Times},
};

const RECEIPT: &str = "eth_getTransactionReceipt";
const PLAIN: [&str; 3] = ["submitted", "confirmed", "finalized"];
/// Looks that fail in each case.
const LOOKS: u64 = 2;

/// What a look is answered with.
const FAULTS: [Fault; 10] = [
    Fault::Reset(Reach::Nobody),
    Fault::Reset(Reach::Node),
    Fault::Status(429, Reach::Node),
    Fault::Status(502, Reach::Nobody),
    Fault::Html(Reach::Nobody),
    Fault::Truncated,
    Fault::Missing,
    Fault::Foreign,
    Fault::Refused(-32_005, "limit exceeded", Reach::Nobody),
    // A receipt that is not there while the transaction is: it waits.
    Fault::Null,
];

#[tokio::test]
async fn a_look_that_fails_changes_nothing() -> Result<()> {
    let scene = Scene::open().await?;
    for fault in FAULTS {
        let case = format!("{fault:?}");
        play(&scene, fault).await.context(case)?;
    }
    ensure!(scene.liar.tally().sends().len() == FAULTS.len(), "nothing was sent again");
    scene.close().await?;
    Ok(())
}

async fn play(scene: &Scene, fault: Fault) -> Result<()> {
    let mut life = scene.submitted().await?;
    blind(scene, &mut life, fault.clone(), OrderStatus::Confirmed, 1).await?;
    if fault != Fault::Null {
        blind(scene, &mut life, fault, OrderStatus::Finalized, FINALITY).await?;
    } else {
        scene.mine(FINALITY).await?;
        life.until(OrderStatus::Finalized).await?;
    }
    expect(&life, &PLAIN)
}

/// Makes blocks that the daemon cannot see because of a fault, and takes the fault away.
async fn blind(scene: &Scene, life: &mut Life, fault: Fault, next: OrderStatus, blocks: u64) -> Result<()> {
    let rule = scene.liar.on(Calls::RECEIPT, Times::Always, fault);
    // A look of before the rule may still be answered.
    scene.liar.answers(RECEIPT, 1).await?;
    scene.mine(blocks).await?;
    scene.liar.answers(RECEIPT, LOOKS).await?;
    let order = scene.daemon.http().order(&life.subscribed.id).await?;
    let last = life.told().last().context("something was told")?;
    ensure!(order.seq == last.seq, "{} was concluded from a look that failed", order.status);
    scene.liar.off(rule);
    life.until(next).await?;
    Ok(())
}

#[tokio::test]
async fn answers_of_a_batch_may_come_in_any_order() -> Result<()> {
    let scene = Scene::open().await?;
    scene.liar.on(Calls::Any, Times::Always, Fault::Shuffled);
    let mut life = scene.submitted().await?;
    scene.settle(&mut life).await?;
    expect(&life, &PLAIN)?;
    scene.close().await?;
    Ok(())
}

#[tokio::test]
async fn a_daemon_that_starts_under_lies_believes_none_of_them() -> Result<()> {
    let scene = Scene::open().await?;
    let mut life = scene.submitted().await?;
    scene.mine(1).await?;
    life.until(OrderStatus::Confirmed).await?;
    let id = life.subscribed.id.clone();
    let open = scene.submitted().await?.subscribed.id.clone();
    for fault in [Fault::Status(502, Reach::Nobody), Fault::Truncated, Fault::Reset(Reach::Node)] {
        scene.liar.on(Calls::RECEIPT, Times::First(2), fault.clone());
        scene.liar.on(Calls::SEQUENCE, Times::First(2), fault);
    }
    let scene = scene.restart().await?;
    let mut next = scene.order().await?;
    let (mut life, mut open) = (scene.follow(&id).await?, scene.follow(&open).await?);
    next.until(OrderStatus::Submitted).await?;
    scene.mine(1).await?;
    for life in [&mut open, &mut next] {
        life.until(OrderStatus::Confirmed).await?;
    }
    scene.mine(FINALITY).await?;
    for life in [&mut life, &mut open, &mut next] {
        life.until(OrderStatus::Finalized).await?;
        expect(life, &PLAIN)?;
    }
    scene.close().await?;
    Ok(())
}
