//! Sequences are dense, bounded, and each lane's own.

use crate::{
    ledger::Mining,
    script::{Answer, later, never},
    world::{SMOOTH, World, sell, sell_for, submit, submit_many},
};
use orderd_sdk::{plugin::PluginError, wire::ExecuteRequest};
use std::{collections::BTreeSet, sync::Arc};
use tokio::sync::Notify;

#[tokio::test]
async fn a_hundred_orders_take_a_hundred_sequences_without_a_hole() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    let mut stories = BTreeSet::new();
    for mut life in submit_many(&daemon, 100).await {
        stories.insert(life.end().await);
    }
    assert_eq!(stories, BTreeSet::from([SMOOTH.to_owned()]));
    assert_eq!(script.sequences(), Vec::from_iter(0..100));
    assert_eq!(script.swaps(), Vec::from_iter(1..=100));
    assert_eq!(script.send.count(), 100);
}

#[tokio::test]
async fn a_refused_signature_takes_no_sequence() {
    let world = World::new().engine("max_attempts", 20);
    let (daemon, script) = (world.start().await, world.script());
    script.prepare.answers(|before, _| match before % 3 {
        0 => Answer::Now(Err(PluginError::transient("the key is busy"))),
        _ => Answer::Usual,
    });
    let refused_at = |before: usize| before.is_multiple_of(3);
    for mut life in submit_many(&daemon, 10).await {
        assert!(life.end().await.ends_with("signed submitted confirmed finalized"));
    }
    let asked = script.sequences();
    let signed = asked.iter().enumerate().filter(|(before, _)| !refused_at(*before));
    assert_eq!(signed.map(|(_, sequence)| *sequence).collect::<Vec<_>>(), Vec::from_iter(0..10));
    assert!(asked.len() > 10, "some were refused");
}

#[tokio::test]
async fn no_more_is_signed_than_may_be_pending_and_the_lane_goes_on_with_each_inclusion() {
    let world = World::new().chain("max_pending", 3);
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Pool;
    let lives = submit_many(&daemon, 8).await;
    for included in 0..=5 {
        script.prepare.reached(included + 3).await;
        script.status.reached_again(5).await;
        assert_eq!(script.prepare.count(), included + 3, "{included} are in a block");
        assert!(script.ledger().mine_one());
    }
    script.ledger().mine();
    script.ledger().finalize();
    for mut life in lives {
        script.ledger().finalize();
        script.ledger().mining = Mining::Final;
        assert_eq!(life.end().await, SMOOTH);
    }
    assert_eq!(script.sequences(), Vec::from_iter(0..8));
}

#[tokio::test]
async fn no_venue_is_asked_for_an_order_before_its_lane_has_room() {
    let world = World::new().chain("max_pending", 3);
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Pool;
    let mut lives = submit_many(&daemon, 8).await;
    for included in 0..=5 {
        script.prepare.reached(included + 3).await;
        script.status.reached_again(5).await;
        assert_eq!(script.quote.count(), included + 3, "{included} are in a block");
        assert!(script.ledger().mine_one());
    }
    script.ledger().mining = Mining::Final;
    script.ledger().mine();
    script.ledger().finalize();
    for life in &mut lives {
        assert_eq!(life.end().await, SMOOTH);
    }
}

#[tokio::test]
async fn a_lane_that_is_full_holds_up_no_other_and_a_refused_attempt_makes_room() {
    let world = World::new().chain("max_pending", 1).account("other", "main");
    let (daemon, script) = (world.start().await, world.script());
    let refusal = Arc::new(Notify::new());
    let refused = refusal.clone();
    script.prepare.answers(move |before, _| match before {
        0 => {
            let refused = refused.clone();
            later(async move {
                refused.notified().await;
                Err(PluginError::permanent("no such key"))
            })
        }
        _ => Answer::Usual,
    });
    let mut hanging = submit(&daemon, sell_for("main", 1)).await;
    script.prepare.reached(1).await;
    let mut waiting = submit(&daemon, sell_for("main", 2)).await;
    for amount in 3..=5 {
        assert_eq!(submit(&daemon, sell_for("other", amount)).await.end().await, SMOOTH);
    }
    assert_eq!(script.quote.count(), 1 + 3, "one for the lane that hangs");
    refusal.notify_one();
    assert!(hanging.end().await.ends_with("failed"));
    assert_eq!(waiting.end().await, SMOOTH);
}

#[tokio::test]
async fn a_lane_whose_signatures_hang_does_not_hold_up_the_other_account() {
    let world = World::new().engine("workers", 2).account("other", "main");
    let (daemon, script) = (world.start().await, world.script());
    script.prepare.answers(|_, request| match request.signer.account == "main" {
        true => never(),
        false => Answer::Usual,
    });
    for amount in 1..=5 {
        submit(&daemon, sell_for("main", amount)).await;
    }
    script.prepare.reached(1).await;
    for amount in 6..=10 {
        assert_eq!(submit(&daemon, sell_for("other", amount)).await.end().await, SMOOTH);
    }
    assert_eq!(script.swaps(), [6, 7, 8, 9, 10]);
}

#[tokio::test]
async fn a_chain_that_does_not_answer_does_not_hold_up_the_other_chain() {
    let world = World::new().engine("workers", 2).account("side", "side").venue("creek", "side");
    let (daemon, script) = (world.start().await, world.script());
    script.prepare.answers(|_, _| never());
    script.status.answers(|_, _| never());
    let on = |chain: &str, amount| ExecuteRequest { chain: Some(chain.to_owned()), ..sell(amount) };
    for amount in 1..=5 {
        submit(&daemon, on("main", amount)).await;
    }
    script.prepare.reached(1).await;
    for amount in 6..=10 {
        assert_eq!(submit(&daemon, on("side", amount)).await.end().await, SMOOTH);
    }
    assert_eq!(world.script_of("side").sequences(), [0, 1, 2, 3, 4]);
    assert!(script.swaps().is_empty());
}
