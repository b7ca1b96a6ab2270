//! A host that answers badly, or not at all.

use super::garbage::alive;
use crate::{
    abi::Status,
    testkit::{
        Bench,
        ask::shown,
        report::{Checked, Stop, ensure},
        subject::{Manners, Subject},
    },
};
use std::time::Duration;

/// What a call may take while its host is silent: it has to end with its time.
const SHORT: Duration = Duration::from_millis(200);

pub(super) fn answers(bench: &Bench) -> Checked {
    let subject = asking(bench)?;
    for manners in [Manners::Garbage, Manners::Nonsense, Manners::Faulty] {
        ends(bench, &subject, manners, Duration::from_secs(5))?;
    }
    recovers(bench, &subject)
}

pub(super) fn silence(bench: &Bench) -> Checked {
    let subject = asking(bench)?;
    for manners in [Manners::Busy, Manners::Silent] {
        ends(bench, &subject, manners, SHORT)?;
    }
    recovers(bench, &subject)
}

/// An instance whose probe asks its host something.
fn asking(bench: &Bench) -> Checked<Subject> {
    let subject = bench.subject()?;
    let probe = bench.probe(&subject)?;
    subject.core().ledger.take_asked();
    subject.core().call(probe.method.name(), &probe.target, &probe.request)?;
    match subject.core().ledger.take_asked().is_empty() {
        true => Err(Stop::skipped(format!("{} asks its host for nothing", probe.method.name()))),
        false => Ok(subject),
    }
}

fn ends(bench: &Bench, subject: &Subject, manners: Manners, budget: Duration) -> Checked {
    let (core, probe) = (subject.core(), bench.probe(subject)?);
    core.behave(manners);
    let made = core.start(probe.method.name(), &probe.target, budget, &probe.request);
    let outcome = core.settle(made, probe.method.name());
    core.behave(Manners::Honest);
    let outcome = outcome?;
    ensure(
        !matches!(outcome.status, Status::OK | Status::PANIC),
        || {
            format!(
                "with a host that is {manners:?}, the call ended with status {}: {}",
                outcome.status.0,
                shown(&outcome.reply)
            )
        },
        "an error: there was nothing to answer with",
        "what is made of the host's answer: no unwrap, no default in its place",
    )
}

fn recovers(bench: &Bench, subject: &Subject) -> Checked {
    alive(bench, subject.core(), &bench.probe(subject)?)
}
