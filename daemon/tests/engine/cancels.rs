//! A client takes an order back: at once while nothing is signed, else by a race that the chain decides.

use crate::{
    ledger::Mining,
    machine::{End, Machine},
    restarts::mines_again,
    reverts::finalize,
    script::{Answer, never},
    world::{Life, SMOOTH, World, load, sell, submit, submit_many},
};
use orderd::engine::CancelError;
use orderd_sdk::{
    plugin::{PluginError, SendOutcome},
    wire::OrderStatus,
};

#[tokio::test]
async fn whoever_has_an_unsigned_order_in_hand_lets_go_of_it_at_once() {
    // Each holds the order up in another pair of hands.
    for at in ["quote", "build", "estimate", "lane"] {
        let world = World::new();
        let (daemon, script) = (world.start().await, world.script());
        match at {
            "quote" => script.quote.answers(|_, _| never()),
            "build" => script.build.answers(|_, _| never()),
            "estimate" => script.estimate.answers(|_, _| never()),
            _ => script.lane.answers(|_, _| Answer::Now(Err(PluginError::transient("down")))),
        }
        let mut life = submit(&daemon, sell(7)).await;
        match at {
            "quote" => script.quote.reached(1).await,
            "build" => script.build.reached(1).await,
            _ => script.estimate.reached(1).await,
        }
        let order = daemon.cancel(life.id, "enough").await.unwrap().expect("the order is there");
        assert_eq!(
            (order.status, order.message.as_str()),
            (OrderStatus::Cancelled, "cancelled: enough"),
            "{at}"
        );
        assert!(life.end().await.ends_with(" cancelled"), "{at}");
        assert_eq!(script.prepare.count(), 0, "{at}");
        let again = daemon.cancel(life.id, "again").await.unwrap().expect("the order is there");
        assert_eq!((again.seq, again.message), (order.seq, order.message), "it does no harm to ask twice");
    }
}

#[tokio::test]
async fn an_order_that_waits_for_a_worker_or_for_its_next_attempt_is_cancelled_at_once() {
    let world =
        World::new().engine("workers", 1).engine("retry_initial_ms", 60_000).engine("retry_max_ms", 60_000);
    let (daemon, script) = (world.start().await, world.script());
    script.quote.answers(|_, _| Answer::Now(Err(PluginError::transient("no market"))));
    let mut delayed = submit(&daemon, sell(1)).await;
    delayed.until("retry-pending").await;
    script.quote.answers(|_, _| never());
    let mut working = submit(&daemon, sell(2)).await;
    script.quote.reached(2).await;
    let mut ready = submit(&daemon, sell(3)).await;
    for life in [&mut ready, &mut delayed, &mut working] {
        daemon.cancel(life.id, "enough").await.unwrap();
        assert!(life.end().await.ends_with(" cancelled"));
    }
    script.quote.as_usual();
    assert_eq!(submit(&daemon, sell(4)).await.end().await, SMOOTH, "the worker is free again");
}

#[tokio::test]
async fn what_the_chain_includes_decides_about_an_order_that_was_sent() {
    for (swap_wins, ends) in [
        (false, "submitted cancel-requested voiding voided cancelled"),
        (true, "submitted cancel-requested voiding confirmed finalized"),
    ] {
        let world = World::new();
        let (daemon, script) = (world.start().await, world.script());
        script.ledger().mining = Mining::Pool;
        let mut life = submit(&daemon, sell(7)).await;
        life.until("submitted").await;
        if swap_wins {
            // The node has the cancellation and never puts it into its pool.
            script.send.answers(|_, _| Answer::Now(SendOutcome::Accepted));
        }
        let order = daemon.cancel(life.id, "enough").await.unwrap().expect("the order is there");
        assert_eq!((order.status, order.cancel_requested), (OrderStatus::Submitted, true));
        life.until("voiding").await;
        script.send.reached(2).await;
        assert!(matches!(daemon.retry(life.id).await, Err(orderd::engine::RetryError::Refused(_))));
        mines_again(&script);
        assert!(life.end().await.ends_with(ends), "{}", life.story());
        let effects = if swap_wins { vec![7] } else { vec![] };
        assert_eq!((script.swaps(), script.sequences()), (effects, vec![0]));
        let outbid = script.cancel.calls()[0].clone();
        assert_eq!((outbid.sequence, outbid.replaces), (0, vec![script.send.calls()[0].raw.clone()]));
        // The sequence is consumed: the next order takes the next one.
        assert_eq!(submit(&daemon, sell(8)).await.end().await, SMOOTH);
        assert_eq!(script.sequences(), [0, 1]);
    }
}

#[tokio::test]
async fn a_cancellation_that_is_undone_is_followed_until_one_of_both_is_final() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Pool;
    let mut life = submit(&daemon, sell(7)).await;
    life.until("submitted").await;
    daemon.cancel(life.id, "enough").await.unwrap();
    script.send.reached(2).await;
    script.ledger().mining = Mining::Included;
    script.ledger().mine();
    life.until("voided").await;
    assert_eq!(load(&daemon, life.id).await.status, OrderStatus::Submitted, "it could be undone");
    let void = script.send.calls()[1].hash.clone();
    {
        let mut ledger = script.ledger();
        ledger.undo(&void);
        ledger.accept(&script.send.calls()[0]);
        ledger.mine();
    }
    life.until("confirmed").await;
    finalize(&script);
    assert!(life.end().await.ends_with("voided reorged submitted confirmed finalized"), "{}", life.story());
    assert_eq!(script.swaps(), [7]);
}

#[tokio::test]
async fn an_executed_order_is_not_cancelled() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Included;
    let mut life = submit(&daemon, sell(7)).await;
    life.until("confirmed").await;
    assert!(matches!(daemon.cancel(life.id, "late").await, Err(CancelError::Refused(_))));
    finalize(&script);
    life.end().await;
    assert!(matches!(daemon.cancel(life.id, "late").await, Err(CancelError::Refused(_))));
}

#[tokio::test]
async fn a_chain_that_replaces_nothing_says_so_and_the_order_goes_on() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Pool;
    let refuse = PluginError::unsupported("this chain replaces no transactions");
    script.cancel.answers(move |_, _| Answer::Now(Err(refuse.clone())));
    let mut life = submit(&daemon, sell(7)).await;
    life.until("submitted").await;
    daemon.cancel(life.id, "enough").await.unwrap();
    let refused = life.until("cancel-refused").await;
    assert_eq!(refused.fields.reason.as_deref(), Some("this chain replaces no transactions"));
    assert!(!refused.order.cancel_requested);
    mines_again(&script);
    assert!(life.end().await.ends_with("confirmed finalized"));
}

#[tokio::test]
async fn a_cancellation_that_cannot_be_signed_now_is_tried_again() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Pool;
    script.cancel.answers(|before, _| match before {
        0..3 => Answer::Now(Err(PluginError::transient("the fees are not known"))),
        _ => Answer::Usual,
    });
    let mut life = submit(&daemon, sell(7)).await;
    life.until("submitted").await;
    daemon.cancel(life.id, "enough").await.unwrap();
    life.until("voiding").await;
    script.send.reached(2).await;
    mines_again(&script);
    assert!(life.end().await.ends_with("voided cancelled"));
}

#[test]
fn a_wish_survives_a_crash_wherever_it_comes() {
    let world = World::on_disk();
    let script = world.script();
    script.ledger().mining = Mining::Pool;
    // The wish is stored, and nothing can be signed for it before the crash.
    script.cancel.answers(|_, _| never());
    let machine = Machine::boot(&world);
    let id = machine.run(async |daemon| {
        let mut life = submit(daemon, sell(7)).await;
        life.until("submitted").await;
        daemon.cancel(life.id, "enough").await.unwrap();
        script.cancel.reached(1).await;
        life.id
    });
    machine.end(End::Crash);

    // Now it is signed and stored, and not sent before the next one.
    script.cancel.as_usual();
    script.send.answers(|_, _| never());
    let machine = Machine::boot(&world);
    machine.run(async |daemon| {
        Life::of(daemon, id).await.until("voiding").await;
        script.send.reached(2).await;
    });
    machine.end(End::Crash);

    script.ledger().forget_pool();
    mines_again(&script);
    let machine = Machine::boot(&world);
    machine.run(async |daemon| {
        let story = Life::of(daemon, id).await.end().await;
        assert!(story.ends_with("submitted cancel-requested voiding voided cancelled"), "{story}");
    });
    assert_eq!((script.swaps(), script.cancel.count()), (vec![], 2));
}

#[tokio::test]
async fn many_orders_are_cancelled_at_once_and_none_has_an_effect_that_its_client_was_not_told_of() {
    let world = World::new().engine("workers", 4);
    let (daemon, script) = (world.start().await, world.script());
    script.ledger().mining = Mining::Pool;
    let mut lives = submit_many(&daemon, 40).await;
    script.send.reached(4).await;
    let ids: Vec<_> = lives.iter().map(|life| life.id).collect();
    let cancelling = ids.iter().map(|id| daemon.cancel(*id, "all"));
    for cancelled in futures_util::future::join_all(cancelling).await {
        cancelled.unwrap();
    }
    mines_again(&script);
    let mut executed = 0;
    for life in &mut lives {
        let story = life.end().await;
        assert!(story.ends_with("cancelled") || story.ends_with("confirmed finalized"), "{story}");
        executed += usize::from(story.ends_with("finalized"));
    }
    assert_eq!(script.swaps().len(), executed);
}
