//! Looking orders up: those under way, and those that are over.

use super::{
    orders::{accepted, check_executed, found, hand_in, look_ups, until_over, until_submitted},
    requests::{Questions, Round, bare_round, load_rows, round, row},
};
use crate::{
    load::{Asking, Crowd, Until, get},
    plan::Plan,
    report::{Row, Target},
    server::{Orderd, Site, World},
};
use anyhow::Context;

const CLIENTS: usize = 64;

/// Which orders are looked up.
struct Case {
    name: &'static str,
    world: World,
    /// How many take turns.
    orders: usize,
}

pub(super) fn run(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let cases = [
        // Fewer than may wait for a block at once: each of them does.
        Case { name: "orders under way", world: World::Stuck, orders: CLIENTS },
        Case { name: "orders that are over", world: World::Instant, orders: plan.orders },
    ];
    let rows = cases.iter().map(|case| measure(plan, case)).collect::<Result<Vec<_>, _>>()?;
    Ok(rows.into_iter().flatten().collect())
}

/// Nothing changes by being looked up: all rounds are with the same daemon.
fn measure(plan: &Plan, case: &Case) -> anyhow::Result<Vec<Row>> {
    let site = Site::new(case.world)?;
    let daemon = site.start()?;
    let requests = look_ups(&prepare(&daemon, case)?);
    let first = requests.first().context("an order")?.clone();
    let body = Crowd::connect(daemon.address, 1)?.fetch(first)?.len();
    let bare_requests = [get(&format!("/{body}"))];
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        bare.push(bare_round(plan, Questions { clients: CLIENTS, requests: &bare_requests }, body)?);
        let questions = Questions { clients: CLIENTS, requests: &requests };
        ours.push(round(
            plan,
            daemon.address,
            || daemon.cpu(),
            questions,
            |response| found(response).map(drop),
        )?);
    }
    Ok(rows_of(case.name, &ours, &bare))
}

fn prepare(daemon: &Orderd, case: &Case) -> anyhow::Result<Vec<String>> {
    let mut ids = Vec::new();
    let requests = [hand_in()];
    let asking = Asking::new(&requests, Until::Asked(case.orders));
    Crowd::connect(daemon.address, CLIENTS)?.run(asking, |response| {
        ids.push(accepted(response)?);
        Ok(())
    })?;
    match case.world {
        World::Stuck => until_submitted(daemon.address, case.orders)?,
        World::Instant => {
            until_over(daemon.address)?;
            check_executed(daemon.address, &ids)?;
        }
    }
    Ok(ids)
}

fn rows_of(name: &str, ours: &[Round], bare: &[Round]) -> Vec<Row> {
    let row = |what: &str, unit, measure, target| {
        row(&format!("get: {what}, {name}, {CLIENTS} clients"), unit, measure, (ours, bare), target)
    };
    let ours = [
        row("answers in a second", "1/s", |round| round.per_second, Target::RatioAtLeast(0.7)),
        row("p50", "ms", |round| round.p50_ms, Target::Told),
        row("p99", "ms", |round| round.p99_ms, Target::Told),
        row("server's CPU per answer", "µs", |round| round.server_us, Target::Told),
    ];
    ours.into_iter().chain(load_rows(&format!("GET, {name}, {CLIENTS} clients"), bare)).collect()
}
