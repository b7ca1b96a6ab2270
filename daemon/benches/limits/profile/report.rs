//! What was found, for people and as JSON.

use crate::{clock::Nanos, report::Machine};
use anyhow::Context as _;
use serde::Serialize;
use std::{collections::BTreeMap, fmt, fs, path::PathBuf};

/// Functions that are told.
const TOLD: usize = 15;

/// A function, and what it costs itself.
#[derive(Serialize)]
pub(crate) struct Function {
    pub(super) name: String,
    pub(super) cost: f64,
}

/// Of what functions cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Unit {
    /// Of all the time.
    Percent,
    /// For each order.
    Instructions,
}

#[derive(Serialize)]
pub(crate) struct Found {
    pub(super) machine: Machine,
    pub(super) orders: usize,
    /// Processor time by thread, in nanoseconds; none where it says nothing.
    pub(super) threads: BTreeMap<String, Nanos>,
    /// Those that cost most come first.
    pub(super) functions: Vec<Function>,
    pub(super) unit: Unit,
    /// Where everything is that was found.
    pub(super) file: PathBuf,
}

impl Found {
    /// Beside the rest.
    pub(crate) fn save(&self) -> anyhow::Result<()> {
        let name = match self.unit {
            Unit::Percent => "perf.json",
            Unit::Instructions => "callgrind.json",
        };
        let folder = self.file.parent().context("a file lies in a folder")?;
        Ok(fs::write(folder.join(name), serde_json::to_string_pretty(self)? + "\n")?)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { machine, orders, threads, functions, unit, file } = self;
        writeln!(f, "{}\n", machine.describe())?;
        if !threads.is_empty() {
            let micros = |nanos: Nanos| nanos as f64 / 1e3 / *orders as f64;
            writeln!(f, "processor time per order, by thread, µs:")?;
            writeln!(f, "{:>12.2}  all", micros(threads.values().sum()))?;
            threads.iter().try_for_each(|(name, &nanos)| writeln!(f, "{:>12.2}  {name}", micros(nanos)))?;
        }
        let unit = match unit {
            Unit::Percent => "% of the time",
            Unit::Instructions => "instructions per order",
        };
        writeln!(f, "functions, without those that they call, {unit}:")?;
        for Function { name, cost } in functions.iter().take(TOLD) {
            writeln!(f, "{cost:>12.2}  {name}")?;
        }
        write!(f, "all of it, of {orders} orders: {}", file.display())
    }
}
