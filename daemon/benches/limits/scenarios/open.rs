//! What an order takes of the memory that is not over, and has all of its life behind it but the end.

use super::orders::{accepted, hand_in, until_confirmed};
use crate::{
    load::{Asking, Crowd, Until},
    plan::Plan,
    report::{Figure, Row, Target},
    server::{Orderd, Site, World},
};

const CLIENTS: usize = 64;
/// Until a block is final: longer than it is measured.
const FINALITY_MS: u64 = 86_400_000;
const KIBIBYTE: f64 = 1024.0;
/// What `docs/storage.md` tells operators to reckon with is 8; the rest is its part in the last events of all.
const MOST_KIB: f64 = 10.0;

pub(super) fn run(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let orders = plan.growth.open;
    let rounds = (0..plan.growth.rounds).map(|_| round(orders)).collect::<Result<Vec<_>, _>>()?;
    let of = |measure: fn(&[f64; 2]) -> f64| Figure::of(rounds.iter().map(measure).collect());
    let row = |what: &str, ours, target| {
        Row::new(format!("open: memory of one of {orders} orders, {what}"), "KiB", ours, None, target)
    };
    Ok(vec![
        row("all in a block that is not final", of(|round| round[0]), Target::AtMost(MOST_KIB)),
        row("after a kill and a start", of(|round| round[1]), Target::AtMost(MOST_KIB)),
    ])
}

fn round(orders: usize) -> anyhow::Result<[f64; 2]> {
    let site = Site::new(World::Instant)?.with("CHAINS__PAPER__CONFIG__FINALITYMS", FINALITY_MS);
    let mut daemon = site.start()?;
    let idle = daemon.memory()?.resident;
    let (requests, asked) = ([hand_in()], Until::Asked(orders));
    Crowd::connect(daemon.address, CLIENTS)?
        .run(Asking::new(&requests, asked), |response| accepted(response).map(drop))?;
    let each = |daemon: &Orderd| {
        until_confirmed(daemon.address, orders)?;
        let grown = daemon.memory()?.resident.saturating_sub(idle);
        anyhow::Ok(grown as f64 / orders as f64 / KIBIBYTE)
    };
    let full = each(&daemon)?;
    daemon.kill()?;
    let daemon = site.start()?;
    Ok([full, each(&daemon)?])
}
