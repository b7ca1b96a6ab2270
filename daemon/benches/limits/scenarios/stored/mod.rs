//! The daemon with few and with many orders that are over: only the disk may tell how many there are.

mod retire;
mod visit;

use crate::{
    growth::Stores,
    past::Past,
    plan::Plan,
    report::{self, Figure, Row, Target},
};
use std::{fs, path::Path};
use visit::{Visit, visit};

/// So many times what it is with the fewest orders.
const MOST: f64 = 1.5;

/// A store, and what each round has shown of it.
struct Seen {
    past: Past,
    visits: Vec<Visit>,
    /// Bytes of the log and of everything else for each order, before the daemon was there.
    disk: (f64, f64),
}

pub(super) fn run(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let below = report::folder().join("stores");
    let mut all =
        plan.growth.stored.iter().map(|&count| look(count, &below)).collect::<Result<Vec<_>, _>>()?;
    for _ in 0..plan.growth.rounds {
        for seen in &mut all {
            seen.visits.push(visit(plan, &seen.past)?);
        }
    }
    let Some((fewest, more)) = all.split_first() else {
        return Ok(Vec::new());
    };
    let mut rows: Vec<_> = more.iter().flat_map(|seen| growth(seen, fewest)).collect();
    rows.extend(
        more.last().map(|most| {
            most.row("ready after a start", "s", |visit| visit.ready_s, None, Target::AtMost(MOST))
        }),
    );
    rows.extend(all.iter().flat_map(room));
    if plan.growth.stores == Stores::Removed {
        if let Some(most) = more.last().filter(|seen| seen.past.lives.count >= retire::LEAST_ORDERS) {
            rows.extend(retire::retire(&most.past)?);
        }
        fs::remove_dir_all(below)?;
    }
    Ok(rows)
}

fn look(count: u64, below: &Path) -> anyhow::Result<Seen> {
    let past = Past::of(count, below)?;
    let (log, rest) = past.bytes()?;
    let each = |bytes: u64| bytes as f64 / count as f64;
    Ok(Seen { disk: (each(log), each(rest)), past, visits: Vec::new() })
}

/// What must not grow.
fn growth(seen: &Seen, fewest: &Seen) -> Vec<Row> {
    type Measure = fn(&Visit) -> f64;
    let most = Target::RatioAtMost(MOST);
    let measures: [(&str, &str, Measure, Target); 10] = [
        ("accepted, p50", "ms", |visit| visit.accept_ms, most),
        ("executed in a second", "1/s", |visit| visit.per_second, Target::RatioAtLeast(0.67)),
        ("server's CPU per order, to its end", "µs", |visit| visit.order_us, most),
        ("GET of an old order, p50", "ms", |visit| visit.get_ms, most),
        ("server's CPU per GET", "µs", |visit| visit.get_us, most),
        ("first page, p50", "ms", |visit| visit.first_page_ms, most),
        ("deep page, p50", "ms", |visit| visit.deep_page_ms, most),
        ("page of one status, p50", "ms", |visit| visit.filtered_page_ms, most),
        ("ready after a start", "s", |visit| visit.ready_s, most),
        ("ready after a kill", "s", |visit| visit.ready_killed_s, most),
    ];
    let row = |(what, unit, measure, target)| seen.row(what, unit, measure, Some(fewest), target);
    measures.into_iter().map(row).collect()
}

/// What grows, or is there from the beginning.
fn room(seen: &Seen) -> Vec<Row> {
    let once = |what: &str, unit, value| {
        let what = format!("stored {}: {what}", seen.past.lives.count);
        Row::new(what, unit, Figure::of(vec![value]), None, Target::Told)
    };
    vec![
        seen.row("cores that prove the log after a start", "", |visit| visit.audit_cores, None, Target::Told),
        seen.row("memory after a start", "MiB", |visit| visit.idle_mib, None, Target::Told),
        seen.row("memory after the work", "MiB", |visit| visit.loaded_mib, None, Target::Told),
        once("log on the disk, per order", "B", seen.disk.0),
        once("index on the disk, per order", "B", seen.disk.1),
    ]
}

impl Seen {
    fn row(
        &self,
        what: &str,
        unit: &'static str,
        measure: fn(&Visit) -> f64,
        reference: Option<&Self>,
        target: Target,
    ) -> Row {
        let of = |seen: &Self| Figure::of(seen.visits.iter().map(measure).collect());
        let what = format!("stored {}: {what}", self.past.lives.count);
        Row::new(what, unit, of(self), reference.map(of), target)
    }
}
