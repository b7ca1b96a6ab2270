//! The life of a call: begun at once, completed once, in time, cancelled.

use crate::{
    abi::Status,
    testkit::{
        Bench,
        bench::Probe,
        report::{Checked, Stop, ensure},
        subject::{Core, Made, PATIENCE, QUIET},
    },
};
use std::time::{Duration, Instant};

/// So many calls at one time,
const MANY: usize = 1_000;
/// which may take so long together.
const MANY_PATIENCE: Duration = Duration::from_secs(30);
/// `start` takes microseconds. The fastest of several shows whether it waits for something,
const FASTEST_START: Duration = Duration::from_millis(20);
/// the slowest whether it does so now and then; the machine may be busy.
const SLOWEST_START: Duration = Duration::from_millis(500);

/// A call without time has to end within this: the host waits no longer, but its place is taken until then.
const SOON: Duration = Duration::from_secs(2);

pub(super) fn start_returns(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    let probe = bench.probe(&subject)?;
    let core = subject.core();
    let mut took = Vec::new();
    for _ in 0..10 {
        let began = Instant::now();
        let made = begin(core, &probe, PATIENCE);
        took.push(began.elapsed());
        core.settle(made, probe.method.name())?;
    }
    let (fastest, slowest) = (took.iter().min().copied(), took.iter().max().copied());
    let late = fastest > Some(FASTEST_START) || slowest > Some(SLOWEST_START);
    ensure(
        !late,
        || format!("start took {} ms at best, {} ms at worst", millis(fastest), millis(slowest)),
        "microseconds: the daemon's own thread waits in start",
        "FIRST_POLL = CallerThread with code that blocks before its first await; in C work that belongs on a thread",
    )
}

fn millis(duration: Option<Duration>) -> u128 {
    duration.unwrap_or_default().as_millis()
}

pub(super) fn completes_once(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    let probe = bench.probe(&subject)?;
    let core = subject.core();
    let deadline = Instant::now() + MANY_PATIENCE;
    let calls: Vec<Made> = (0..MANY).map(|_| begin(core, &probe, MANY_PATIENCE)).collect();
    let (accepted, refused): (Vec<Made>, Vec<Made>) =
        calls.into_iter().partition(|made| made.status == Status::OK);
    ensure(
        refused.is_empty(),
        || {
            format!(
                "{} of {MANY} calls were refused, the first with status {}",
                refused.len(),
                refused[0].status.0
            )
        },
        "at least 1000 calls in flight; the interface allows 4096",
        "how start keeps its calls: a queue or pool of its own that is too small",
    )?;
    for made in &accepted {
        let left = deadline.saturating_duration_since(Instant::now());
        if core.ledger.first(made.op, left).is_none() {
            return Err(Stop::failed(
                format!("call {} of {MANY} was not completed within {} s", made.op, MANY_PATIENCE.as_secs()),
                "one complete for each start that returned ORDERD_OK",
                "every path through the call: each has to end in complete, errors too",
            ));
        }
    }
    once(core, &accepted)
}

/// None of these calls is completed twice, and nothing is completed that was not begun.
fn once(core: &Core, calls: &[Made]) -> Checked {
    let ops: Vec<u64> = calls.iter().map(|made| made.op).collect();
    if let Some(op) = core.ledger.doubled(&ops, QUIET) {
        return Err(Stop::failed(
            format!("call {op} was completed {} times", core.ledger.count(op)),
            "exactly one complete for each call",
            "who may complete a call: take it out of the books before complete, under one lock",
        ));
    }
    match core.ledger.stray(Duration::ZERO) {
        None => Ok(()),
        Some(what) => Err(Stop::failed(
            format!("the plugin {what}"),
            "completions of calls that the host has begun",
            "where the token of complete comes from",
        )),
    }
}

pub(super) fn deadline(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    let probe = bench.probe(&subject)?;
    let core = subject.core();
    let mut calls = Vec::new();
    for budget in [Duration::ZERO, Duration::from_nanos(1), Duration::from_millis(1)] {
        let made = begin(core, &probe, budget);
        let outcome = core.settle_within(made, probe.method.name(), SOON)?;
        ensure(
            outcome.status != Status::PANIC,
            || format!("a call with a budget of {budget:?} ended with ORDERD_PANIC"),
            "an answer, or ORDERD_DEADLINE",
            "arithmetic with the budget: it may be zero",
        )?;
        calls.push(made);
    }
    once(core, &calls)
}

pub(super) fn cancel(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    let probe = bench.probe(&subject)?;
    let core = subject.core();
    let early = begin(core, &probe, PATIENCE);
    core.cancel(early.op);
    core.cancel(early.op);
    let outcome = core.settle(early, "a call that was cancelled")?;
    let fine = [Status::OK, Status::ERROR, Status::CANCELLED];
    ensure(
        fine.contains(&outcome.status),
        || format!("a cancelled call ended with status {}", outcome.status.0),
        "ORDERD_CANCELLED, or the answer that was already on its way",
        "cancel",
    )?;
    core.cancel(early.op);
    core.cancel(u64::MAX);
    let late = begin(core, &probe, PATIENCE);
    core.settle(late, probe.method.name())?;
    core.cancel(late.op);
    once(core, &[early, late])
}

/// Begins a probe.
pub(super) fn begin(core: &Core, probe: &Probe, budget: Duration) -> Made {
    core.start(probe.method.name(), &probe.target, budget, &probe.request)
}
