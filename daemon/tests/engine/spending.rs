//! An account sells no more of a token in a window than its policy says, whatever happens to its orders and its daemon.

use crate::{
    approvals::approval_is_needed,
    ledger::Mining,
    machine::{End, Machine},
    script::Answer,
    world::{Life, SMOOTH, World, load, sell, submit},
};
use orderd::{app::Daemon, telemetry::Clock};
use orderd_sdk::{plugin::PluginError, timestamp::Timestamp, wire::ErrorCode};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Ten SOL in an hour.
const TEN: &str = "policy.spend.SOL = { amount = \"10\", window_minutes = 60 }";
const MINUTE: u64 = 60_000;

/// A clock that stands still unless a test moves it.
struct Hand(AtomicU64);

impl Hand {
    fn new() -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(1_790_000_000_000)))
    }

    fn pass_minutes(&self, minutes: u64) {
        self.0.fetch_add(minutes * MINUTE, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

async fn sells(daemon: &Daemon, amount: u64) {
    assert_eq!(submit(daemon, sell(amount)).await.end().await, SMOOTH);
}

/// It fails at once, with words that say when it would not.
async fn is_refused(daemon: &Daemon, amount: u64) -> Life {
    let mut life = submit(daemon, sell(amount)).await;
    assert!(life.end().await.ends_with("started execution-failed failed"), "{}", life.story());
    let order = load(daemon, life.id).await;
    assert_eq!(order.last_error_code, Some(ErrorCode::PolicyRefused));
    let error = order.last_error.unwrap();
    assert!(error.starts_with("the account may sell 10 SOL in 60 minutes"), "{error}");
    life
}

#[tokio::test]
async fn an_order_that_passes_the_cap_takes_no_sequence_and_is_let_through_after_the_window() {
    let hand = Hand::new();
    let world = World::new().policy(TEN).clock(hand.clone());
    let (daemon, script) = (world.start().await, world.script());
    sells(&daemon, 6).await;
    hand.pass_minutes(30);
    let mut refused = is_refused(&daemon, 5).await;
    sells(&daemon, 4).await;
    is_refused(&daemon, 1).await;
    hand.pass_minutes(31);
    daemon.retry(refused.id).await.unwrap();
    refused.until("finalized").await;
    is_refused(&daemon, 2).await;
    sells(&daemon, 1).await;
    assert_eq!((script.swaps(), script.sequences()), (vec![1, 4, 5, 6], vec![0, 1, 2, 3]));
}

#[tokio::test]
async fn orders_at_once_do_not_pass_the_cap_together() {
    let world = World::new().policy(TEN).engine("workers", 20);
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Pool;
    let mut lives = Vec::new();
    for _ in 0..20 {
        lives.push(submit(&daemon, sell(3)).await);
    }
    let mut refused = 0;
    for life in &mut lives {
        while !["submitted", "failed"].contains(&life.next().await.kind.as_str()) {}
        refused += life.all("failed").len();
    }
    assert_eq!((script.send.count(), refused), (3, 17));
}

#[tokio::test]
async fn a_retry_does_not_count_on_top_of_what_it_takes_the_place_of() {
    let world = World::new().policy(TEN);
    let (daemon, script) = (world.start().await, world.script());
    let failures = script.clone();
    script.prepare.answers(move |before, _| {
        // Of the swaps with effect, the first is reverted, and a second signature is refused by the chain.
        failures.ledger().mining = if before == 0 { Mining::Reverting } else { Mining::Final };
        match before {
            1 => Answer::Now(Err(PluginError::transient("busy"))),
            _ => Answer::Usual,
        }
    });
    let mut life = submit(&daemon, sell(10)).await;
    life.until("execution-failed").await;
    script.ledger().finalize();
    life.until("finalized").await;
    assert_eq!((script.swaps(), script.sequences()), (vec![10], vec![0, 1, 1]));
    is_refused(&daemon, 1).await;
}

#[tokio::test]
async fn an_order_over_the_cap_does_not_even_approve() {
    let world = World::new().policy(TEN);
    let (daemon, script) = (world.start().await, world.script());
    approval_is_needed(&script);
    is_refused(&daemon, 11).await;
    assert_eq!(script.prepare.count(), 0);
    assert!(submit(&daemon, sell(10)).await.end().await.contains("approving approved"));
    assert_eq!(script.swaps(), [10]);
    is_refused(&daemon, 1).await;
}

#[test]
fn what_was_sold_is_not_forgotten_at_a_restart() {
    for end in [End::Crash, End::ShutDown] {
        let hand = Hand::new();
        let world = World::on_disk().policy(TEN).clock(hand.clone()).drain(20);
        let script = world.script();
        let machine = Machine::boot(&world);
        machine.run(async |daemon| {
            sells(daemon, 4).await;
            hand.pass_minutes(10);
            script.ledger().mining = Mining::Pool;
            submit(daemon, sell(5)).await.until("submitted").await;
        });
        machine.end(end);

        hand.pass_minutes(10);
        let machine = Machine::boot(&world);
        machine.run(async |daemon| {
            script.ledger().mining = Mining::Final;
            script.ledger().mine();
            is_refused(daemon, 2).await;
            hand.pass_minutes(41);
            is_refused(daemon, 6).await;
            sells(daemon, 5).await;
        });
        assert_eq!(script.swaps(), [4, 5, 5], "{end:?}");
        machine.end(End::ShutDown);
    }
}
