//! Everything that can be answered to a send. Whatever it is, the same bytes are the only ones that ever go out.

use crate::scene::{FINALITY, Scene, by_hand, expect, hash};
use anyhow::{Context as _, Result, ensure};
use orderd_sdk::wire::OrderStatus;
use orderd_tests::liar::{Calls, Fault, Reach, Times};

const SEND: &str = "eth_sendRawTransaction";
/// Nobody can tell whether the node has it.
const UNKNOWN: &[&str] = &["unknown", "submitted", "confirmed", "finalized"];
/// The node certainly does not have it.
const REFUSED: &[&str] = &["execution-failed", "retry-pending", "submitted", "confirmed", "finalized"];
/// As if nothing had been wrong.
const PLAIN: &[&str] = &["submitted", "confirmed", "finalized"];

/// A fault of the first send, and the life that follows.
const FAULTS: [(Fault, &[&str]); 19] = [
    (Fault::Reset(Reach::Nobody), UNKNOWN),
    (Fault::Reset(Reach::Node), UNKNOWN),
    (Fault::Status(429, Reach::Nobody), UNKNOWN),
    (Fault::Status(500, Reach::Node), UNKNOWN),
    (Fault::Status(502, Reach::Nobody), UNKNOWN),
    (Fault::Status(503, Reach::Node), UNKNOWN),
    (Fault::Html(Reach::Nobody), UNKNOWN),
    (Fault::Html(Reach::Node), UNKNOWN),
    (Fault::Truncated, UNKNOWN),
    (Fault::Null, UNKNOWN),
    (Fault::Missing, UNKNOWN),
    (Fault::Foreign, UNKNOWN),
    (Fault::Refused(-32_005, "limit exceeded", Reach::Nobody), UNKNOWN),
    (Fault::Refused(-32_000, "nonce too low", Reach::Node), UNKNOWN),
    (Fault::Refused(-32_000, "txpool is full", Reach::Node), UNKNOWN),
    (Fault::Refused(-32_003, "insufficient funds for gas * price + value", Reach::Nobody), REFUSED),
    // A node that refuses a copy of what it has: the refusal is about the copy.
    (Fault::Refused(-32_003, "replacement transaction underpriced", Reach::Node), REFUSED),
    (Fault::Refused(-32_000, "already known", Reach::Node), PLAIN),
    (Fault::Twice, PLAIN),
];

#[tokio::test]
async fn whatever_a_send_is_answered_with_one_transaction_settles_the_order() -> Result<()> {
    let scene = Scene::open().await?;
    for (number, (fault, life)) in FAULTS.into_iter().enumerate() {
        let case = format!("{fault:?}");
        play(&scene, fault, life).await.context(case)?;
        ensure!(scene.liar.tally().transactions() == number + 1, "one transaction for each order");
    }
    scene.close().await?;
    Ok(())
}

async fn play(scene: &Scene, fault: Fault, expected: &[&str]) -> Result<()> {
    let faults = scene.liar.tally().faults();
    let rule = scene.liar.on(Calls::SEND, Times::First(1), fault);
    let mut life = scene.submitted().await?;
    scene.settle(&mut life).await?;
    scene.liar.off(rule);
    ensure!(scene.liar.tally().faults() == faults + 1, "the fault was played");
    expect(&life, expected)
}

#[tokio::test]
async fn a_send_that_nobody_answers_is_unknown_when_its_time_is_over() -> Result<()> {
    let scene = Scene::open_with(by_hand(FINALITY), &[("ORDERD_ENGINE__SEND_TIMEOUT_MS", "2000")]).await?;
    scene.liar.on(Calls::SEND, Times::First(1), Fault::Held);
    scene.liar.on(Calls::RECEIPT, Times::Nth(2), Fault::Held);
    let mut life = scene.submitted().await?;
    let unknown = life.told().iter().find(|event| event.kind == OrderStatus::Unknown);
    ensure!(unknown.is_some_and(|event| event.fields.reason.is_some()), "it is said what was seen");
    scene.settle(&mut life).await?;
    expect(&life, UNKNOWN)?;
    ensure!(scene.liar.tally().by_fault()["held"] == 2, "a look was left without an answer, too");
    scene.close().await?;
    Ok(())
}

#[tokio::test]
async fn a_node_that_claims_to_have_what_it_has_not_gets_it_again() -> Result<()> {
    let scene = Scene::open().await?;
    scene.liar.on(Calls::SEND, Times::First(1), Fault::Refused(-32_000, "already known", Reach::Nobody));
    let mut life = scene.submitted().await?;
    scene.liar.until(|tally| tally.answered(SEND) >= 2).await?;
    scene.settle(&mut life).await?;
    expect(&life, PLAIN)?;
    ensure!(scene.liar.tally().sends_of(hash(&life)?) >= 2);
    scene.close().await?;
    Ok(())
}

#[tokio::test]
async fn answers_to_sends_may_overtake_each_other() -> Result<()> {
    let scene = Scene::open().await?;
    scene.liar.on(Calls::SEND, Times::Nth(1), Fault::Overtaken);
    let mut first = scene.order().await?;
    let mut second = scene.submitted().await?;
    first.until(OrderStatus::Submitted).await?;
    scene.mine(1).await?;
    for life in [&mut first, &mut second] {
        life.until(OrderStatus::Confirmed).await?;
    }
    scene.mine(FINALITY).await?;
    for life in [&mut first, &mut second] {
        life.until(OrderStatus::Finalized).await?;
        expect(life, PLAIN)?;
    }
    ensure!(hash(&first)? != hash(&second)?);
    scene.close().await?;
    Ok(())
}
