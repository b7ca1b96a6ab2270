//! An order is taken up where it stood, wherever that was, and takes effect once.

use crate::{
    ledger::{Mining, approval},
    machine::{End, Machine},
    script::{Answer, Script, never},
    world::{Life, SMOOTH, World, sell, submit, submit_many},
};
use orderd_sdk::plugin::{Approval, Build, PluginError, SendOutcome};
use std::sync::Arc;

/// Where an order is when its daemon ends, and how it goes on.
struct Stand {
    name: &'static str,
    /// What the chain does in the first life.
    before: fn(&Arc<Script>),
    /// The event after which the first life ends.
    at: &'static str,
    /// What has to be true of the calls by then.
    reached: (usize, usize),
    /// What the chain does between the lives.
    between: fn(&Arc<Script>),
    /// What of the whole story follows that event.
    rest: &'static str,
    signatures: u64,
}

const ATTEMPT: &str = "routing quoted started signed submitted confirmed finalized";

fn mines_again(script: &Arc<Script>) {
    script.send.as_usual();
    let mut ledger = script.ledger();
    ledger.mining = Mining::Final;
    ledger.mine();
    ledger.finalize();
}

fn stands() -> Vec<Stand> {
    let base = || Stand {
        name: "",
        before: |script| script.ledger().mining = Mining::Pool,
        at: "",
        reached: (0, 0),
        between: mines_again,
        rest: "",
        signatures: 1,
    };
    vec![
        Stand {
            name: "pending, with no worker free",
            before: |script| script.lane.answers(|_, _| Answer::Now(Err(PluginError::transient("down")))),
            at: "pending",
            between: |script| script.lane.as_usual(),
            rest: ATTEMPT,
            ..base()
        },
        Stand {
            name: "waiting for quotes",
            before: |script| script.quote.answers(|_, _| never()),
            at: "routing",
            between: |script| script.quote.as_usual(),
            rest: ATTEMPT,
            ..base()
        },
        Stand {
            name: "waiting to be built",
            before: |script| script.build.answers(|_, _| never()),
            at: "started",
            between: |script| script.build.as_usual(),
            rest: ATTEMPT,
            ..base()
        },
        Stand {
            name: "signed and never sent",
            before: |script| script.send.answers(|_, _| never()),
            at: "signed",
            reached: (1, 0),
            rest: "submitted confirmed finalized",
            ..base()
        },
        Stand {
            name: "signed, sent, and not answered",
            before: |script| {
                let chain = script.clone();
                script.send.answers(move |_, request| {
                    chain.ledger().accept(request);
                    never()
                });
            },
            at: "signed",
            reached: (1, 0),
            rest: "confirmed finalized",
            ..base()
        },
        Stand { name: "submitted", at: "submitted", rest: "confirmed finalized", ..base() },
        Stand {
            name: "submitted, and lost by the chain",
            at: "submitted",
            between: |script| {
                script.ledger().forget_pool();
                mines_again(script);
            },
            rest: "confirmed finalized",
            ..base()
        },
        Stand {
            name: "refused by the node",
            before: |script| {
                let refused = || SendOutcome::NotSent { reason: "connection refused".to_owned() };
                script.send.answers(move |_, _| Answer::Now(refused()));
            },
            at: "retry-pending",
            rest: "submitted confirmed finalized",
            ..base()
        },
        Stand {
            name: "unknown, and never arrived",
            before: |script| {
                let reset = || SendOutcome::Unknown { reason: "connection reset".to_owned() };
                script.send.answers(move |_, _| Answer::Now(reset()));
            },
            at: "unknown",
            rest: "submitted confirmed finalized",
            ..base()
        },
        Stand {
            name: "confirmed",
            before: |script| script.ledger().mining = Mining::Included,
            at: "confirmed",
            rest: "finalized",
            ..base()
        },
        Stand {
            name: "reverted, and not final",
            before: |script| script.ledger().mining = Mining::Reverting,
            at: "execution-failed",
            rest: "retry-pending routing quoted started signed submitted confirmed finalized",
            signatures: 2,
            ..base()
        },
        Stand {
            name: "reverted, and turned into a success meanwhile",
            before: |script| script.ledger().mining = Mining::Reverting,
            at: "execution-failed",
            between: |script| {
                script.ledger().turn(&script.send.calls()[0].hash);
                mines_again(script);
            },
            rest: "reorged submitted confirmed finalized",
            ..base()
        },
        Stand {
            name: "between two attempts",
            before: |script| script.quote.answers(|_, _| Answer::Now(Err(PluginError::transient("down")))),
            at: "retry-pending",
            between: |script| script.quote.as_usual(),
            rest: ATTEMPT,
            ..base()
        },
        Stand {
            name: "waiting for its own approval",
            before: |script| {
                script.ledger().mining = Mining::Pool;
                needs_approval(script);
            },
            at: "approving",
            reached: (1, 0),
            rest: "approved routing quoted started signed submitted confirmed finalized",
            signatures: 2,
            ..base()
        },
    ]
}

fn needs_approval(script: &Arc<Script>) {
    let chain = script.clone();
    script.build.answers(move |_, _| match chain.approvals() {
        0 => {
            let (token, spender) = ("SOL".to_owned(), "router".to_owned());
            Answer::Now(Ok(Build::Approve(Approval { token, spender, payload: approval() })))
        }
        _ => Answer::Usual,
    });
}

/// Two lives of one order.
fn live_twice(stand: &Stand, end: End) {
    let world = World::on_disk().drain(20).engine("retry_initial_ms", 300).engine("retry_max_ms", 300);
    let script = world.script();
    (stand.before)(&script);
    let machine = Machine::boot(&world);
    let (id, so_far) = machine.run(async |daemon| {
        let mut life = submit(daemon, sell(7)).await;
        life.until(stand.at).await;
        script.send.reached(stand.reached.0).await;
        (life.id, life.story())
    });
    machine.end(end);

    (stand.between)(&script);
    let machine = Machine::boot(&world);
    let story = machine.run(async |daemon| Life::of(daemon, id).await.end().await);
    let stand_at = format!("{} {end:?}: {story}", stand.name);
    assert!(story.starts_with(&so_far) && story.ends_with(stand.rest), "{stand_at}");
    assert_eq!(script.swaps(), [7], "{stand_at}");
    assert_eq!(script.sequences(), Vec::from_iter(0..stand.signatures), "{stand_at}");
    machine.end(End::ShutDown);
}

#[test]
fn an_order_survives_a_crash_wherever_it_stands() {
    stands().iter().for_each(|stand| live_twice(stand, End::Crash));
}

#[test]
fn an_order_survives_a_shutdown_wherever_it_stands() {
    stands().iter().for_each(|stand| live_twice(stand, End::ShutDown));
}

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
    needs_approval(&script);
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
