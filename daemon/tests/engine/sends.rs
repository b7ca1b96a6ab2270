//! The three answers to a send: accepted, certainly not sent, unknown.

use crate::{
    ledger::Mining,
    script::{Answer, never},
    world::{SMOOTH, World, load, sell, submit},
};
use orderd_sdk::{plugin::SendOutcome, wire::OrderStatus};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

const SIGNED: &str = "pending routing quoted started signed ";

fn not_sent() -> SendOutcome {
    SendOutcome::NotSent { reason: "connection refused".to_owned() }
}

fn unknown() -> SendOutcome {
    SendOutcome::Unknown { reason: "connection reset".to_owned() }
}

#[tokio::test]
async fn accepted_bytes_are_submitted_and_sent_once() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    let mut life = submit(&daemon, sell(7)).await;
    assert_eq!(life.end().await, SMOOTH);
    let (sent, submitted) = (script.send.calls(), &life.all("submitted")[0].fields);
    assert_eq!(sent.len(), 1);
    assert_eq!((submitted.tx_hash.as_ref(), submitted.sequence), (Some(&sent[0].hash), Some(0)));
    assert_eq!(life.all("confirmed")[0].fields.amount_out.as_deref(), Some("0.007"), "read from the chain");
}

#[tokio::test]
async fn refused_bytes_are_told_once_and_go_out_again_unchanged_until_they_are_accepted() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    script.send.answers(|before, _| if before < 8 { Answer::Now(not_sent()) } else { Answer::Usual });
    let mut life = submit(&daemon, sell(7)).await;
    let story = life.end().await;
    assert_eq!(story, SIGNED.to_owned() + "execution-failed retry-pending submitted confirmed finalized");
    let failed = &life.all("execution-failed")[0].fields;
    assert_eq!((failed.error.as_deref(), failed.transient), (Some("connection refused"), Some(true)));
    assert_eq!(life.all("retry-pending")[0].fields.next_attempt, Some(1), "it is the same attempt");
    let distinct: BTreeSet<_> = script.send.calls().into_iter().map(|sent| (sent.raw.0, sent.hash)).collect();
    assert_eq!((script.send.count(), distinct.len(), script.prepare.count()), (9, 1, 1));
}

#[tokio::test]
async fn refused_bytes_wait_longer_each_time() {
    let world = World::new().engine("retry_initial_ms", 10).engine("retry_max_ms", 40);
    let (daemon, script) = (world.start().await, world.script());
    let times: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let seen = times.clone();
    script.send.answers(move |before, _| {
        seen.lock().unwrap().push(Instant::now());
        if before < 5 { Answer::Now(not_sent()) } else { Answer::Usual }
    });
    submit(&daemon, sell(7)).await.end().await;
    let pauses: Vec<_> = times.lock().unwrap().windows(2).map(|pair| pair[1] - pair[0]).collect();
    // Doubled up to the largest, of which the upper half is random.
    for (pause, at_least) in pauses.iter().zip([5, 10, 20, 20, 20]) {
        assert!(*pause >= Duration::from_millis(at_least), "{pauses:?}");
    }
    assert_eq!(pauses.len(), 5);
}

#[tokio::test]
async fn refused_bytes_count_as_possibly_sent() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    let chain = script.clone();
    // A node that lies: it says no, and includes the swap.
    script.send.answers(move |_, request| {
        chain.ledger().accept(request);
        Answer::Now(not_sent())
    });
    let mut life = submit(&daemon, sell(7)).await;
    assert_eq!(life.end().await, SIGNED.to_owned() + "execution-failed retry-pending confirmed finalized");
    assert_eq!((script.swaps(), script.prepare.count()), (vec![7], 1));
}

#[tokio::test]
async fn an_unknown_outcome_is_neither_failed_nor_signed_again_while_nobody_knows() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    script.send.answers(|_, _| Answer::Now(unknown()));
    let mut life = submit(&daemon, sell(7)).await;
    let told = life.until("unknown").await;
    assert_eq!(told.fields.reason.as_deref(), Some("connection reset"));
    script.send.reached(10).await;
    let order = load(&daemon, life.id).await;
    assert_eq!((order.status, order.seq, order.attempts), (OrderStatus::Unknown, told.seq, 1));
    assert_eq!(script.prepare.count(), 1);
    script.send.as_usual();
    assert_eq!(life.end().await, SIGNED.to_owned() + "unknown submitted confirmed finalized");
    assert_eq!((script.swaps(), script.prepare.count()), (vec![7], 1));
}

#[tokio::test]
async fn an_unknown_outcome_is_resolved_by_what_the_chain_has() {
    for (mining, rest) in [
        (Mining::Pool, "unknown submitted confirmed finalized"),
        (Mining::Final, "unknown confirmed finalized"),
    ] {
        let world = World::new();
        let (daemon, script) = (world.start().await, world.script());
        script.ledger().mining = mining;
        let chain = script.clone();
        script.send.answers(move |_, request| {
            chain.ledger().accept(request);
            Answer::Now(unknown())
        });
        let mut life = submit(&daemon, sell(7)).await;
        life.until(if mining == Mining::Pool { "submitted" } else { "unknown" }).await;
        script.ledger().mining = Mining::Final;
        script.ledger().mine();
        assert_eq!(life.end().await, SIGNED.to_owned() + rest);
        assert_eq!((script.send.count(), script.prepare.count()), (1, 1));
    }
}

#[tokio::test]
async fn a_send_that_never_ends_is_unknown() {
    let world = World::new().engine("send_timeout_ms", 10);
    let (daemon, script) = (world.start().await, world.script());
    let chain = script.clone();
    script.send.answers(move |_, request| {
        chain.ledger().accept(request);
        never()
    });
    let mut life = submit(&daemon, sell(7)).await;
    assert_eq!(life.end().await, SIGNED.to_owned() + "unknown confirmed finalized");
    assert_eq!(script.prepare.count(), 1);
}
