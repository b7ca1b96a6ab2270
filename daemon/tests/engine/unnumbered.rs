//! A chain without sequences: nothing there outlives an order but its own expiry, and only what the chain calls dead is
//! signed again.

use crate::{
    ledger::Mining,
    machine::{End, Machine},
    script::{Answer, never},
    settlement::{Settlement, doubted, settles, submitted},
    world::{Life, SMOOTH, World, load, sell, submit, submit_many},
};
use orderd_sdk::{
    amount::Amount,
    plugin::{BlockRef, LaneStatus, PluginError, SendOutcome, TxStatus},
    wire::{ErrorCode, OrderStatus},
};
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
};

const AGAIN: &str =
    "execution-failed retry-pending routing quoted started signed submitted confirmed finalized";

#[tokio::test]
async fn a_settled_order_needs_nothing_else() {
    let mut scene = submitted(&World::new()).await;
    scene.settlement.books().settle_all();
    assert_eq!(scene.life.end().await, SMOOTH);
    assert_eq!((scene.script.sequences(), scene.settlement.books().swaps()), (vec![0], vec![7]));
}

#[tokio::test]
async fn a_dead_order_is_signed_again_once_and_takes_effect_once() {
    for taken in [None, Some(true), Some(false)] {
        let world = World::new();
        let mut scene = match taken {
            None => submitted(&world).await,
            Some(taken) => doubted(&world, taken).await,
        };
        settles(&scene);
        let first = scene.script.send.calls()[0].hash.clone();
        scene.settlement.books().expire(&first);
        assert!(scene.life.end().await.ends_with(AGAIN), "{}", scene.life.story());
        assert_eq!((scene.script.sequences(), scene.settlement.books().swaps()), (vec![0, 1], vec![7]));
        let failure = &scene.life.all("execution-failed")[0].fields;
        assert_eq!((failure.error_code, failure.transient), (Some(ErrorCode::NotIncluded), Some(true)));
    }
}

#[tokio::test]
async fn a_word_of_death_that_is_taken_back_kills_nothing() {
    let mut scene = submitted(&World::new()).await;
    let (looks, books) = (AtomicUsize::new(0), scene.settlement.clone());
    // One of several servers is ahead of its time; the others settle the order.
    scene.script.status.answers(move |_, request| match looks.fetch_add(1, Ordering::Relaxed) {
        0..3 => {
            let dead = TxStatus::Dead { reason: "expired".to_owned() };
            Answer::Now(Ok(vec![dead; request.queries.len()]))
        }
        _ => {
            books.books().settle_all();
            let block = BlockRef { number: 1, hash: "batch-1".to_owned() };
            let received = Some(Amount::from(7_000_u64));
            Answer::Now(Ok(vec![TxStatus::Succeeded { block, received, finalized: true }]))
        }
    });
    assert_eq!(scene.life.end().await, SMOOTH);
    assert_eq!(scene.script.sequences(), [0], "one signature");
}

#[tokio::test]
async fn where_the_chain_has_sequences_a_word_of_death_is_not_proof() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Pool;
    let mut life = submit(&daemon, sell(7)).await;
    life.until("submitted").await;
    let dead = TxStatus::Dead { reason: "expired".to_owned() };
    script.status.answers(move |_, request| Answer::Now(Ok(vec![dead.clone(); request.queries.len()])));
    script.status.reached_again(30).await;
    assert_eq!(load(&daemon, life.id).await.status, OrderStatus::Submitted);
    script.ledger().mining = Mining::Final;
    script.ledger().mine();
    script.status.as_usual();
    assert_eq!(life.end().await, SMOOTH);
    assert_eq!((script.sequences(), script.swaps()), (vec![0], vec![7]));
}

#[tokio::test]
async fn without_a_word_about_the_account_nothing_is_dead() {
    let mut scene = submitted(&World::new()).await;
    scene.script.lane.answers(|_, _| Answer::Now(Err(PluginError::transient("down"))));
    settles(&scene);
    scene.settlement.books().expire_all();
    scene.script.status.reached_again(30).await;
    assert_eq!(load(&scene.daemon, scene.life.id).await.status, OrderStatus::Submitted);
    scene.script.lane.answers(|_, _| Answer::Now(Ok(LaneStatus::unnumbered())));
    assert!(scene.life.end().await.ends_with(AGAIN));
}

#[tokio::test]
async fn what_the_service_has_forgotten_is_not_dead_however_long_it_is_looked_for() {
    for taken in [true, false] {
        let mut scene = doubted(&World::new().chain("bump_after_ms", 1), taken).await;
        scene.script.status.reached_again(60).await;
        let order = load(&scene.daemon, scene.life.id).await;
        assert_eq!((order.status, scene.script.sequences()), (OrderStatus::Unknown, vec![0]));
        let sent: BTreeSet<_> = scene.script.send.calls().into_iter().map(|call| call.raw.0).collect();
        assert_eq!(sent.len(), 1, "the same bytes, byte for byte");
        settles(&scene);
        scene.settlement.books().settle_all();
        assert!(scene.life.end().await.ends_with("confirmed finalized"));
        assert_eq!((scene.script.sequences(), scene.settlement.books().swaps()), (vec![0], vec![7]));
    }
}

#[tokio::test]
async fn nothing_is_signed_in_place_of_an_order_that_waits_before_or_after_its_deadline() {
    let world = World::new().chain("bump_after_ms", 1).engine("transaction_ttl_ms", 1_000);
    let mut scene = submitted(&world).await;
    // At five milliseconds a look that is well after the deadline.
    scene.script.status.reached_again(300).await;
    assert_eq!((scene.script.bump.count(), scene.script.cancel.count()), (0, 0));
    scene.settlement.books().settle_all();
    assert_eq!(scene.life.end().await, SMOOTH);
}

#[tokio::test]
async fn a_cancelled_order_ends_by_what_the_service_enforces() {
    for (settled, revoked, rest) in [
        (true, false, "confirmed finalized"),
        (false, true, "voided cancelled"),
        (false, false, "execution-failed cancelled"),
    ] {
        let mut scene = submitted(&World::new()).await;
        scene.daemon.cancel(scene.life.id, "enough").await.unwrap();
        scene.life.until("voiding").await;
        scene.script.send.had(|request| request.hash.ends_with(":void")).await;
        match (settled, revoked) {
            (true, _) => scene.settlement.books().settle_all(),
            (_, true) => scene.settlement.books().revoke_all(),
            (false, false) => scene.settlement.books().expire_all(),
        }
        let ended = scene.life.end().await;
        assert!(ended.ends_with(rest), "{ended}");
        let swaps = scene.settlement.books().swaps();
        assert_eq!((swaps.len(), scene.script.sequences()), (usize::from(settled), vec![0]));
    }
}

#[tokio::test]
async fn an_order_is_not_dead_while_its_cancellation_is_not() {
    let mut scene = submitted(&World::new()).await;
    scene.daemon.cancel(scene.life.id, "enough").await.unwrap();
    scene.life.until("voiding").await;
    scene.script.status.answers(|_, request| {
        let look = |hash: &str| match hash.ends_with(":void") {
            true => TxStatus::NotFound,
            false => TxStatus::Dead { reason: "revoked".to_owned() },
        };
        Answer::Now(Ok(request.queries.iter().map(|query| look(&query.hash)).collect()))
    });
    scene.script.status.reached_again(30).await;
    assert_eq!(load(&scene.daemon, scene.life.id).await.status, OrderStatus::Submitted);
    scene.settlement.books().revoke_all();
    scene.settlement.answers(&scene.script);
    assert!(scene.life.end().await.ends_with("voided cancelled"));
}

#[tokio::test]
async fn an_order_that_dies_too_often_fails_and_may_be_retried_by_hand() {
    let mut scene = submitted(&World::new().engine("max_attempts", 2)).await;
    let books = scene.settlement.clone();
    scene.script.send.answers(move |_, request| {
        let outcome = books.books().take(request);
        books.books().expire_all();
        Answer::Now(outcome)
    });
    scene.settlement.books().expire_all();
    assert!(scene.life.end().await.ends_with("execution-failed failed"));
    assert_eq!(scene.script.sequences(), [0, 1]);
    settles(&scene);
    scene.daemon.retry(scene.life.id).await.unwrap();
    scene.life.until("finalized").await;
    assert_eq!((scene.script.sequences(), scene.settlement.books().swaps()), (vec![0, 1, 2], vec![7]));
}

#[tokio::test]
async fn orders_wait_until_one_before_them_is_settled_or_dead() {
    let mut scene = submitted(&World::new().chain("max_pending", 1)).await;
    let mut second = submit(&scene.daemon, sell(8)).await;
    second.until("pending").await;
    scene.script.status.reached_again(20).await;
    assert_eq!(scene.script.sequences(), [0], "as many as may be are open");
    scene.settlement.books().expire_all();
    second.until("submitted").await;
    scene.settlement.books().settle_all();
    second.end().await;
    settles(&scene);
    scene.settlement.books().settle_all();
    assert!(scene.life.end().await.ends_with(AGAIN));
    assert_eq!(scene.settlement.books().swaps(), [7, 8]);
}

#[test]
fn after_a_crash_no_sequence_and_no_order_is_taken_twice() {
    for (reply, dies) in [(true, true), (true, false), (false, true), (false, false)] {
        let world = World::on_disk();
        let (script, settlement) = (world.script(), Settlement::serve(&world.script()));
        let books = settlement.clone();
        script.send.answers(move |_, request| {
            let outcome = books.books().take(request);
            if reply { Answer::Now(outcome) } else { never() }
        });
        let machine = Machine::boot(&world);
        let id = machine.run(async |daemon| {
            let mut life = submit(daemon, sell(7)).await;
            life.until(if reply { "submitted" } else { "signed" }).await;
            script.send.reached(1).await;
            life.id
        });
        machine.end(End::Crash);

        let books = settlement.clone();
        script.send.answers(move |_, request| {
            let outcome = books.books().take(request);
            books.books().settle_all();
            Answer::Now(outcome)
        });
        match dies {
            true => settlement.books().expire_all(),
            false => settlement.books().settle_all(),
        }
        let machine = Machine::boot(&world);
        let story = machine.run(async |daemon| Life::of(daemon, id).await.end().await);
        assert!(story.ends_with(if dies { AGAIN } else { "confirmed finalized" }), "{story}");
        let sequences = if dies { vec![0, 1] } else { vec![0] };
        assert_eq!((script.sequences(), settlement.books().swaps()), (sequences, vec![7]));
        machine.end(End::Crash);
    }
}

#[tokio::test]
async fn whatever_befalls_many_orders_each_takes_effect_once_at_the_most() {
    let world = World::new().engine("max_attempts", 6);
    let (script, settlement) = (world.script(), Settlement::serve(&world.script()));
    let books = settlement.clone();
    // By turns: settled at once; settled, and no reply; dead; dead, and no reply; forgotten, and settled later.
    script.send.answers(move |before, request| {
        let mut books = books.books();
        let outcome = books.take(request);
        match before % 5 {
            0 | 1 => books.settle(&request.hash),
            2 | 3 => books.expire(&request.hash),
            _ => books.forget_all(),
        }
        match before % 2 {
            0 => Answer::Now(outcome),
            _ => Answer::Now(SendOutcome::Unknown { reason: "no reply".to_owned() }),
        }
    });
    let daemon = world.start().await;
    let lives = submit_many(&daemon, 40).await;
    let mut expected = Vec::new();
    for (mut life, amount) in lives.into_iter().zip(1..) {
        if life.end().await.ends_with(" finalized") {
            expected.push(amount);
        }
    }
    assert_eq!(
        settlement.books().swaps(),
        expected,
        "what is finalized has had its effect, once; nothing else"
    );
    assert!(expected.len() > 30, "{expected:?}");
}
