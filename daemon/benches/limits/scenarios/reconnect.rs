//! All clients lose their connection and come back at once, going on from what they have seen.

use super::session::{Session, Way};
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
    let (mut order, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        order.push(seconds(Way::Order, clients)?);
        bare.push(seconds(Way::Bare, clients)?);
    }
    let what = format!("order: {clients} clients reconnect at once and resume");
    Ok(vec![Row::new(what, "s", Figure::of(order), Some(Figure::of(bare)), Target::AtMost(5.0))])
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
    let all = move |greeted: usize| greeted == clients;
    match way {
        Way::Bare => session.fleet.run_until(|tally| all(tally.greeted))?,
        Way::Order => session.fleet.run_until(|tally| all(tally.greeted) && all(tally.reached))?,
    }
    Ok((clock::now() - begin) as f64 / 1e9)
}
