//! Orders from being handed in to their end, with every event of their lives on stable storage.

use super::{
    kept,
    orders::{accepted, check_executed, hand_in, until_over},
};
use crate::{
    clock,
    load::{Asking, Crowd, Until},
    plan::Plan,
    raw,
    report::{self, Figure, Row, Target},
    server::{Site, World},
};
use std::time::Duration;

/// Clients, and who waits for a record each, or records of a group.
const CLIENTS: usize = 256;
/// Of the records that the reference writes.
const RECORD_BYTES: usize = 500;
const RAW_SPAN: Duration = Duration::from_millis(500);

/// What executing orders has shown.
pub(super) struct Executed {
    pub(super) per_second: f64,
    pub(super) cpu_us: f64,
    /// What was written to the disk for each.
    pub(super) bytes: f64,
}

/// What one round has shown.
struct Round {
    ours: Executed,
    /// Records in a second that sled writes, for as many as wait for one each.
    waiters: f64,
    /// The same in a loop, and those that a file of the bytes that an order has takes.
    sled: f64,
    file: f64,
}

pub(super) fn run(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let rounds = (0..plan.rounds).map(|_| round(plan)).collect::<Result<Vec<_>, _>>()?;
    let of = |measure: fn(&Round) -> f64| Figure::of(rounds.iter().map(measure).collect());
    let row = |what: &str, unit, measure, reference: Option<Figure>, target| {
        Row::new(format!("complete: {what}"), unit, of(measure), reference, target)
    };
    let against = |what, reference: fn(&Round) -> f64, target| {
        row(what, "1/s", |round| round.ours.per_second, Some(of(reference)), target)
    };
    Ok(vec![
        against(
            "orders in a second, against sled's records",
            |round| round.waiters,
            Target::RatioAtLeast(0.12),
        ),
        against("the same against sled's records in a loop", |round| round.sled, Target::Told),
        against("the same against a file of the same bytes", |round| round.file, Target::Told),
        row("server's CPU per order", "µs", |round| round.ours.cpu_us, None, Target::Told),
        row(
            "written to the disk per order, index and log lines too",
            "B",
            |round| round.ours.bytes,
            None,
            Target::Told,
        ),
        kept::row(plan, "complete", CLIENTS)?,
    ])
}

fn round(plan: &Plan) -> anyhow::Result<Round> {
    let scratch = tempfile::tempdir_in(report::folder())?;
    let path = |name| scratch.path().join(name);
    let group = CLIENTS as u64;
    let waiters = raw::sled_waiters(&path("waiters"), CLIENTS, RECORD_BYTES, RAW_SPAN)?;
    let sled = raw::sled_groups(&path("sled"), group, RECORD_BYTES, RAW_SPAN)?;
    let ours = executed(plan, &Site::new(World::Instant)?)?;
    let file = raw::file_groups(&path("file"), group, ours.bytes as usize, RAW_SPAN)?;
    Ok(Round { ours, waiters, sled, file })
}

/// Has orders executed to their end.
pub(super) fn executed(plan: &Plan, site: &Site) -> anyhow::Result<Executed> {
    let daemon = site.start()?;
    let mut crowd = Crowd::connect(daemon.address, CLIENTS)?;
    let (cpu, written, began) = (daemon.cpu()?, daemon.written()?, clock::now());
    let mut ids = Vec::new();
    crowd.run(Asking::new(&[hand_in()], Until::Asked(plan.orders)), |response| {
        ids.push(accepted(response)?);
        Ok(())
    })?;
    until_over(daemon.address)?;
    let took = clock::now() - began;
    let (cpu, written) = (daemon.cpu()? - cpu, daemon.written()? - written);
    check_executed(daemon.address, &ids)?;
    let orders = ids.len() as f64;
    Ok(Executed {
        per_second: orders / (took as f64 / 1e9),
        cpu_us: cpu as f64 / 1e3 / orders,
        bytes: written as f64 / orders,
    })
}
