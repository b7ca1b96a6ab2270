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

pub(super) fn run(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let clients = plan.large;
    let (mut bare, mut ours) = (Vec::new(), OURS.map(|_| Vec::new()));
    for _ in 0..plan.rounds {
        bare.push(seconds(Way::Bare, clients)?);
        for (way, ours) in OURS.iter().zip(&mut ours) {
            ours.push(seconds(*way, clients)?);
        }
    }
    let bare = Figure::of(bare);
    let row = |(way, ours): (Way, Vec<f64>)| {
        let what = format!("{}: {clients} clients reconnect at once and resume", way.name());
        Row::new(what, "s", Figure::of(ours), Some(bare.clone()), Target::AtMost(5.0))
    };
    Ok(OURS.into_iter().zip(ours).map(row).collect())
}

/// Seconds until all are live again. Whoever resumes has missed some events, and gets them first.
fn seconds(way: Way, clients: usize) -> anyhow::Result<f64> {
    let mut session = Session::of(way, clients)?;
    session.pulse()?;
    let aim = Rc::new(Aim { resume: Resume::FromLast, ..way.aim(&session.server, 0) });
    session.server.prepare(MISSED)?;
    session.fleet.set_goal(session.server.cursor + MISSED as u64);
    let begin = clock::now();
    session.fleet.reconnect(&aim)?;
    session.server.publish(MISSED)?;
    session.server.published_at()?;
    session.fleet.run_until(|tally| {
        // The reference does not resume: it is enough that it is live.
        tally.greeted == clients && (tally.reached == clients || way == Way::Bare)
    })?;
    Ok((clock::now() - begin) as f64 / 1e9)
}
