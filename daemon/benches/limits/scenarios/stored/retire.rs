//! Orders that are kept for an hour, on a store where most are older: the disk has to be free again.

use crate::{
    clock::{self, Nanos},
    load::{Crowd, get},
    past::Past,
    report::{Figure, Row, Target},
    server::{Orderd, Site, World},
};
use std::time::Duration;

/// The log has a least size, next to which a small store says nothing.
pub(super) const LEAST_ORDERS: u64 = 500_000;
/// Of the bytes that were there before; one order of twenty stays.
const MOST: f64 = 0.3;
const LOOK: Duration = Duration::from_millis(100);
const PATIENCE: Nanos = 60_000_000_000;
/// What counts what was removed.
const REMOVED: &str = "orderd_orders_removed_total ";
const MEBIBYTE: f64 = 1_048_576.0;

pub(super) fn retire(past: &Past) -> anyhow::Result<Vec<Row>> {
    let site = Site::at(&past.folder, World::Instant)?
        .with("STORAGE__IDEMPOTENCY_TTL_HOURS", 1)
        .with("STORAGE__RETENTION_HOURS", 1);
    let (before, began) = (mebibytes(past)?, clock::now());
    let daemon = site.start()?;
    let removed = until_removed(&daemon)?;
    let per_second = removed / ((clock::now() - began) as f64 / 1e9);
    daemon.stop()?;
    let row = |what: &str, unit, ours, reference: Option<f64>, target| {
        let what = format!("stored {}: {what}", past.lives.count);
        Row::new(what, unit, Figure::of(vec![ours]), reference.map(|value| Figure::of(vec![value])), target)
    };
    Ok(vec![
        row(
            "disk when all are removed that are older than an hour, against before",
            "MiB",
            mebibytes(past)?,
            Some(before),
            Target::RatioAtMost(MOST),
        ),
        row("removed in a second", "1/s", per_second, None, Target::Told),
    ])
}

fn mebibytes(past: &Past) -> anyhow::Result<f64> {
    let (log, rest) = past.bytes()?;
    Ok((log + rest) as f64 / MEBIBYTE)
}

/// Waits until everything is removed that is due at the start, for as long as one would wait; how many orders that were.
fn until_removed(daemon: &Orderd) -> anyhow::Result<f64> {
    let mut watch = Crowd::connect(daemon.address, 1)?;
    let end = clock::now() + PATIENCE;
    while clock::now() < end {
        let figures = String::from_utf8(watch.fetch(get("/metrics"))?)?;
        let removed = figures.lines().find_map(|line| line.strip_prefix(REMOVED));
        match removed.map(str::parse::<f64>).transpose()? {
            Some(removed) if removed > 0.0 => return Ok(removed),
            Some(_) | None => watch.rest(LOOK)?,
        }
    }
    Ok(0.0)
}
