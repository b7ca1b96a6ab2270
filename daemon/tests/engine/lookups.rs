//! What an answer about a transaction means, and what no answer means: nothing.

use crate::{
    ledger::Mining,
    script::{Answer, Script, later, never},
    world::{Life, SMOOTH, World, load, sell, submit, submit_many},
};
use orderd::app::Daemon;
use orderd_sdk::{
    plugin::{PluginError, TxStatus},
    wire::OrderStatus,
};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

const FROM_RETRY: &str = "retry-pending routing quoted started signed submitted confirmed finalized";

/// An order whose swap the node has taken, and which is in no block.
async fn submitted(world: &World) -> (Daemon, Arc<Script>, Life) {
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Pool;
    let mut life = submit(&daemon, sell(7)).await;
    life.until("submitted").await;
    (daemon, script, life)
}

fn mine(script: &Script) {
    let mut ledger = script.ledger();
    ledger.mining = Mining::Final;
    ledger.mine();
}

#[tokio::test]
async fn a_failed_look_up_changes_nothing_however_often_it_fails() {
    for silent in [false, true] {
        let world = World::new().engine("send_timeout_ms", 10);
        let (daemon, script, mut life) = submitted(&world).await;
        script.ledger().forget_pool();
        script.status.answers(move |_, _| match silent {
            true => never(),
            false => Answer::Now(Err(PluginError::permanent("no such method"))),
        });
        script.status.reached_again(30).await;
        let order = load(&daemon, life.id).await;
        assert_eq!((order.status, order.seq, order.attempts), (OrderStatus::Submitted, 6, 1));
        assert_eq!((script.send.count(), script.prepare.count()), (1, 1), "nothing is resent or signed");

        script.ledger().mining = Mining::Final;
        script.status.as_usual();
        assert_eq!(life.end().await, SMOOTH);
        assert_eq!((script.swaps(), script.prepare.count()), (vec![7], 1));
    }
}

#[tokio::test]
async fn a_look_up_that_leaves_something_out_is_no_answer() {
    let (daemon, script, mut life) = submitted(&World::new()).await;
    script.status.answers(|_, _| Answer::Now(Ok(Vec::new())));
    script.status.reached_again(10).await;
    assert_eq!(load(&daemon, life.id).await.status, OrderStatus::Submitted);
    assert_eq!(script.send.count(), 1);
    script.status.as_usual();
    mine(&script);
    assert_eq!(life.end().await, SMOOTH);
}

#[tokio::test]
async fn what_the_chain_has_lost_is_sent_again_byte_for_byte_until_it_is_found() {
    let (_daemon, script, mut life) = submitted(&World::new()).await;
    script.ledger().forget_pool();
    let (chain, ledger) = (script.clone(), script.clone());
    script.send.answers(move |before, request| {
        let outcome = chain.ledger().accept(request);
        if before < 4 {
            chain.ledger().forget_pool();
        }
        Answer::Now(outcome)
    });
    script.send.reached(5).await;
    mine(&ledger);
    assert_eq!(life.end().await, SMOOTH, "a resend is no event");
    let distinct: BTreeSet<_> = script.send.calls().into_iter().map(|sent| (sent.raw.0, sent.hash)).collect();
    assert_eq!((distinct.len(), script.prepare.count()), (1, 1));
}

#[tokio::test]
async fn a_success_without_an_amount_is_not_believed() {
    let (daemon, script, mut life) = submitted(&World::new()).await;
    let chain = script.clone();
    mine(&script);
    script.status.answers(move |_, request| {
        let mut status = chain.ledger().look(&request.queries[0].hash);
        if let TxStatus::Succeeded { received, .. } = &mut status {
            *received = None;
        }
        Answer::Now(Ok(vec![status]))
    });
    script.status.reached_again(10).await;
    assert_eq!(load(&daemon, life.id).await.status, OrderStatus::Submitted);
    script.status.as_usual();
    assert_eq!(life.end().await, SMOOTH);
}

#[tokio::test]
async fn a_swap_is_dead_only_when_the_finalized_sequence_has_passed_it() {
    let (daemon, script, mut life) = submitted(&World::new()).await;
    script.ledger().overtake("at-main");
    script.lane.reached_again(10).await;
    assert_eq!(load(&daemon, life.id).await.status, OrderStatus::Submitted, "the newest block may be undone");
    assert_eq!(script.prepare.count(), 1);

    script.ledger().mining = Mining::Final;
    script.ledger().finalize();
    let died = "pending routing quoted started signed submitted execution-failed ";
    assert_eq!(life.end().await, died.to_owned() + FROM_RETRY);
    assert_eq!(life.all("execution-failed")[0].fields.transient, Some(true));
    assert_eq!((script.sequences(), script.swaps()), (vec![0, 1], vec![7]));
    let first = &script.send.calls()[0].raw;
    let resent = script.send.calls().iter().filter(|sent| sent.raw == *first).count();
    assert_eq!(resent + 1, script.send.count(), "one new signature was sent, once");
}

#[tokio::test]
async fn a_node_that_lags_behind_finality_for_a_few_looks_kills_no_transaction() {
    let (daemon, script, mut life) = submitted(&World::new()).await;
    // One node says that the sequence is consumed for good; another, asked about the swap, has not seen that block.
    script.ledger().mining = Mining::Final;
    let looks = AtomicUsize::new(0);
    script.status.answers(move |_, request| match looks.fetch_add(1, Ordering::Relaxed) {
        0..3 => Answer::Now(Ok(vec![TxStatus::NotFound; request.queries.len()])),
        _ => Answer::Usual,
    });
    mine(&script);
    assert_eq!(life.end().await, SMOOTH);
    assert_eq!((script.sequences(), script.swaps()), (vec![0], vec![7]), "one signature, one effect");
    drop(daemon);
}

#[tokio::test]
async fn without_the_accounts_sequence_a_lost_swap_is_not_dead() {
    let (daemon, script, mut life) = submitted(&World::new()).await;
    script.lane.answers(|_, _| Answer::Now(Err(PluginError::transient("the node is down"))));
    script.ledger().overtake("at-main");
    script.ledger().finalize();
    script.lane.reached_again(10).await;
    assert_eq!(load(&daemon, life.id).await.status, OrderStatus::Submitted);
    assert_eq!(script.prepare.count(), 1);
    script.ledger().mining = Mining::Final;
    script.lane.as_usual();
    assert!(life.end().await.ends_with(FROM_RETRY));
    assert_eq!(script.sequences(), [0, 1]);
}

#[tokio::test]
async fn a_new_order_is_looked_up_while_hundreds_wait_on_a_slow_chain() {
    let world = World::new().chain("max_pending", 1_000).engine("workers", 300);
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Pool;
    let chain = script.clone();
    script.status.answers(move |_, request| {
        let (chain, request) = (chain.clone(), request.clone());
        later(async move {
            // So long that with three batches there is always one that is due.
            tokio::time::sleep(Duration::from_millis(10)).await;
            Ok(request.queries.iter().map(|query| chain.ledger().look(&query.hash)).collect())
        })
    });
    submit_many(&daemon, 250).await;
    script.send.reached(250).await;
    script.status.reached_again(10).await;
    submit(&daemon, sell(251)).await.until("submitted").await;
    let newest = script.send.calls()[250].hash.clone();
    script.status.had(|request| request.queries.iter().any(|query| query.hash == newest)).await;
}
