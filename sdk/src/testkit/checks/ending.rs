//! The end of an instance, and instances side by side.

use super::{calls::begin, garbage::alive};
use crate::{
    abi::Status,
    testkit::{
        Bench,
        report::{Checked, Stop, ensure},
        subject::{Made, PATIENCE, QUIET, Subject},
    },
};
use std::time::{Duration, Instant};

/// So many calls are in flight when the end comes.
const IN_FLIGHT: usize = 100;
/// What `destroy` may take: the daemon leaves an instance behind that takes longer.
const END: Duration = Duration::from_secs(5);
/// So many live side by side.
const SIDE_BY_SIDE: usize = 4;

pub(super) fn destroy(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    let probe = bench.probe(&subject)?;
    let calls: Vec<Made> = (0..IN_FLIGHT).map(|_| begin(subject.core(), &probe, PATIENCE)).collect();
    let began = Instant::now();
    let core = subject.destroy();
    ensure(
        began.elapsed() < END,
        || format!("destroy took {} ms", began.elapsed().as_millis()),
        "at most 5 s",
        "what destroy waits for: threads that do not hear of the end, requests without a time limit",
    )?;
    let accepted = || calls.iter().filter(|made| made.status == Status::OK);
    if let Some(open) = accepted().find(|made| core.ledger.count(made.op) == 0) {
        let open = open.op;
        return Err(Stop::failed(
            format!("call {open} was in flight and never completed"),
            "destroy completes what is in flight with ORDERD_CANCELLED, before it returns",
            "destroy: walk over the calls that are open",
        ));
    }
    let ops: Vec<u64> = accepted().map(|made| made.op).collect();
    if let Some(op) = core.ledger.doubled(&ops, Duration::ZERO) {
        return Err(Stop::failed(
            format!("call {op} was completed {} times", core.ledger.count(op)),
            "exactly one complete for each call",
            "destroy and the call's own end both complete it: take it out of the books first",
        ));
    }
    match core.ledger.stray(QUIET) {
        None => Ok(()),
        Some(what) => Err(Stop::failed(
            format!("the plugin {what}"),
            "nothing of the host is called after destroy has returned: its memory may be gone",
            "threads that outlive destroy: join them in it",
        )),
    }
}

pub(super) fn instances(bench: &Bench) -> Checked {
    let subjects = (0..SIDE_BY_SIDE).map(|_| bench.subject());
    let mut subjects: Vec<Subject> = subjects.collect::<Checked<_>>()?;
    let first = &subjects[0];
    let probe = bench.probe(first)?;
    let steady = first.core().call(probe.method.name(), &probe.target, &probe.request)?;
    while let Some(subject) = subjects.pop() {
        let outcome = subject.core().call(probe.method.name(), &probe.target, &probe.request)?;
        ensure(
            outcome.status == steady.status,
            || {
                let (first, other) = (steady.status.0, outcome.status.0);
                format!("of {SIDE_BY_SIDE} instances one ended with status {first}, another with {other}")
            },
            "each of them works alone: what belongs to an instance hangs on its pointer",
            "statics and files outside of the data folder",
        )?;
        subject.destroy();
        if let Some(left) = subjects.last() {
            alive(bench, left.core(), &probe)?;
        }
    }
    Ok(())
}
