//! An order is taken up where it stood, wherever that was, and takes effect once.

use crate::{
    approvals::approval_is_needed,
    ledger::Mining,
    machine::{End, Machine},
    script::{Answer, Script, never},
    world::{Life, World, sell, submit},
};
use orderd_sdk::plugin::{PluginError, SendOutcome};
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

pub(crate) fn mines_again(script: &Arc<Script>) {
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
                approval_is_needed(script);
            },
            at: "approving",
            reached: (1, 0),
            rest: "approved routing quoted started signed submitted confirmed finalized",
            signatures: 2,
            ..base()
        },
    ]
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
