//! What the daemon does against the bare limits of the machine, both measured in turn in the same run: `make bench`,
//! see `docs/benchmarks.md`. One binary is the load, and once more, as a process of its own, each server under test.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the figures are the product")]
#![expect(clippy::float_arithmetic, reason = "figures, not amounts")]

mod clock;
mod duel;
mod growth;
mod load;
#[path = "../paper/mod.rs"]
mod paper;
mod past;
mod plan;
mod profile;
mod raw;
mod report;
mod scenarios;
mod server;

use clap::{Parser, Subcommand};
use growth::Stores;
use plan::Plan;
use report::{Machine, Report};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use server::Launch;

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    other: Option<Other>,
    /// Only the scenarios whose name contains this.
    scenario: Option<String>,
    /// Less of everything: whether something is badly off.
    #[arg(long)]
    quick: bool,
    /// Keep the stores that were made, for the next run.
    #[arg(long)]
    keep_stores: bool,
    /// What cargo says to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Subcommand)]
enum Other {
    /// See where the daemon's time goes.
    Profile(profile::Options),
    /// Compare two programs.
    Duel(duel::Options),
    /// Be a server under test.
    #[command(hide = true)]
    Serve(Launch),
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    raise_descriptors()?;
    match cli.other {
        Some(Other::Serve(launch)) => server::run(&launch),
        Some(Other::Profile(options)) => {
            let found = profile::run(&options)?;
            println!("\n{found}");
            found.save()
        }
        Some(Other::Duel(options)) => print(&duel::run(&options)?, "duel"),
        None => measure(&cli),
    }
}

fn measure(cli: &Cli) -> anyhow::Result<()> {
    let filter = cli.scenario.as_deref().unwrap_or_default();
    let mut plan = if cli.quick { Plan::quick() } else { Plan::full() };
    if cli.keep_stores {
        plan.growth.stores = Stores::Kept;
    }
    let mut report = Report { machine: Machine::look()?, plan, rows: Vec::new() };
    let picked: Vec<_> = scenarios::ALL.iter().filter(|scenario| scenario.name.contains(filter)).collect();
    anyhow::ensure!(!picked.is_empty(), "no scenario is called {filter:?}");
    for scenario in picked {
        eprintln!("measuring {} …", scenario.name);
        report.rows.extend((scenario.run)(&report.plan)?);
    }
    print(&report, "limits")
}

fn print(report: &Report, name: &str) -> anyhow::Result<()> {
    println!("\n{}\n\n{}", report.machine.describe(), report.table());
    println!("as JSON: {}", report.save(name)?.display());
    Ok(())
}

/// Each client takes one descriptor here and one in the server.
fn raise_descriptors() -> anyhow::Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}
