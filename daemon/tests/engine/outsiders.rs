//! Somebody else uses the account: the lane holds, says so, and goes on when that is accounted for.

use crate::{
    ledger::Mining,
    script::Answer,
    world::{SMOOTH, World, load, sell, submit},
};
use orderd::{app::Daemon, engine::Standing};
use orderd_sdk::{
    plugin::PluginError,
    wire::{ErrorCode, OrderStatus},
};

fn standing(daemon: &Daemon) -> Standing {
    daemon.readiness().lanes[0].1.clone()
}

#[tokio::test]
async fn a_lane_that_sees_foreign_transactions_signs_nothing_until_they_are_final() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    assert_eq!(submit(&daemon, sell(1)).await.end().await, SMOOTH);
    for _ in 0..3 {
        script.ledger().overtake("at-main");
    }
    script.lane.reached_again(2).await;
    assert_eq!(standing(&daemon), Standing::Held { sequence: 4 });
    let mut life = submit(&daemon, sell(2)).await;
    life.until("started").await;
    script.lane.reached_again(5).await;
    assert_eq!(script.sequences(), [0], "nothing is signed meanwhile");
    script.ledger().finalize();
    assert_eq!(life.end().await, SMOOTH);
    assert_eq!((standing(&daemon), script.sequences()), (Standing::Open, vec![0, 4]));
}

#[tokio::test]
async fn a_sequence_that_was_taken_from_a_signed_order_holds_the_lane_until_it_is_proven_by_what() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Pool;
    let mut first = submit(&daemon, sell(1)).await;
    first.until("submitted").await;
    script.ledger().overtake("at-main");
    script.lane.reached_again(8).await;
    let mut second = submit(&daemon, sell(2)).await;
    second.until("started").await;
    script.status.reached_again(5).await;
    assert_eq!(standing(&daemon), Standing::Held { sequence: 0 });
    assert_eq!((script.sequences(), script.consumer.count()), (vec![0], 0), "nothing is final");

    script.ledger().mining = Mining::Final;
    script.ledger().finalize();
    first.until("execution-failed").await;
    let failure = &first.all("execution-failed")[0].fields;
    assert_eq!(failure.error_code, Some(ErrorCode::SequenceTaken));
    assert!(failure.error.as_ref().unwrap().contains("foreign-0"), "{:?}", failure.error);
    assert!(first.end().await.ends_with("confirmed finalized"));
    assert_eq!(second.end().await, SMOOTH);
    assert_eq!(script.swaps(), [1, 2]);
}

#[tokio::test]
async fn without_proof_of_what_took_its_sequence_an_order_stays_unknown_and_its_lane_goes_on() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Pool;
    script.consumer.answers(|_, _| Answer::Now(Err(PluginError::permanent("the history is pruned"))));
    let mut life = submit(&daemon, sell(1)).await;
    life.until("submitted").await;
    script.ledger().overtake("at-main");
    script.ledger().finalize();
    let unknown = life.until("unknown").await;
    assert!(unknown.fields.reason.as_ref().unwrap().contains("the history is pruned"));
    script.ledger().mining = Mining::Final;
    assert_eq!(submit(&daemon, sell(2)).await.end().await, SMOOTH);
    script.consumer.reached_again(5).await;
    let order = load(&daemon, life.id).await;
    assert_eq!(
        (order.status, order.seq, script.sequences()),
        (OrderStatus::Unknown, unknown.seq, vec![0, 1])
    );

    script.consumer.as_usual();
    assert!(life.end().await.ends_with(
        "unknown execution-failed retry-pending routing quoted started signed submitted confirmed finalized"
    ));
    assert_eq!(script.swaps(), [1, 2]);
}

#[tokio::test]
async fn a_proof_that_cannot_be_had_now_is_asked_for_again() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Pool;
    script.consumer.answers(|before, _| match before {
        0..5 => Answer::Now(Err(PluginError::transient("429"))),
        _ => Answer::Usual,
    });
    let mut life = submit(&daemon, sell(1)).await;
    life.until("submitted").await;
    script.ledger().overtake("at-main");
    script.ledger().finalize();
    script.consumer.reached(5).await;
    script.ledger().mining = Mining::Final;
    assert!(life.end().await.ends_with(
        "submitted execution-failed retry-pending routing quoted started signed submitted confirmed finalized"
    ));
}

#[tokio::test]
async fn a_node_that_shows_our_own_transaction_as_the_consumer_kills_nothing() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Pool;
    let mut life = submit(&daemon, sell(1)).await;
    life.until("submitted").await;
    // The transactions are looked up at a node that never sees them; the account at one that does.
    let chain = script.clone();
    script.status.answers(move |_, request| match chain.consumer.count() {
        0..5 => Answer::Now(Ok(vec![orderd_sdk::plugin::TxStatus::NotFound; request.queries.len()])),
        _ => Answer::Usual,
    });
    script.ledger().mining = Mining::Final;
    script.ledger().mine();
    assert_eq!(life.end().await, SMOOTH);
    assert_eq!((script.consumer.count() >= 5, script.sequences(), script.swaps()), (true, vec![0], vec![1]));
}
