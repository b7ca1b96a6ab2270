//! Many orders at once, and the machine goes down.

use crate::{
    approvals::approval_is_needed,
    ledger::Mining,
    machine::{End, Machine},
    restarts::mines_again,
    script::{Answer, never},
    world::{Life, SMOOTH, World, sell, submit, submit_many},
};
use orderd_sdk::plugin::{PluginError, SendOutcome};
use serde_json::json;

#[test]
fn a_lane_signs_nothing_before_what_was_signed_has_been_looked_up() {
    let world = World::on_disk().engine("send_timeout_ms", 20);
    let script = world.script();
    script.ledger().mining = Mining::Pool;
    let machine = Machine::boot(&world);
    let first = machine.run(async |daemon| {
        let mut life = submit(daemon, sell(1)).await;
        life.until("submitted").await;
        life.id
    });
    machine.end(End::Crash);

    for silent in [true, false] {
        script.status.answers(move |_, _| match silent {
            true => never(),
            false => Answer::Now(Err(PluginError::transient("the node is down"))),
        });
        let machine = Machine::boot(&world);
        machine.run(async |daemon| {
            submit(daemon, sell(2)).await.until("started").await;
            script.estimate.had(|request| request.payload == json!({ "swap": "2" })).await;
            script.status.reached_again(5).await;
        });
        assert_eq!(script.sequences(), [0], "only the first order is signed");
        machine.end(End::Crash);
    }

    script.status.as_usual();
    mines_again(&script);
    let machine = Machine::boot(&world);
    machine.run(async |daemon| {
        assert_eq!(Life::of(daemon, first).await.end().await, SMOOTH);
        script.send.reached(3).await;
        submit(daemon, sell(3)).await.end().await;
    });
    assert_eq!((script.sequences(), script.swaps()), (vec![0, 1, 2, 3], vec![1, 2, 2, 3]));
}

#[test]
fn orders_that_wait_for_anothers_approval_go_on_after_a_restart_without_one_of_their_own() {
    let world = World::on_disk();
    let script = world.script();
    script.ledger().mining = Mining::Pool;
    approval_is_needed(&script);
    let machine = Machine::boot(&world);
    let ids: Vec<_> = machine.run(async |daemon| {
        let lives = submit_many(daemon, 5).await;
        script.build.reached(5).await;
        script.send.reached(1).await;
        lives.into_iter().map(|life| life.id).collect()
    });
    machine.end(End::Crash);
    let machine = Machine::boot(&world);
    machine.run(async |daemon| {
        script.build.reached(9).await;
        script.status.reached_again(3).await;
        assert_eq!(script.prepare.count(), 1, "the approval is under way");
        mines_again(&script);
        for id in ids {
            assert!(Life::of(daemon, id).await.end().await.ends_with("confirmed finalized"));
        }
    });
    assert_eq!((script.sequences(), script.approvals()), (Vec::from_iter(0..6), 1));
    assert_eq!(script.swaps(), [1, 2, 3, 4, 5]);
}

#[test]
fn fifty_orders_survive_one_crash_after_the_other() {
    let world = World::on_disk().chain("max_pending", 7).engine("send_timeout_ms", 20);
    let script = world.script();
    // Nothing is final, so there is always something to look up.
    script.ledger().mining = Mining::Included;
    let chain = script.clone();
    // Of four sends one is lost, one is refused, and one lands unnoticed.
    script.send.answers(move |before, request| match before % 4 {
        0 => Answer::Now(SendOutcome::Unknown { reason: "connection reset".to_owned() }),
        1 => Answer::Now(SendOutcome::NotSent { reason: "connection refused".to_owned() }),
        2 => {
            chain.ledger().accept(request);
            never()
        }
        _ => Answer::Usual,
    });
    let machine = Machine::boot(&world);
    let ids: Vec<_> =
        machine.run(async |daemon| submit_many(daemon, 50).await.into_iter().map(|life| life.id).collect());
    machine.end(End::Crash);
    for _ in 0..6 {
        let machine = Machine::boot(&world);
        machine.run(async |_| script.status.reached_again(4).await);
        machine.end(End::Crash);
    }
    mines_again(&script);
    let machine = Machine::boot(&world);
    machine.run(async |daemon| {
        for id in ids {
            assert!(Life::of(daemon, id).await.end().await.ends_with("confirmed finalized"));
        }
    });
    assert_eq!((script.sequences(), script.swaps()), (Vec::from_iter(0..50), Vec::from_iter(1..=50)));
}
