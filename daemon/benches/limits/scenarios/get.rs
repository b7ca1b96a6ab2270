//! Looking orders up: those under way, and those that are over.

use super::{
    orders::{accepted, check_executed, found, hand_in, look_ups, until_over, until_submitted},
    requests::{Asked, Round, bare_round, load_row, round, row},
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
        // As many as the chain has at once.
        Case { name: "orders under way", world: World::Stuck, orders: CLIENTS },
        Case { name: "orders that are over", world: World::Instant, orders: plan.orders },
    ];
    let mut rows = Vec::new();
    for case in cases {
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..plan.rounds {
            let (round, body) = our_round(plan, &case)?;
            let requests = &[get(&format!("/{body}"))];
            bare.push(bare_round(plan, Asked { clients: CLIENTS, requests }, body)?);
            ours.push(round);
        }
        rows.extend(rows_of(case.name, &ours, &bare));
    }
    Ok(rows)
}

/// What it has shown, and how many bytes an answer has.
fn our_round(plan: &Plan, case: &Case) -> anyhow::Result<(Round, usize)> {
    let site = Site::new(case.world)?;
    let daemon = site.start()?;
    let requests = look_ups(&prepare(&daemon, case)?);
    let body = Crowd::connect(daemon.address, 1)?.fetch(requests.first().context("an order")?.clone())?.len();
    let asked = Asked { clients: CLIENTS, requests: &requests };
    let round = round(plan, daemon.address, || daemon.cpu(), asked, |response| found(response).map(drop))?;
    Ok((round, body))
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
    vec![
        row("answers in a second", "1/s", |round| round.per_second, Target::RatioAtLeast(0.7)),
        row("p50", "ms", |round| round.p50_ms, Target::Told),
        row("p99", "ms", |round| round.p99_ms, Target::Told),
        row("server's CPU per answer", "µs", |round| round.server_us, Target::Told),
        load_row(&format!("GET, {name}, {CLIENTS} clients"), bare),
    ]
}
