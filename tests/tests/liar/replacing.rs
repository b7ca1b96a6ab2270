//! Several signatures at one place of the account: a cancellation, a higher bid. The chain takes one of them.

use crate::scene::{FINALITY, Scene, by_hand, expect, hash};
use anyhow::{Result, ensure};
use orderd_sdk::wire::OrderStatus;
use orderd_tests::{
    Life,
    liar::{Calls, Fault, Reach, Times},
};

const CANCELLED: [&str; 5] =
    ["submitted", "submitted:cancel-requested", "submitted:voiding", "submitted:voided", "cancelled"];
const SEND: &str = "eth_sendRawTransaction";
const RECEIPT: &str = "eth_getTransactionReceipt";

async fn cancel(scene: &Scene, life: &mut Life) -> Result<()> {
    let reply = scene.daemon.http().post(&format!("/api/orders/{}/cancel", life.subscribed.id), "").await?;
    ensure!(reply.status == 202, "{}: {}", reply.status, reply.body);
    life.until_stage("cancel-requested").await?;
    Ok(())
}

/// Waits until the node has heard of so many transactions, and has answered.
async fn signed(scene: &Scene, transactions: usize) -> Result<()> {
    let tally = scene.liar.until(|tally| tally.transactions() >= transactions).await?;
    scene.liar.until(|now| now.answered(SEND) >= tally.calls(SEND)).await?;
    Ok(())
}

#[tokio::test]
async fn a_cancellation_whose_answer_is_lost_is_settled_by_the_chain() -> Result<()> {
    let scene = Scene::open().await?;
    for fault in [Fault::Reset(Reach::Nobody), Fault::Reset(Reach::Node), Fault::Status(502, Reach::Node)] {
        let before = scene.liar.tally().transactions();
        let mut life = scene.submitted().await?;
        scene.liar.on(Calls::SEND, Times::First(1), fault.clone());
        cancel(&scene, &mut life).await?;
        signed(&scene, before + 2).await?;
        if fault == Fault::Reset(Reach::Nobody) {
            scene.liar.answers(SEND, 1).await?;
        }
        scene.mine(1 + FINALITY).await?;
        life.until(OrderStatus::Cancelled).await?;
        expect(&life, &CANCELLED)?;
        scene.liar.be_honest();
    }
    scene.close().await?;
    Ok(())
}

#[tokio::test]
async fn a_swap_that_is_faster_than_its_cancellation_is_told_as_executed() -> Result<()> {
    let scene = Scene::open().await?;
    let mut life = scene.submitted().await?;
    scene.liar.on(Calls::SEND, Times::Always, Fault::Status(503, Reach::Nobody));
    cancel(&scene, &mut life).await?;
    signed(&scene, 2).await?;
    scene.settle(&mut life).await?;
    expect(
        &life,
        &["submitted", "submitted:cancel-requested", "submitted:voiding", "confirmed", "finalized"],
    )?;
    scene.close().await?;
    Ok(())
}

/// A scene in which the first bid is the highest that the operator allows.
async fn at_the_cap() -> Result<Scene> {
    let overrides = &[
        ("ORDERD_CHAINS__LOCAL__CONFIG__MAXFEEGWEI", "15"),
        ("ORDERD_CHAINS__LOCAL__BUMP_AFTER_MS", "1000"),
    ];
    let scene = Scene::open_with(by_hand(FINALITY), overrides).await?;
    scene.chain.rpc.set_next_base_fee(10_000_000_000).await?;
    scene.mine(1).await?;
    // The daemon forgets what the chain asked before.
    scene.restart().await
}

#[tokio::test]
async fn a_cancellation_above_the_cap_is_refused_and_the_order_goes_on() -> Result<()> {
    let scene = at_the_cap().await?;
    let mut life = scene.submitted().await?;
    cancel(&scene, &mut life).await?;
    let refused = life.until_stage("cancel-refused").await?;
    ensure!(refused.message.contains("maxFeeGwei"), "{}", refused.message);
    ensure!(!refused.order.cancel_requested, "nothing is asked for any more");
    scene.settle(&mut life).await?;
    let refused = ["submitted:cancel-requested", "submitted:cancel-refused"];
    expect(&life, &[&["submitted"][..], &refused, &["confirmed", "finalized"]].concat())?;
    ensure!(scene.liar.tally().transactions() == 1, "{:?}", scene.liar.tally().sends());
    scene.close().await?;
    Ok(())
}

/// Nothing is said about it in the order's life: nothing happened. The operator finds it in the log.
#[tokio::test]
async fn a_bid_above_the_cap_is_not_made_and_the_order_goes_on() -> Result<()> {
    let scene = at_the_cap().await?;
    let mut life = scene.submitted().await?;
    scene.logged("raise maxFeeGwei").await?;
    scene.settle(&mut life).await?;
    expect(&life, &["submitted", "confirmed", "finalized"])?;
    ensure!(scene.liar.tally().transactions() == 1, "{:?}", scene.liar.tally().sends());
    scene.close().await?;
    Ok(())
}

#[tokio::test]
async fn a_transaction_that_waits_too_long_is_outbid_by_itself_and_counts_once() -> Result<()> {
    let overrides =
        &[("ORDERD_CHAINS__LOCAL__BUMP_AFTER_MS", "1000"), ("ORDERD_CHAINS__LOCAL__MAX_BUMPS", "1")];
    let scene = Scene::open_with(by_hand(FINALITY), overrides).await?;
    let mut life = scene.submitted().await?;
    let first = hash(&life)?;
    scene.liar.on(Calls::SEND, Times::First(1), Fault::Reset(Reach::Node));
    life.until_stage("fee-bump").await?;
    signed(&scene, 2).await?;
    scene.settle(&mut life).await?;
    expect(&life, &["submitted", "submitted:fee-bump", "confirmed", "finalized"])?;
    ensure!(hash(&life)? != first, "the higher bid was taken");
    scene.close().await?;
    Ok(())
}

#[tokio::test]
async fn a_confirmed_order_that_a_look_misses_is_not_bid_for_again() -> Result<()> {
    let overrides = &[("ORDERD_CHAINS__LOCAL__BUMP_AFTER_MS", "1000")];
    let scene = Scene::open_with(by_hand(FINALITY), overrides).await?;
    let mut life = scene.submitted().await?;
    scene.liar.answers("eth_getTransactionCount", 4).await?;
    scene.mine(1).await?;
    life.until(OrderStatus::Confirmed).await?;
    // At 80 ms each, longer than a bid waits.
    scene.liar.answers(RECEIPT, 25).await?;
    scene.liar.on(Calls::SEQUENCE, Times::Always, Fault::Status(503, Reach::Nobody));
    scene.liar.on(Calls::RECEIPT, Times::First(2), Fault::Null);
    scene.liar.on(Calls::TRANSACTION, Times::First(2), Fault::Null);
    scene.liar.answers(RECEIPT, 1).await?;
    scene.liar.until(|tally| tally.by_fault().get("null").is_some_and(|nulls| *nulls >= 2)).await?;
    scene.liar.be_honest();
    scene.mine(FINALITY).await?;
    life.until(OrderStatus::Finalized).await?;
    scene.close().await?;
    Ok(())
}
