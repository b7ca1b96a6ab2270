//! Approvals: one for all who need it, and what becomes of them when it fails.

use crate::{
    ledger::{Mining, approval},
    machine::{End, Machine},
    script::{Answer, Script, later, never},
    world::{Life, SMOOTH, World, sell, submit, submit_many},
};
use orderd_sdk::plugin::{Approval, Build, PluginError, SendOutcome};
use std::sync::Arc;
use tokio::sync::watch;

const APPROVED_FIRST: &str = "pending routing quoted started approving approved \
                              routing quoted started signed submitted confirmed finalized";

fn approve() -> Build {
    Build::Approve(Approval { token: "SOL".to_owned(), spender: "router".to_owned(), payload: approval() })
}

/// The venue wants an approval until one is in the chain.
pub(crate) fn approval_is_needed(script: &Arc<Script>) {
    let chain = script.clone();
    script.build.answers(move |_, _| match chain.approvals() {
        0 => Answer::Now(Ok(approve())),
        _ => Answer::Usual,
    });
}

/// Reads all of them to the end. Tells the stories of those that approved, and of the others.
async fn ends(lives: &mut [Life]) -> (Vec<String>, Vec<String>) {
    let mut stories = Vec::new();
    for life in lives {
        stories.push(life.end().await);
    }
    stories.into_iter().partition(|story| story.contains("approving"))
}

#[tokio::test]
async fn twenty_orders_that_need_an_approval_sign_it_once() {
    let world = World::new().engine("workers", 20);
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Pool;
    approval_is_needed(&script);
    let mut lives = submit_many(&daemon, 20).await;
    script.build.reached(20).await;
    script.status.reached_again(5).await;
    assert_eq!(script.prepare.count(), 1);
    script.ledger().mining = Mining::Final;
    script.ledger().mine();

    let (approved, waited) = ends(&mut lives).await;
    assert_eq!(approved, [APPROVED_FIRST]);
    for story in waited {
        assert_eq!(
            story,
            "pending routing quoted started routing quoted started signed submitted confirmed finalized"
        );
    }
    assert_eq!((script.approvals(), script.sequences()), (1, Vec::from_iter(0..21)));
    assert_eq!(script.swaps(), Vec::from_iter(1..=20));
    assert_eq!(submit(&daemon, sell(21)).await.end().await, SMOOTH);
}

#[tokio::test]
async fn an_answer_from_before_an_approval_was_in_the_chain_has_it_signed_no_second_time() {
    let world = World::new().engine("workers", 2);
    let (daemon, script) = (world.start().await, world.script());
    let (arrive, late) = watch::channel(false);
    script.ledger().mining = Mining::Pool;
    let chain = script.clone();
    script.build.answers(move |call, _| match (call, chain.approvals()) {
        (0, _) => Answer::Now(Ok(approve())),
        // The venue has looked before the approval was there, and its answer takes long.
        (1, _) => {
            let mut late = late.clone();
            later(async move {
                late.wait_for(|late| *late).await.unwrap();
                Ok(approve())
            })
        }
        _ => Answer::Usual,
    });
    let mut lives = submit_many(&daemon, 2).await;
    script.build.reached(2).await;
    script.ledger().mining = Mining::Final;
    script.ledger().mine();
    let first = lives.iter_mut().map(|life| Box::pin(life.until("approved")));
    futures_util::future::select_all(first).await;
    arrive.send_replace(true);

    let (approved, waited) = ends(&mut lives).await;
    assert_eq!((approved, waited.len()), (vec![APPROVED_FIRST.to_owned()], 1));
    assert_eq!((script.approvals(), script.swaps().len(), script.sequences()), (1, 2, vec![0, 1, 2]));
}

#[tokio::test]
async fn an_approval_tells_who_may_spend_and_where_it_is() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    approval_is_needed(&script);
    let mut life = submit(&daemon, sell(7)).await;
    assert_eq!(life.end().await, APPROVED_FIRST);
    let sent = script.send.calls();
    let (approving, approved) = (&life.all("approving")[0].fields, &life.all("approved")[0].fields);
    assert_eq!((approving.spender.as_deref(), approving.sequence), (Some("router"), Some(0)));
    assert_eq!(
        (approving.tx_hash.as_ref(), approved.tx_hash.as_ref()),
        (Some(&sent[0].hash), Some(&sent[0].hash))
    );
    assert_eq!((approved.block, life.all("signed")[0].fields.sequence), (Some(1), Some(1)));
    assert_eq!(life.all("submitted")[0].fields.attempt, Some(1), "an approval takes no attempt");
}

#[tokio::test]
async fn a_refused_approval_fails_its_order_and_the_next_one_tries() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Pool;
    approval_is_needed(&script);
    let mut lives = submit_many(&daemon, 4).await;
    script.build.reached(4).await;
    script.send.reached(1).await;
    script.ledger().mining = Mining::Reverting;
    script.ledger().mine();
    script.status.reached_again(5).await;
    assert_eq!(script.prepare.count(), 1, "the refusal is not final");
    script.ledger().mining = Mining::Final;
    script.ledger().finalize();

    let (mut approved, waited) = ends(&mut lives).await;
    approved.sort();
    let refused = "pending routing quoted started approving execution-failed failed";
    assert_eq!(approved[0], refused);
    assert!(
        approved[1]
            .ends_with("approving approved routing quoted started signed submitted confirmed finalized")
    );
    assert_eq!((approved.len(), waited.len()), (2, 2));
    assert_eq!((script.approvals(), script.swaps().len()), (1, 3));
    let failed = lives.iter().flat_map(|life| life.all("execution-failed")).map(|event| &event.fields);
    assert_eq!(failed.map(|fields| fields.transient).collect::<Vec<_>>(), [Some(false)]);
}

#[tokio::test]
async fn an_approval_that_cannot_be_estimated_or_signed_is_left_to_the_next_order() {
    for signing in [false, true] {
        let world = World::new();
        let (daemon, script) = (world.start().await, world.script());
        approval_is_needed(&script);
        let refuse = PluginError::permanent("funds are missing");
        match signing {
            true => script.prepare.answers(move |before, _| refused(before, Err(refuse.clone()))),
            false => script.estimate.answers(move |before, _| refused(before, Err(refuse.clone()))),
        }
        let (failed, others): (Vec<_>, Vec<_>) = {
            let mut lives = submit_many(&daemon, 5).await;
            let (approved, waited) = ends(&mut lives).await;
            approved.into_iter().chain(waited).partition(|story| story.ends_with("execution-failed failed"))
        };
        assert_eq!((failed.len(), others.len()), (1, 4));
        assert_eq!((script.approvals(), script.swaps().len()), (1, 4));
    }
}

fn refused<T>(before: usize, refusal: T) -> Answer<T> {
    match before {
        0 => Answer::Now(refusal),
        _ => Answer::Usual,
    }
}

#[tokio::test]
async fn an_approval_that_the_chain_lost_is_sent_again_and_one_that_was_overtaken_is_signed_anew() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Pool;
    approval_is_needed(&script);
    let mut life = submit(&daemon, sell(7)).await;
    life.until("approving").await;
    script.send.reached(1).await;
    script.ledger().forget_pool();
    script.send.reached(2).await;
    assert_eq!(script.send.calls()[0], script.send.calls()[1]);
    {
        let mut ledger = script.ledger();
        ledger.overtake("at-main");
        ledger.finalize();
        ledger.mining = Mining::Final;
    }
    let story = life.end().await;
    assert!(story.contains("approving execution-failed retry-pending routing"), "{story}");
    assert_eq!((script.approvals(), script.swaps()), (1, vec![7]));
    assert_eq!(script.sequences(), [0, 1, 2]);
}

#[tokio::test]
async fn an_approval_that_a_reorganisation_lost_is_sent_again_with_the_swap_that_follows_it() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Pool;
    approval_is_needed(&script);
    let mut life = submit(&daemon, sell(7)).await;
    life.until("approving").await;
    script.send.reached(1).await;
    assert!(script.ledger().mine_one());
    life.until("submitted").await;
    {
        let mut ledger = script.ledger();
        ledger.undo(&script.send.calls()[0].hash);
        ledger.forget_pool();
        ledger.mining = Mining::Final;
    }
    assert_eq!(life.end().await, APPROVED_FIRST);
    assert_eq!((script.sequences(), script.approvals()), (vec![0, 1], 1));
}

#[test]
fn an_approval_that_is_undone_before_its_order_has_signed_anything_else_is_sent_again() {
    // While the order waits for quotes nobody but the lane knows of it; after a crash likewise.
    for crash in [false, true] {
        let world = World::on_disk();
        let script = world.script();
        script.ledger().mining = Mining::Pool;
        approval_is_needed(&script);
        let machine = Machine::boot(&world);
        let (chain, id) = (
            script.clone(),
            machine.run(async |daemon| {
                let mut life = submit(daemon, sell(7)).await;
                life.until("approving").await;
                script.send.reached(1).await;
                script.quote.answers(|_, _| never());
                assert!(script.ledger().mine_one());
                life.until("approved").await;
                life.id
            }),
        );
        let undo = || {
            let mut ledger = chain.ledger();
            ledger.undo(&chain.send.calls()[0].hash);
            ledger.mining = Mining::Final;
        };
        let machine = match crash {
            true => {
                machine.end(End::Crash);
                undo();
                Machine::boot(&world)
            }
            false => {
                undo();
                machine
            }
        };
        machine.run(async |daemon| {
            script.send.reached(2).await;
            assert_eq!(script.send.calls()[1], script.send.calls()[0], "byte for byte");
            script.quote.as_usual();
            let story = Life::of(daemon, id).await.end().await;
            assert!(story.contains("routing approval-undone approved routing"), "{story}");
            assert!(story.ends_with("signed submitted confirmed finalized"), "{story}");
            assert!(submit(daemon, sell(8)).await.end().await.ends_with("confirmed finalized"));
        });
        assert_eq!(script.approvals(), 1);
    }
}

#[tokio::test]
async fn an_undone_approval_that_bids_too_little_is_bumped_also_behind_a_swap_that_waits_for_it() {
    for swap_is_signed in [false, true] {
        let world = World::new().chain("bump_after_ms", 40);
        let (daemon, script) = (world.start().await, world.script());
        script.ledger().mining = Mining::Pool;
        approval_is_needed(&script);
        let mut life = submit(&daemon, sell(7)).await;
        life.until("approving").await;
        script.send.reached(1).await;
        if !swap_is_signed {
            script.quote.answers(|_, _| never());
        }
        assert!(script.ledger().mine_one());
        life.until(if swap_is_signed { "submitted" } else { "approved" }).await;
        // From now on nobody wants the approval as it was.
        let (approval, chain) = (script.send.calls()[0].clone(), script.clone());
        script.ledger().undo(&approval.hash);
        script.send.answers(move |_, request| match request.hash == approval.hash {
            true => Answer::Now(SendOutcome::NotSent { reason: "underpriced".to_owned() }),
            false => Answer::Now(chain.ledger().accept(request)),
        });
        script.bump.reached(1).await;
        assert_eq!(script.bump.calls()[0].sequence, 0);
        script.quote.as_usual();
        script.ledger().mining = Mining::Final;
        script.ledger().mine();
        assert!(life.end().await.ends_with("confirmed finalized"), "{}", life.story());
        assert_eq!((script.approvals(), script.swaps()), (1, vec![7]));
    }
}

#[tokio::test]
async fn a_venue_that_no_approval_satisfies_does_not_get_one_after_the_other() {
    let world = World::new().engine("max_attempts", 2);
    let (daemon, script) = (world.start().await, world.script());
    script.build.answers(|_, _| Answer::Now(Ok(approve())));
    let story = submit(&daemon, sell(7)).await.end().await;
    assert!(story.ends_with("execution-failed failed"), "{story}");
    assert_eq!(script.approvals(), 4, "each attempt may clear an old approval and give a new one");
}
