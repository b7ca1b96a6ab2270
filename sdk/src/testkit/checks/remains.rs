//! What instances leave behind in the process.

use crate::testkit::{
    Bench, process,
    report::{Checked, Stop, ensure},
};

/// Before these, allocators and lazy statics are not warm.
const WARM_UP: usize = 10;
/// So many instances are made and destroyed.
const CYCLES: usize = 50;
/// What they may cost together, in KiB: the allocator keeps some.
const SPARE_KIB: u64 = 4 << 10;

pub(super) fn threads(bench: &Bench) -> Checked {
    let (before, after) = around(bench, process::threads)?;
    ensure(
        after <= before,
        || format!("{before} threads before, {after} after {CYCLES} instances"),
        "as many as before: destroy ends the instance's threads",
        "threads that are started and never joined",
    )
}

pub(super) fn files(bench: &Bench) -> Checked {
    let (before, after) = around(bench, process::files)?;
    ensure(
        after <= before,
        || format!("{before} open files and sockets before, {after} after {CYCLES} instances"),
        "as many as before",
        "files and connections that are kept in statics, or leaked",
    )
}

pub(super) fn memory(bench: &Bench) -> Checked {
    let (before, after) = around(bench, process::memory_kib)?;
    let grown = after.saturating_sub(before);
    ensure(
        grown <= SPARE_KIB,
        || format!("{grown} KiB more after {CYCLES} instances, {} KiB each", grown / CYCLES as u64),
        "at most 4096 KiB: an instance gives back what it took",
        "what create and the calls keep: Box::leak, mem::forget, statics that grow, cycles of Arc; in C malloc \
         without free",
    )
}

/// A measure before and after many instances.
fn around<T>(bench: &Bench, measure: fn() -> Option<T>) -> Checked<(T, T)> {
    cycles(bench, WARM_UP)?;
    let before = measure();
    cycles(bench, CYCLES)?;
    match (before, measure()) {
        (Some(before), Some(after)) => Ok((before, after)),
        _ => Err(Stop::skipped("this system does not tell (there is no /proc)")),
    }
}

fn cycles(bench: &Bench, count: usize) -> Checked {
    for _ in 0..count {
        let subject = bench.subject()?;
        let probe = bench.probe(&subject)?;
        subject.core().call(probe.method.name(), &probe.target, &probe.request)?;
        subject.destroy();
    }
    Ok(())
}
