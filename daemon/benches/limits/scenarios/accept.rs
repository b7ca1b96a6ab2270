//! Orders that are handed in: how many in a second are on stable storage and answered.

use super::{
    kept,
    orders::{ORDER, accepted, hand_in},
    requests::{Questions, Round, bare_round, load_rows, round, row},
};
use crate::{
    load::post,
    plan::Plan,
    report::{Row, Target},
    server::{Site, World},
};

/// What is asked of so many clients together, against the reference.
const TARGETS: [f64; 2] = [0.15, 0.25];

pub(super) fn run(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (clients, least) in plan.askers.into_iter().zip(TARGETS) {
        let (mut bare, mut ours, mut stuck) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..plan.rounds {
            let requests = &[post("/", ORDER)];
            bare.push(bare_round(plan, Questions { clients, requests }, ORDER.len())?);
            ours.push(asked(plan, &Site::new(World::Instant)?, clients)?);
            stuck.push(asked(plan, &Site::new(World::Stuck)?, clients)?);
        }
        rows.extend(rows_of(clients, least, &ours, &stuck, &bare));
    }
    rows.push(kept::row(plan, "accept", plan.askers[0])?);
    Ok(rows)
}

/// Has so many clients hand orders in.
pub(super) fn asked(plan: &Plan, site: &Site, clients: usize) -> anyhow::Result<Round> {
    let daemon = site.start()?;
    let requests = &[hand_in()];
    round(
        plan,
        daemon.address,
        || daemon.cpu(),
        Questions { clients, requests },
        |response| accepted(response).map(drop),
    )
}

fn rows_of(clients: usize, least: f64, ours: &[Round], stuck: &[Round], bare: &[Round]) -> Vec<Row> {
    let row = |what: &str, unit, rounds, measure, target| {
        row(&format!("accept: {what}, {clients} clients"), unit, measure, (rounds, bare), target)
    };
    let ours = [
        row("orders in a second", "1/s", ours, |round| round.per_second, Target::RatioAtLeast(least)),
        row("p50", "ms", ours, |round| round.p50_ms, Target::Told),
        row("p99", "ms", ours, |round| round.p99_ms, Target::Told),
        row(
            "server's CPU per order, what it executes meanwhile too",
            "µs",
            ours,
            |round| round.server_us,
            Target::Told,
        ),
        row(
            "orders in a second while none is executed",
            "1/s",
            stuck,
            |round| round.per_second,
            Target::Told,
        ),
        row("server's CPU per order then", "µs", stuck, |round| round.server_us, Target::Told),
    ];
    ours.into_iter().chain(load_rows(&format!("POST, {clients} clients"), bare)).collect()
}
