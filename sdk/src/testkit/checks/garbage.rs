//! Calls that make no sense.

use crate::{
    abi::{Method, Outcome, Status, table::MAX_MESSAGE},
    testkit::{
        Bench,
        ask::shown,
        bench::Probe,
        plan::ServedBy,
        report::{Checked, Stop, ensure},
        subject::Core,
    },
};

/// More than the interface carries.
const TEN_MB: usize = 10_000_000;
/// Deeper than any reader should follow.
const DEPTH: usize = 100_000;

pub(super) fn unknown_method(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    for method in ["venue.dance", "", "VENUE.QUOTE", "venue.quote "] {
        let outcome = subject.core().call(method, "", b"{}")?;
        ensure(
            outcome.status == Status::UNSUPPORTED,
            || format!("the method {method:?} ended with status {}", outcome.status.0),
            "ORDERD_UNSUPPORTED, from start or from complete: a newer daemon asks what this version does not know",
            "how start finds its methods",
        )?;
    }
    alive(bench, subject.core(), &bench.probe(&subject)?)
}

pub(super) fn unknown_target(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    let probe = bench.probe(&subject)?;
    // `describe` has no target.
    let (method, request) = match probe.method == Method::Describe {
        true => (Method::VenueHealth, b"{}".as_slice()),
        false => (probe.method, probe.request.as_slice()),
    };
    for target in ["no such target", "", "\u{1f9e8}"] {
        let outcome = subject.core().call(method.name(), target, request)?;
        ensure(
            !matches!(outcome.status, Status::OK | Status::PANIC),
            || format!("{} of the target {target:?} ended with status {}", method.name(), outcome.status.0),
            "ORDERD_BAD_REQUEST: an order must not trade at another venue than it was routed to",
            "how start finds the venue or chain by its name",
        )?;
    }
    alive(bench, subject.core(), &probe)
}

pub(super) fn malformed(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    let core = subject.core();
    let deep = [vec![b'['; DEPTH], vec![b']'; DEPTH]].concat();
    let mut garbage: Vec<&[u8]> = vec![b"", b"{", b"\xff", b"null", b"7", b"[]", b"\"quote\"", b"{}}", &deep];
    garbage.extend([&b"{\"trader\":1}"[..], b"{\"queries\":{}}", b"{\"raw\":\"0xzz\",\"hash\":\"\"}"]);
    for (method, target) in methods(bench) {
        for request in &garbage {
            sound(method, request, &core.call(method.name(), &target, request)?)?;
        }
    }
    alive(bench, core, &bench.probe(&subject)?)
}

/// Methods without a request of their own may take anything; those with one answer no garbage.
fn sound(method: Method, request: &[u8], outcome: &Outcome) -> Checked {
    let answered =
        outcome.status == Status::OK && method != Method::VenueHealth && method != Method::ChainHealth;
    // A send has no errors, only three answers; of what was never a transaction it may say that it was not sent.
    let not_sent = method == Method::ChainSend && outcome.reply.windows(8).any(|word| word == b"not-sent");
    ensure(
        outcome.status != Status::PANIC && (!answered || not_sent),
        || {
            let (status, reply) = (outcome.status.0, shown(&outcome.reply));
            format!(
                "{} of the request {:?} ended with status {status}: {reply}",
                method.name(),
                shown(request)
            )
        },
        "ORDERD_BAD_REQUEST, or an error",
        &format!("how {} reads its request", method.name()),
    )
}

/// Every method of everything that the plan has this plugin make.
fn methods(bench: &Bench) -> Vec<(Method, String)> {
    let chains = bench.plan.chains_of(&ServedBy::Subject);
    let mut all = Vec::new();
    for method in Method::ALL {
        let names: Vec<&String> = match method.name().split_once('.') {
            Some(("venue", _)) => bench.plan.venues.keys().collect(),
            Some(("chain", _)) => chains.keys().collect(),
            Some(_) | None => Vec::new(),
        };
        all.extend(names.into_iter().map(|name| (method, name.clone())));
    }
    all
}

pub(super) fn large(bench: &Bench) -> Checked {
    let subject = bench.subject()?;
    let (core, probe) = (subject.core(), bench.probe(&subject)?);
    for size in [MAX_MESSAGE, MAX_MESSAGE + 1, TEN_MB] {
        let mut padded = probe.request.clone();
        padded.resize(size.max(padded.len()), b' ');
        for request in [padded, vec![b'['; size]] {
            let outcome = core.call(probe.method.name(), &probe.target, &request)?;
            let over = size > MAX_MESSAGE && outcome.status == Status::OK;
            ensure(
                outcome.status != Status::PANIC && !over,
                || format!("a request of {size} bytes ended with status {}", outcome.status.0),
                "ORDERD_BAD_REQUEST above 4 MiB, and no panic below it",
                "start: look at the length before the bytes",
            )?;
        }
    }
    alive(bench, core, &probe)
}

pub(super) fn panic(bench: &Bench) -> Checked {
    let Some(panic) = &bench.plan.panic else {
        return Err(Stop::skipped(
            "the plan has no [panic]: a request on which the plugin panics on purpose",
        ));
    };
    let subject = bench.subject()?;
    let core = subject.core();
    let request = panic.request.to_string();
    for _ in 0..3 {
        let outcome = core.call(&panic.method, &panic.target, request.as_bytes())?;
        ensure(
            outcome.status == Status::PANIC,
            || format!("the plan's [panic] ended with status {}", outcome.status.0),
            "ORDERD_PANIC",
            "the panic fence around each poll, and panic = \"unwind\"",
        )?;
    }
    alive(bench, core, &bench.probe(&subject)?)
}

/// After all that, it still answers.
pub(super) fn alive(bench: &Bench, core: &Core, probe: &Probe) -> Checked {
    let outcome = core.call(probe.method.name(), &probe.target, &probe.request)?;
    let logged = bench.records.all().pop().unwrap_or_default();
    ensure(
        outcome.status == Status::OK,
        || {
            format!(
                "afterwards {} ended with status {}: {} {logged}",
                probe.method.name(),
                outcome.status.0,
                shown(&outcome.reply)
            )
        },
        "an answer as before: one bad call must not spoil the next",
        "state that a failed call leaves behind: a lock that is poisoned, a slot that is not given back",
    )
}
