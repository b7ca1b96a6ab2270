//! Clients that are connected and never read: what the others notice of them.

use super::session::{OURS, Session, Way};
use crate::{
    load::{Aim, Reading},
    plan::Plan,
    report::{Figure, Row, Target, percentile},
    server::Launch,
};
use std::{rc::Rc, time::Duration};

/// One in so many does not read.
const ONE_IN: usize = 100;
/// What the kernel holds for each client: small, so that those who do not read are soon waited for.
const SEND_BUFFER: usize = 32 * 1024;
const SETTLE: Duration = Duration::from_millis(300);
/// The slowest of a hundred are few: it takes more events to tell.
const EVENTS_PER_PACED: usize = 3;
/// Far more than fits into the buffers of a client that does not read.
const FILLING: usize = 192;

pub(super) fn run(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let clients = plan.small;
    let mut rows = Vec::new();
    let ours = OURS.map(|way| (way, Target::RatioAtMost(1.2)));
    for (way, target) in ours.into_iter().chain([(Way::Bare, Target::Told)]) {
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for _ in 0..plan.rounds {
            without.push(p99(plan, way, clients, 0)?);
            with.push(p99(plan, way, clients, clients / ONE_IN)?);
        }
        let what = format!("{}: p99 of {clients} with 1 % stalled, against none", way.name());
        rows.push(Row::new(what, "ms", Figure::of(with), Some(Figure::of(without)), target));
    }
    Ok(rows)
}

/// Milliseconds from publishing until 99 of 100 clients that read have the event.
fn p99(plan: &Plan, way: Way, clients: usize, stalled: usize) -> anyhow::Result<f64> {
    let mut session = Session::start(&Launch { send_buffer: Some(SEND_BUFFER), ..way.launch() })?;
    let reading = Rc::new(way.aim(&session.server, 0));
    let stalling = Rc::new(Aim { reading: Reading::Stalls, ..Aim::clone(&reading) });
    session.join_stalled(&vec![stalling; stalled])?;
    session.join(&vec![reading; clients])?;
    session.burst(FILLING / 2)?;
    session.burst(FILLING / 2)?;
    // Whoever reads has acknowledged everything by then.
    session.fleet.run_for(SETTLE)?;
    // The kernel counts its own book-keeping too.
    let waited_for = session.server.clients_behind(SEND_BUFFER as u64 / 2)?;
    anyhow::ensure!(waited_for == stalled, "{stalled} clients are stalled, {waited_for} are waited for");
    let mut times = Vec::new();
    for _ in 0..plan.paced * EVENTS_PER_PACED {
        times.extend(session.pulse()?.iter().map(|&time| time as f64 / 1e6));
    }
    Ok(percentile(&times, 99))
}
