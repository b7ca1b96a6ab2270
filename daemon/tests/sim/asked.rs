//! What `make sim` asks for.

use crate::faults::{Fault, KNOWN_GAPS};
use std::ops::Range;

/// Seeds that run when nobody asks for more.
const SEEDS: u64 = 1_000;

/// One seed, to be told in full.
pub(crate) fn seed() -> Option<u64> {
    number("SIM_SEED")
}

/// The seeds to run.
pub(crate) fn seeds() -> Range<u64> {
    let from = number("SIM_FROM").unwrap_or(0);
    from..from + number("SIM_SEEDS").unwrap_or(SEEDS)
}

/// Known gaps that the seeds run into all the same: `all`, or faults by name, with commas between them.
pub(crate) fn gaps() -> String {
    variable("SIM_GAPS").unwrap_or_default()
}

/// The faults that are left out: those behind known gaps, less those that are asked for.
pub(crate) fn left_out() -> Vec<Fault> {
    let gaps = gaps();
    let is_wanted = |fault: &Fault| gaps == "all" || gaps.split(',').any(|name| name == format!("{fault:?}"));
    KNOWN_GAPS.iter().copied().filter(|fault| !is_wanted(fault)).collect()
}

fn number(name: &str) -> Option<u64> {
    variable(name).map(|text| text.parse().expect("a seed is a number"))
}

#[expect(clippy::disallowed_methods, reason = "a test program is told what to do by its environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
