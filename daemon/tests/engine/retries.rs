//! A failed order is given another attempt by hand, under all the rules of any other.

use crate::{
    approvals::approval_is_needed,
    ledger::Mining,
    machine::{End, Machine},
    reverts::finalize,
    script::Answer,
    world::{Life, World, load, sell, submit},
};
use orderd::{engine::RetryError, order::RetryRefusal};
use orderd_sdk::{
    plugin::{ErrorKind, PluginError},
    wire::{ErrorCode, OrderStatus},
};

const AGAIN: &str = "failed pending routing quoted started signed submitted confirmed finalized";

#[tokio::test]
async fn a_failed_order_is_executed_when_it_is_retried_and_its_history_goes_on() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    for (kind, code) in [
        (ErrorKind::InsufficientFunds, ErrorCode::InsufficientFunds),
        (ErrorKind::InsufficientAllowance, ErrorCode::InsufficientAllowance),
        (ErrorKind::Permanent, ErrorCode::Refused),
    ] {
        script.estimate.answers(move |_, _| Answer::Now(Err(PluginError { kind, message: "no".into() })));
        let mut life = submit(&daemon, sell(7)).await;
        assert!(life.end().await.ends_with("started execution-failed failed"), "not one attempt more");
        assert_eq!(load(&daemon, life.id).await.last_error_code, Some(code));
        script.estimate.as_usual();
        let order = daemon.retry(life.id).await.unwrap().expect("the order is there");
        assert_eq!(order.status, OrderStatus::Pending);
        life.until("finalized").await;
        assert!(life.story().ends_with(AGAIN), "{}", life.story());
    }
    assert_eq!((script.swaps(), script.sequences()), (vec![7, 7, 7], vec![0, 1, 2]));
}

#[tokio::test]
async fn attempts_that_are_used_up_do_not_stand_in_the_way_and_each_retry_is_one_attempt() {
    let world = World::new().engine("max_attempts", 2);
    let (daemon, script) = (world.start().await, world.script());
    script.quote.answers(|_, _| Answer::Now(Err(PluginError::transient("no market"))));
    let mut life = submit(&daemon, sell(7)).await;
    life.end().await;
    for attempts in 3..6 {
        daemon.retry(life.id).await.unwrap();
        life.until("failed").await;
        let order = load(&daemon, life.id).await;
        assert_eq!((order.attempts, order.max_attempts), (attempts, attempts));
    }
    script.quote.as_usual();
    daemon.retry(life.id).await.unwrap();
    life.until("finalized").await;
    assert_eq!(script.swaps(), [7]);
}

#[tokio::test]
async fn nothing_is_retried_while_something_of_it_may_still_be_included() {
    let world = World::new().engine("max_attempts", 1);
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Reverting;
    let mut life = submit(&daemon, sell(7)).await;
    life.until("execution-failed").await;
    let refused = daemon.retry(life.id).await;
    assert!(matches!(refused, Err(RetryError::Refused(RetryRefusal::MayStillLand { .. }))), "{refused:?}");
    finalize(&script);
    life.end().await;
    script.ledger().mining = Mining::Final;
    daemon.retry(life.id).await.unwrap();
    life.until("finalized").await;
    let refused = daemon.retry(life.id).await;
    assert!(matches!(refused, Err(RetryError::Refused(RetryRefusal::NotFailed(_)))), "{refused:?}");
    assert_eq!((script.swaps(), script.sequences()), (vec![7], vec![0, 1]));
}

#[tokio::test]
async fn of_many_who_retry_at_once_one_succeeds() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    script.estimate.answers(|_, _| Answer::Now(Err(PluginError::permanent("no"))));
    let mut life = submit(&daemon, sell(7)).await;
    life.end().await;
    script.estimate.as_usual();
    let retries = (0..20).map(|_| daemon.retry(life.id));
    let retried = futures_util::future::join_all(retries).await;
    assert_eq!(retried.iter().filter(|retried| retried.is_ok()).count(), 1);
    life.until("finalized").await;
    assert_eq!(script.swaps(), [7]);
}

#[tokio::test]
async fn an_order_that_waits_for_its_next_attempt_has_it_at_once() {
    let world = World::new().engine("retry_initial_ms", 60_000).engine("retry_max_ms", 60_000);
    let (daemon, script) = (world.start().await, world.script());
    script.quote.answers(|before, _| match before {
        0 => Answer::Now(Err(PluginError::transient("no market"))),
        _ => Answer::Usual,
    });
    let mut life = submit(&daemon, sell(7)).await;
    life.until("retry-pending").await;
    daemon.retry(life.id).await.unwrap();
    assert!(
        life.end()
            .await
            .ends_with("retry-pending routing quoted started signed submitted confirmed finalized")
    );
}

#[test]
fn a_granted_attempt_survives_a_crash() {
    let world = World::on_disk();
    let script = world.script();
    script.estimate.answers(|_, _| Answer::Now(Err(PluginError::permanent("no"))));
    let machine = Machine::boot(&world);
    let id = machine.run(async |daemon| {
        let mut life = submit(daemon, sell(7)).await;
        life.end().await;
        script.quote.answers(|_, _| crate::script::never());
        daemon.retry(life.id).await.unwrap();
        life.id
    });
    machine.end(End::Crash);
    script.estimate.as_usual();
    script.quote.as_usual();
    let machine = Machine::boot(&world);
    machine.run(async |daemon| {
        let mut life = Life::of(daemon, id).await;
        while life.next().await.kind != OrderStatus::Finalized {}
        assert!(
            life.story().ends_with(
                "failed pending routing routing quoted started signed submitted confirmed finalized"
            )
        );
    });
    assert_eq!(script.swaps(), [7]);
}

#[tokio::test]
async fn an_approval_that_a_reorganisation_takes_after_its_order_has_failed_is_sent_again() {
    let world = World::new().engine("max_attempts", 1);
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Included;
    approval_is_needed(&script);
    script.estimate.answers(|_, request| match request.payload == crate::ledger::approval() {
        true => Answer::Usual,
        false => Answer::Now(Err(PluginError::permanent("funds are missing"))),
    });
    let mut life = submit(&daemon, sell(7)).await;
    assert!(life.end().await.ends_with("approved routing quoted started execution-failed failed"));
    let approval = script.send.calls()[0].clone();
    {
        let mut ledger = script.ledger();
        ledger.undo(&approval.hash);
        ledger.mining = Mining::Final;
    }
    script.send.reached(2).await;
    assert_eq!(script.send.calls()[1], approval, "byte for byte");
    script.estimate.as_usual();
    assert!(
        submit(&daemon, sell(8)).await.end().await.ends_with("confirmed finalized"),
        "the lane has no hole"
    );
    assert_eq!(script.approvals(), 1);
}
