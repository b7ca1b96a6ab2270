//! Blocks without effect, and blocks that are undone.

use crate::{
    ledger::Mining,
    script::Script,
    world::{Life, World, load, sell, submit},
};
use orderd::app::Daemon;
use orderd_sdk::wire::OrderStatus;
use std::{collections::BTreeSet, sync::Arc};

const SUBMITTED: &str = "pending routing quoted started signed submitted ";

/// An order whose swap is in a block that is not final, read up to there.
async fn included(mining: Mining) -> (World, Daemon, Arc<Script>, Life) {
    let world = World::new().engine("max_attempts", 2);
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = mining;
    let mut life = submit(&daemon, sell(7)).await;
    life.until(if mining == Mining::Reverting { "execution-failed" } else { "confirmed" }).await;
    (world, daemon, script, life)
}

fn hash(script: &Script) -> String {
    script.send.calls()[0].hash.clone()
}

pub(crate) fn finalize(script: &Script) {
    let mut ledger = script.ledger();
    ledger.mining = Mining::Final;
    ledger.finalize();
}

#[tokio::test]
async fn a_revert_leads_to_another_attempt_only_when_it_is_final() {
    let (_world, daemon, script, mut life) = included(Mining::Reverting).await;
    script.status.reached_again(10).await;
    assert_eq!(load(&daemon, life.id).await.status, OrderStatus::ExecutionFailed);
    assert_eq!(script.prepare.count(), 1);
    finalize(&script);
    let rest = "execution-failed retry-pending routing quoted started signed submitted confirmed finalized";
    assert_eq!(life.end().await, SUBMITTED.to_owned() + rest);
    assert_eq!((script.sequences(), script.swaps()), (vec![0, 1], vec![7]));
}

#[tokio::test]
async fn an_order_fails_when_its_last_attempt_is_reverted_for_good() {
    let (_world, _daemon, script, mut life) = included(Mining::Reverting).await;
    script.ledger().finalize();
    life.until("execution-failed").await;
    script.status.reached_again(3).await;
    assert_eq!(script.prepare.count(), 2);
    script.ledger().finalize();
    assert!(life.end().await.ends_with("submitted execution-failed failed"));
    let left = life.all("execution-failed").into_iter().map(|event| event.fields.retries_remaining);
    assert_eq!(left.collect::<Vec<_>>(), [Some(1), Some(0)]);
    assert_eq!(life.all("failed")[0].fields.total_attempts, Some(2));
    assert_eq!(script.sequences(), [0, 1]);
}

#[tokio::test]
async fn a_reorganisation_can_turn_a_revert_into_a_success_of_the_same_signature() {
    let (_world, _daemon, script, mut life) = included(Mining::Reverting).await;
    script.ledger().turn(&hash(&script));
    life.until("confirmed").await;
    script.status.reached_again(3).await;
    finalize(&script);
    let rest = "execution-failed reorged submitted confirmed finalized";
    assert_eq!(life.end().await, SUBMITTED.to_owned() + rest);
    assert_eq!((script.prepare.count(), script.send.count(), script.swaps()), (1, 1, vec![7]));
}

#[tokio::test]
async fn a_reorganisation_can_turn_a_success_into_a_revert_and_the_order_tries_again_when_that_is_final() {
    let (_world, daemon, script, mut life) = included(Mining::Included).await;
    script.ledger().turn(&hash(&script));
    life.until("execution-failed").await;
    script.status.reached_again(5).await;
    let order = load(&daemon, life.id).await;
    assert_eq!((order.amount_out, script.prepare.count()), (None, 1));
    finalize(&script);
    let rest = "confirmed reorged submitted execution-failed \
                retry-pending routing quoted started signed submitted confirmed finalized";
    assert_eq!(life.end().await, SUBMITTED.to_owned() + rest);
    assert_eq!((script.sequences(), script.swaps()), (vec![0, 1], vec![7]));
}

#[tokio::test]
async fn a_swap_that_a_reorganisation_lost_is_sent_again_byte_for_byte() {
    let (_world, _daemon, script, mut life) = included(Mining::Included).await;
    script.ledger().undo(&hash(&script));
    script.ledger().mining = Mining::Final;
    assert_eq!(life.end().await, SUBMITTED.to_owned() + "confirmed reorged submitted confirmed finalized");
    let distinct: BTreeSet<_> = script.send.calls().into_iter().map(|sent| (sent.raw.0, sent.hash)).collect();
    assert_eq!((script.send.count(), distinct.len()), (2, 1));
    assert_eq!((script.prepare.count(), script.swaps()), (1, vec![7]));
}

#[tokio::test]
async fn a_swap_that_a_reorganisation_lost_to_another_transaction_is_signed_anew() {
    let (_world, _daemon, script, mut life) = included(Mining::Included).await;
    {
        let mut ledger = script.ledger();
        ledger.undo(&script.send.calls()[0].hash);
        ledger.overtake("at-main");
        ledger.mining = Mining::Final;
    }
    life.until("reorged").await;
    script.lane.reached_again(5).await;
    assert_eq!(script.prepare.count(), 1, "what took its place is not final");
    script.ledger().finalize();
    let rest = "confirmed reorged submitted execution-failed \
                retry-pending routing quoted started signed submitted confirmed finalized";
    assert_eq!(life.end().await, SUBMITTED.to_owned() + rest);
    assert_eq!((script.sequences(), script.swaps()), (vec![0, 1], vec![7]));
}
