//! What the daemon has in memory that has nothing to do.

use crate::{
    load::Crowd,
    plan::Plan,
    report::{Figure, Row, Target},
    server::{Memory, Site, World},
};
use std::time::Duration;

/// They hardly differ.
const ROUNDS: usize = 2;
const MEBIBYTE: f64 = (1 << 20) as f64;
/// Whatever a start needs is given back by then, if ever.
const WHILE: Duration = Duration::from_secs(2);

pub(super) fn run(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let rounds = (0..plan.rounds.min(ROUNDS)).map(|_| round()).collect::<Result<Vec<_>, _>>()?;
    let row = |what: &str, measure: fn(&[Memory; 2]) -> u64, target| {
        let figure = rounds.iter().map(|round| measure(round) as f64 / MEBIBYTE).collect();
        Row::new(format!("idle: memory of the daemon {what}"), "MiB", Figure::of(figure), None, target)
    };
    Ok(vec![
        row("that is ready", |round| round[0].resident, Target::AtMost(30.0)),
        row("after 2 s", |round| round[1].resident, Target::AtMost(30.0)),
        row("after 2 s, without what others have too", |round| round[1].proportional, Target::Told),
    ])
}

/// When it is ready, and after a while.
fn round() -> anyhow::Result<[Memory; 2]> {
    let site = Site::new(World::Instant)?;
    let daemon = site.start()?;
    let ready = daemon.memory()?;
    Crowd::connect(daemon.address, 0)?.rest(WHILE)?;
    Ok([ready, daemon.memory()?])
}
