//! An account that somebody else uses, too: its lane waits until what they did is final, and goes on by itself.

use crate::scene::{FINALITY, PATIENCE, Scene, expect};
use alloy_primitives::{U64, U256};
use anyhow::{Context as _, Result, bail, ensure};
use orderd_sdk::wire::{ErrorCode, LaneReport, OrderStatus, Ready};
use orderd_tests::{
    BlockTag, Life, TxRequest,
    world::{DEPLOYER, TRADER},
};
use tokio::time::Instant;

const SEQUENCE: &str = "eth_getTransactionCount";
const PLAIN: [&str; 3] = ["submitted", "confirmed", "finalized"];
/// How the attempt that others have thwarted ends, and the next one goes.
const AGAIN: [&str; 7] = [
    "execution-failed",
    "retry-pending",
    "routing",
    "routing",
    "building:started",
    "building:signed",
    "submitted",
];
/// Looks at the account, after which a lane that does not wait would have signed.
const LOOKS: u64 = 6;

/// Has somebody else with the same key send a wei, at the account's next sequence in the chain or behind it. It pays
/// more for a place in a block than the daemon does.
pub(crate) async fn gift(scene: &Scene, behind: u64) -> Result<u64> {
    let rpc = &scene.chain.rpc;
    let sequence = rpc.transaction_count(TRADER.address, BlockTag::Latest).await? + behind;
    let gift = TxRequest {
        from: TRADER.address,
        to: Some(DEPLOYER),
        value: U256::from(1),
        nonce: Some(U64::from(sequence)),
        gas_price: Some(U64::from(100_000_000_000_u64)),
        ..TxRequest::default()
    };
    rpc.send(&gift).await?;
    Ok(sequence)
}

/// Waits until the account's lane stands so.
async fn standing(scene: &Scene, wanted: &str) -> Result<LaneReport> {
    let last = Instant::now() + PATIENCE;
    while Instant::now() < last {
        let reply = scene.daemon.http().get("/ready").await?;
        ensure!(reply.status == 200, "a lane alone makes no daemon unready: {}", reply.body);
        let ready: Ready = serde_json::from_value(reply.body)?;
        let lane = ready.lanes.into_iter().next().context("there is one account")?;
        if lane.standing == wanted {
            return Ok(lane);
        }
        scene.liar.answers(SEQUENCE, 1).await?;
    }
    bail!("the lane is never {wanted}")
}

/// Expects the lane to be held, and nothing to be signed however often the chain is asked.
async fn held(scene: &Scene, signed: usize) -> Result<()> {
    let lane = standing(scene, "held").await?;
    let why =
        lane.detail.as_deref().is_some_and(|detail| detail.starts_with("somebody else uses the account"));
    ensure!(lane.account == "trader" && why, "{lane:?}");
    scene.liar.answers(SEQUENCE, LOOKS).await?;
    standing(scene, "held").await?;
    let sends = scene.liar.tally();
    ensure!(sends.transactions() == signed, "{:?}", sends.sends());
    Ok(())
}

#[tokio::test]
async fn a_lane_waits_until_what_others_did_is_final_and_goes_on_by_itself() -> Result<()> {
    let scene = Scene::open().await?;
    let mut before = scene.submitted().await?;
    scene.settle(&mut before).await?;
    for behind in 0..3 {
        gift(&scene, behind).await?;
    }
    scene.mine(1).await?;
    held(&scene, 1).await?;
    let mut life = scene.order().await?;
    life.until_stage("started").await?;
    // The first ones are final with the second block, and another one is not.
    let last = gift(&scene, 0).await?;
    scene.mine(2).await?;
    held(&scene, 1).await?;
    scene.mine(1).await?;
    let submitted = life.until(OrderStatus::Submitted).await?;
    ensure!(submitted.fields.sequence.is_none_or(|sequence| sequence == last + 1));
    standing(&scene, "open").await?;
    scene.settle(&mut life).await?;
    expect(&life, &PLAIN)?;
    scene.close().await?;
    Ok(())
}

#[tokio::test]
async fn a_transaction_that_others_outbid_is_executed_at_another_place() -> Result<()> {
    let scene = Scene::open().await?;
    let mut life = scene.submitted().await?;
    gift(&scene, 0).await?;
    scene.mine(1).await?;
    held(&scene, 1).await?;
    scene.mine(FINALITY).await?;
    overtaken(&mut life).await?;
    life.until(OrderStatus::Submitted).await?;
    scene.settle(&mut life).await?;
    expect(&life, &[&["submitted"][..], &AGAIN, &PLAIN[1..]].concat())?;
    ensure!(scene.liar.tally().transactions() == 2, "{:?}", scene.liar.tally().sends());
    scene.close().await?;
    Ok(())
}

/// They were there first, and pay more: the node refuses what the daemon signs for the same place.
#[tokio::test]
async fn what_others_have_waiting_comes_first() -> Result<()> {
    let scene = Scene::open().await?;
    let mut before = scene.submitted().await?;
    scene.settle(&mut before).await?;
    gift(&scene, 0).await?;
    let mut life = scene.order().await?;
    life.until(OrderStatus::RetryPending).await?;
    scene.mine(1).await?;
    held(&scene, 2).await?;
    scene.mine(FINALITY).await?;
    overtaken(&mut life).await?;
    life.until(OrderStatus::Submitted).await?;
    scene.settle(&mut life).await?;
    ensure!(scene.liar.tally().transactions() == 3, "{:?}", scene.liar.tally().sends());
    scene.close().await?;
    Ok(())
}

/// Waits until it is told that somebody else took the order's place.
async fn overtaken(life: &mut Life) -> Result<()> {
    let failed = life.until(OrderStatus::ExecutionFailed).await?;
    let code = failed.order.last_error_code;
    ensure!(code == Some(ErrorCode::SequenceTaken), "{code:?}: {:?}", failed.order.last_error);
    Ok(())
}

/// The lane knows by then that the account is past all of them, and need not try each place in vain. One attempt is
/// lost for each: with as many as `max_attempts`, the order fails.
#[tokio::test]
async fn several_that_others_have_waiting_cost_an_order_one_attempt() -> Result<()> {
    let scene = Scene::open().await?;
    let mut before = scene.submitted().await?;
    scene.settle(&mut before).await?;
    for behind in 0..3 {
        gift(&scene, behind).await?;
    }
    let mut life = scene.order().await?;
    life.until(OrderStatus::RetryPending).await?;
    scene.mine(1).await?;
    scene.liar.answers(SEQUENCE, 6).await?;
    scene.mine(FINALITY).await?;
    let ended = life.until_any(&[OrderStatus::Submitted, OrderStatus::Failed]).await?.kind;
    ensure!(ended == OrderStatus::Submitted, "{:?}", life.stages());
    scene.settle(&mut life).await?;
    ensure!(scene.liar.tally().transactions() == 3, "{:?}", scene.liar.tally().sends());
    scene.close().await?;
    Ok(())
}
