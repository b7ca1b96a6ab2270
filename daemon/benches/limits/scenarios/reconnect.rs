//! All clients lose their connection and come back at once, going on from what they have seen.

use super::session::{OURS, Session, Way};
use crate::{
    clock,
    load::{Aim, Resume},
    plan::Plan,
    report::{Figure, Row, Target},
};
use std::rc::Rc;

/// What happens while they are away.
const MISSED: usize = 3;

/// What one round with one server has shown.
struct Round {
    /// Until all were live again.
    seconds: f64,
    /// Processor time of the server for each.
    cpu_us: f64,
}

pub(super) fn run(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let clients = plan.large;
    let (mut bare, mut ours) = (Vec::new(), OURS.map(|_| Vec::new()));
    for _ in 0..plan.rounds {
        bare.push(round(Way::Bare, clients)?);
        for (way, ours) in OURS.iter().zip(&mut ours) {
            ours.push(round(*way, clients)?);
        }
    }
    Ok(OURS.iter().zip(&ours).flat_map(|(way, ours)| rows(*way, clients, ours, &bare)).collect())
}

fn rows(way: Way, clients: usize, ours: &[Round], bare: &[Round]) -> [Row; 2] {
    let row = |what: &str, unit, measure: fn(&Round) -> f64, target| {
        let of = |rounds: &[Round]| Figure::of(rounds.iter().map(measure).collect());
        let what = format!("{}: {clients} clients reconnect at once and resume{what}", way.name());
        Row::new(what, unit, of(ours), Some(of(bare)), target)
    };
    [
        row("", "s", |round| round.seconds, Target::AtMost(5.0)),
        row(", server's CPU each", "µs", |round| round.cpu_us, Target::Told),
    ]
}

/// Whoever resumes has missed some events, and gets them first.
fn round(way: Way, clients: usize) -> anyhow::Result<Round> {
    let mut session = Session::of(way, clients)?;
    session.pulse()?;
    let aim = Rc::new(Aim { resume: Resume::FromLast, ..way.aim(&session.server, 0) });
    session.server.prepare(MISSED)?;
    session.fleet.set_goal(session.server.cursor + MISSED as u64);
    let (begin, cpu) = (clock::now(), session.server.cpu()?);
    session.fleet.reconnect(&aim)?;
    session.server.publish(MISSED)?;
    session.server.published_at()?;
    session.fleet.run_until(|tally| {
        // The reference does not resume: it is enough that it is live.
        tally.greeted == clients && (tally.reached == clients || way == Way::Bare)
    })?;
    let seconds = (clock::now() - begin) as f64 / 1e9;
    Ok(Round { seconds, cpu_us: (session.server.cpu()? - cpu) as f64 / 1e3 / clients as f64 })
}
