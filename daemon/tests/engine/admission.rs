//! How many orders are taken, which one goes first, and which one is too late.

use crate::{
    ledger::Mining,
    script::{Answer, later, quote},
    world::{PATIENCE, SMOOTH, World, sell, submit},
};
use orderd::{
    app::Daemon,
    engine::SubmitError,
    telemetry::{Clock as _, SystemClock},
};
use orderd_sdk::{plugin::PluginError, timestamp::Timestamp, wire::ExecuteRequest};
use std::time::Duration;
use tokio::sync::watch;

fn in_millis(millis: u64) -> Timestamp {
    SystemClock.now().plus_millis(millis)
}

fn until(deadline: Timestamp, amount: u64) -> ExecuteRequest {
    ExecuteRequest { deadline: Some(deadline.to_string()), ..sell(amount) }
}

/// An order's end is told a moment before its place is free.
async fn takes_another(daemon: &Daemon, amount: u64) {
    let taken = async {
        while let Err(SubmitError::QueueFull { .. }) = daemon.submit(sell(amount)).await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, taken).await.expect("there is a place");
}

#[tokio::test]
async fn no_more_orders_are_open_than_may_be() {
    let world = World::new().engine("max_open_orders", 2);
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Included;
    let (mut first, mut second) = (submit(&daemon, sell(1)).await, submit(&daemon, sell(2)).await);
    first.until("confirmed").await;
    second.until("confirmed").await;
    let refused = daemon.submit(sell(3)).await.unwrap_err();
    assert!(matches!(refused, SubmitError::QueueFull { limit: 2 }), "confirmed is not over");

    script.ledger().finalize();
    first.end().await;
    takes_another(&daemon, 4).await;
    script.quote.answers(|_, _| Answer::Now(Err(PluginError::permanent("no such pair"))));
    second.end().await;
    takes_another(&daemon, 5).await;
    // The fifth fails and leaves its place.
    takes_another(&daemon, 6).await;
    assert_eq!(script.swaps(), [1, 2, 4]);
}

#[tokio::test]
async fn a_refused_request_takes_no_place() {
    let world = World::new().engine("max_open_orders", 1);
    let daemon = world.start().await;
    for _ in 0..3 {
        assert!(matches!(daemon.submit(sell(0)).await, Err(SubmitError::Invalid(_))));
    }
    assert_eq!(submit(&daemon, sell(1)).await.end().await, SMOOTH);
}

#[tokio::test]
async fn higher_priority_goes_first_and_then_the_older() {
    let world = World::new().engine("workers", 1);
    let (daemon, script) = (world.start().await, world.script());
    let (open, gate) = watch::channel(false);
    script.quote.answers(move |_, _| {
        let mut gate = gate.clone();
        later(async move {
            gate.wait_for(|open| *open).await.unwrap();
            Ok(quote(1_000_u64.into()))
        })
    });
    submit(&daemon, sell(1)).await;
    script.quote.reached(1).await;
    let mut lives = Vec::new();
    for (amount, priority) in [(2, 0), (3, 9), (4, 5), (5, 9), (6, 5)] {
        lives.push(submit(&daemon, ExecuteRequest { priority: Some(priority), ..sell(amount) }).await);
    }
    open.send_replace(true);
    for mut life in lives {
        life.end().await;
    }
    let served: Vec<_> =
        script.quote.calls().iter().map(|asked| asked.request.amount_in.to_string()).collect();
    assert_eq!(served, ["1", "3", "5", "4", "6", "2"]);
}

#[tokio::test]
async fn an_order_whose_deadline_passed_before_its_turn_expires() {
    let world = World::new().engine("workers", 1);
    let (daemon, script) = (world.start().await, world.script());
    let deadline = in_millis(250);
    script.quote.answers(move |_, _| {
        later(async move {
            // What is asked for is that the wall clock passes the deadline.
            while SystemClock.now() <= deadline {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Ok(quote(1_000_u64.into()))
        })
    });
    let mut first = submit(&daemon, sell(1)).await;
    script.quote.reached(1).await;
    let mut late = submit(&daemon, until(deadline, 2)).await;
    assert_eq!((late.end().await.as_str(), first.end().await.as_str()), ("pending expired", SMOOTH));
    assert_eq!(script.quote.count(), 1);
}

#[tokio::test]
async fn an_order_that_could_only_try_again_after_its_deadline_expires_now() {
    let world = World::new().engine("retry_initial_ms", 60_000).engine("retry_max_ms", 60_000);
    let (daemon, script) = (world.start().await, world.script());
    script.quote.answers(|_, _| Answer::Now(Err(PluginError::transient("the node is down"))));
    let mut life = submit(&daemon, until(in_millis(20_000), 7)).await;
    assert_eq!(life.end().await, "pending routing quoted execution-failed expired");
}

#[tokio::test]
async fn the_chain_is_given_the_earlier_of_the_orders_deadline_and_its_own() {
    let world = World::new().engine("transaction_ttl_ms", 100_000);
    let (daemon, script) = (world.start().await, world.script());
    let (soon, far) = (in_millis(50_000), in_millis(500_000));
    let before = in_millis(100_000).unix_seconds();
    for request in [until(soon, 1), until(far, 2), sell(3)] {
        assert_eq!(submit(&daemon, request).await.end().await, SMOOTH);
    }
    let after = in_millis(100_000).unix_seconds();
    let given: Vec<_> = script.build.calls().iter().map(|asked| asked.request.deadline).collect();
    assert_eq!(given[0], soon.unix_seconds());
    assert!(given[1..].iter().all(|deadline| (before..=after).contains(deadline)), "{given:?}");
}
