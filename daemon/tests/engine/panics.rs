//! Chains and venues that are linked in, and panic: one call is lost, and nothing else.

use crate::{
    approvals::approval_is_needed,
    script::{Answer, Method},
    world::{SMOOTH, World, sell, submit, submit_many},
};
use std::fmt;

/// Panics once.
fn trap<Q: Clone + fmt::Debug, T: 'static>(method: &Method<Q, T>) {
    method.answers(|before, _| match before {
        0 => panic!("the trap sprang"),
        _ => Answer::Usual,
    });
}

#[tokio::test]
async fn a_venue_that_panics_is_listed_and_the_others_quote() {
    let world = World::new().venue("trap", "main");
    let (daemon, script) = (world.start().await, world.script());
    script.quote.answers(|_, asked| match asked.venue.as_str() {
        "trap" => panic!("the trap sprang"),
        _ => Answer::Usual,
    });
    let mut life = submit(&daemon, sell(7)).await;
    assert_eq!(life.end().await, SMOOTH);
    let quotes = life.all("quoted")[0].fields.quotes.clone().unwrap();
    assert_eq!(
        (quotes[1].dex.as_str(), quotes[1].error.as_deref()),
        ("trap", Some("panicked: the trap sprang"))
    );
}

#[tokio::test]
async fn a_panic_in_any_step_before_the_signature_costs_one_attempt() {
    let traps: [fn(&World); 4] = [
        |world| trap(&world.script().quote),
        |world| trap(&world.script().build),
        |world| trap(&world.script().estimate),
        |world| trap(&world.script().prepare),
    ];
    for set in traps {
        let world = World::new().engine("workers", 1);
        let (daemon, script) = (world.start().await, world.script());
        set(&world);
        let mut lives = submit_many(&daemon, 3).await;
        let story = lives[0].end().await;
        assert!(story.contains("execution-failed retry-pending routing"), "{story}");
        let failed = &lives[0].all("execution-failed")[0].fields;
        assert!(failed.error.as_ref().is_some_and(|error| error.contains("panicked: the trap sprang")));
        for life in &mut lives[1..] {
            assert_eq!(life.end().await, SMOOTH);
        }
        assert_eq!((script.swaps(), daemon.shutdown().fault()), (vec![1, 2, 3], None));
        assert_eq!(script.ledger().lane("at-main").latest, 3, "no sequence was lost");
    }
}

#[tokio::test]
async fn an_approval_that_panics_is_left_to_the_next_order() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    approval_is_needed(&script);
    trap(&script.estimate);
    for mut life in submit_many(&daemon, 3).await {
        assert!(life.end().await.ends_with("confirmed finalized"));
    }
    assert_eq!(script.approvals(), 1);
}

#[tokio::test]
async fn a_send_that_panics_is_unknown() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    let chain = script.clone();
    script.send.answers(move |_, request| {
        chain.ledger().accept(request);
        panic!("the trap sprang")
    });
    let mut life = submit(&daemon, sell(7)).await;
    assert_eq!(life.end().await, "pending routing quoted started signed unknown confirmed finalized");
    assert_eq!(life.all("unknown")[0].fields.reason.as_deref(), Some("panicked: the trap sprang"));
    assert_eq!((script.prepare.count(), daemon.shutdown().fault()), (1, None));
}

#[tokio::test]
async fn a_look_up_that_panics_has_told_nothing() {
    let world = World::new();
    let (daemon, script) = (world.start().await, world.script());
    script.status.answers(|before, _| match before {
        0..5 => panic!("the trap sprang"),
        _ => Answer::Usual,
    });
    for mut life in submit_many(&daemon, 5).await {
        assert_eq!(life.end().await, SMOOTH);
    }
    assert_eq!((script.send.count(), daemon.shutdown().fault()), (5, None));
}

#[tokio::test]
async fn a_lane_opens_although_the_chain_panics_at_first() {
    let world = World::new();
    let script = world.script();
    trap(&script.lane);
    let daemon = world.start().await;
    assert_eq!(submit(&daemon, sell(7)).await.end().await, SMOOTH);
    assert_eq!(daemon.shutdown().fault(), None);
}
