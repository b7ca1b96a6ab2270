//! Two programs against each other: what a change has done, on a machine whose speed changes by more than that.
//!
//! Each round has both execute the same, one right after the other, the one that begins by turns. What is told is the ratio
//! of their figures round by round.

use crate::{
    plan::Plan,
    report::{Figure, Machine, Report, Row, Target},
    scenarios::{self, Measured},
};
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct Options {
    /// The program before the change.
    #[arg(long)]
    old: PathBuf,
    /// The one after it; without it the one that was built with this.
    #[arg(long)]
    new: Option<PathBuf>,
    /// How often; a round takes eight seconds.
    #[arg(long, default_value_t = 10)]
    rounds: usize,
    /// What cargo says to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Lets them execute, and reports the new one with the old one as the reference.
pub(crate) fn run(options: &Options) -> anyhow::Result<Report> {
    let machine = Machine::look()?;
    let plan = Plan { rounds: options.rounds.max(1), ..Plan::full() };
    let programs = [Some(options.old.as_path()), options.new.as_deref()];
    let mut rounds: [Vec<Vec<Measured>>; 2] = Default::default();
    for round in 0..plan.rounds {
        eprintln!("round {} of {} …", round + 1, plan.rounds);
        for turn in 0..programs.len() {
            let who = (turn + round) % programs.len();
            rounds[who].push(scenarios::execute(&plan, programs[who])?);
        }
    }
    let [old, new] = rounds;
    let of = |rounds: &[Vec<Measured>], index: usize| {
        Figure::of(rounds.iter().map(|round| round[index].value).collect())
    };
    let rows = new[0].iter().enumerate().map(|(index, Measured { what, unit, .. })| {
        Row::new(what.clone(), unit, of(&new, index), Some(of(&old, index)), Target::Told)
    });
    Ok(Report { machine, rows: rows.collect(), plan })
}
