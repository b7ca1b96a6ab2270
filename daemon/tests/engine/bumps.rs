//! A transaction that is stuck is signed again for more, at its own sequence.

use crate::{
    ledger::Mining,
    restarts::mines_again,
    script::{Answer, Script},
    world::{SMOOTH, World, load, sell, submit},
};
use orderd_sdk::{
    plugin::{LaneStatus, PluginError, SendOutcome, TxStatus},
    wire::OrderStatus,
};
use std::{collections::BTreeSet, sync::Arc};

fn impatient() -> World {
    World::new().chain("bump_after_ms", 40).chain("max_bumps", 2)
}

async fn stuck(world: &World) -> (orderd::app::Daemon, Arc<Script>, crate::world::Life) {
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Pool;
    let mut life = submit(&daemon, sell(7)).await;
    life.until("submitted").await;
    (daemon, script, life)
}

#[tokio::test]
async fn a_stuck_swap_is_bumped_as_often_as_allowed_and_has_one_effect() {
    let world = impatient();
    let (_daemon, script, mut life) = stuck(&world).await;
    script.bump.reached(2).await;
    script.status.reached_again(20).await;
    assert_eq!(script.bump.count(), 2, "that is as often as allowed");
    let first = script.send.calls()[0].raw.clone();
    assert_eq!(script.bump.calls()[0].replaces, vec![first.clone()]);
    assert_eq!((script.bump.calls()[1].replaces.len(), &script.bump.calls()[1].replaces[0]), (2, &first));
    mines_again(&script);
    let story = life.end().await;
    assert!(story.ends_with("signed submitted fee-bump fee-bump confirmed finalized"), "{story}");
    assert_eq!((script.sequences(), script.swaps()), (vec![0], vec![7]));
    let confirmed = life.all("confirmed")[0].fields.tx_hash.clone();
    assert_eq!(confirmed, life.all("fee-bump")[1].fields.tx_hash, "the last one won");
}

#[tokio::test]
async fn an_earlier_transaction_may_win_against_its_replacement() {
    let world = impatient();
    let (_daemon, script, mut life) = stuck(&world).await;
    // The pool never takes a replacement.
    script.send.answers(|_, _| {
        Answer::Now(SendOutcome::NotSent { reason: "replacement transaction underpriced".to_owned() })
    });
    life.until("fee-bump").await;
    script.send.reached(2).await;
    script.ledger().mining = Mining::Final;
    script.ledger().mine();
    life.end().await;
    let signed = life.all("signed")[0].fields.tx_hash.clone();
    assert_eq!(life.all("confirmed")[0].fields.tx_hash, signed);
    assert_eq!(script.swaps(), [7]);
}

#[tokio::test]
async fn only_the_first_transaction_of_an_account_is_bumped() {
    let world = impatient();
    let (daemon, script, mut first) = stuck(&world).await;
    let mut second = submit(&daemon, sell(8)).await;
    second.until("submitted").await;
    script.bump.reached(2).await;
    script.status.reached_again(20).await;
    let bumped: BTreeSet<_> = script.bump.calls().into_iter().map(|request| request.sequence).collect();
    assert_eq!(bumped, BTreeSet::from([0]), "the second one waits for the first");
    mines_again(&script);
    assert!(first.end().await.ends_with("confirmed finalized"));
    assert_eq!(second.end().await, SMOOTH);
}

#[tokio::test]
async fn a_bump_that_is_refused_is_tried_again_and_the_order_keeps_its_state() {
    let world = impatient();
    let (daemon, script, mut life) = stuck(&world).await;
    script.bump.answers(|before, _| match before {
        0..3 => Answer::Now(Err(PluginError::transient("the cap is reached"))),
        _ => Answer::Usual,
    });
    script.bump.reached(3).await;
    assert_eq!(load(&daemon, life.id).await.status, OrderStatus::Submitted);
    life.until("fee-bump").await;
    mines_again(&script);
    assert!(life.end().await.ends_with("confirmed finalized"));
}

#[tokio::test]
async fn a_swap_that_is_too_late_is_taken_back_rather_than_bumped() {
    let world = impatient().engine("transaction_ttl_ms", 1_000).engine("max_attempts", 1);
    let (_daemon, script, mut life) = stuck(&world).await;
    life.until("voiding").await;
    script.send.had(|request| request.hash.ends_with(":void")).await;
    mines_again(&script);
    assert!(life.end().await.ends_with("voided failed"), "{}", life.story());
    let code = life.all("failed")[0].fields.error_code;
    assert_eq!(code, Some(orderd_sdk::wire::ErrorCode::NotIncluded));
    assert_eq!(script.swaps(), [0; 0]);
}

#[tokio::test]
async fn nothing_is_bumped_where_that_is_switched_off() {
    let world = World::new().chain("bump_after_ms", 0);
    let (_daemon, script, mut life) = stuck(&world).await;
    script.status.reached_again(30).await;
    mines_again(&script);
    assert_eq!(life.end().await, SMOOTH);
    assert_eq!(script.bump.count(), 0);
}

#[tokio::test]
async fn what_is_in_a_block_is_not_bumped_while_a_lagging_node_has_nothing_of_it() {
    let world = impatient();
    let (daemon, script, mut life) = stuck(&world).await;
    script.ledger().mining = Mining::Included;
    script.ledger().mine();
    life.until("confirmed").await;
    let bumps = script.bump.count();
    // Each look but the fourth finds nothing, so that the block is never given up.
    script.status.answers(|before, request| match before % 4 {
        0 => Answer::Usual,
        _ => Answer::Now(Ok(vec![TxStatus::NotFound; request.queries.len()])),
    });
    script.lane.answers(|_, _| Answer::Now(Ok(LaneStatus::at(0, 0))));
    script.status.reached_again(40).await;
    assert_eq!((script.bump.count(), load(&daemon, life.id).await.status), (bumps, OrderStatus::Confirmed));
    script.status.as_usual();
    script.lane.as_usual();
    script.ledger().finalize();
    assert!(life.end().await.ends_with("confirmed finalized"));
}
