//! Orders in flight while venues take their time: more of them at once are more in a second, until the processor has
//! no more to give.

use super::orders::{accepted, hand_in, look_at_executed, until_over};
use crate::{
    load::{Asking, Crowd, Until},
    plan::Plan,
    report::{Figure, Row, Target},
    server::{Orderd, Site, World, own_cpu},
};
use orderd_sdk::timestamp::Timestamp;
use serde::Deserialize;
use std::thread;

/// Clients that hand them in.
const CLIENTS: usize = 64;
/// Of a quote, and of a build.
const LATENCY_MS: u64 = 200;
/// So many orders are handed in for each that is in flight at once: they never run out before the end.
const TURNS: usize = 3;
/// Of what concurrency or processor allow.
const LEAST: f64 = 0.8;

/// What one round has shown.
struct Round {
    per_second: f64,
    /// What the concurrency allows, going by how long an order takes alone, or the processors, going by what an order
    /// costs: the less of both.
    bound: f64,
    cores: f64,
    order_us: f64,
}

/// When an order was accepted, and when it was over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Life {
    created_at: Timestamp,
    updated_at: Timestamp,
}

pub(super) fn run(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let mut rounds: Vec<Vec<Round>> = plan.growth.flights.iter().map(|_| Vec::new()).collect();
    for _ in 0..plan.growth.rounds {
        for (&workers, rounds) in plan.growth.flights.iter().zip(&mut rounds) {
            rounds.push(round(workers)?);
        }
    }
    Ok(plan
        .growth
        .flights
        .iter()
        .zip(&rounds)
        .flat_map(|(&workers, rounds)| rows_of(workers, rounds))
        .collect())
}

fn rows_of(workers: usize, rounds: &[Round]) -> Vec<Row> {
    let of = |measure: fn(&Round) -> f64| Figure::of(rounds.iter().map(measure).collect());
    let row = |what: &str, unit, ours, bound, target| {
        Row::new(format!("{workers} in flight: {what}"), unit, ours, bound, target)
    };
    let what = "executed in a second, against what that many or the cores allow";
    vec![
        row(
            what,
            "1/s",
            of(|round| round.per_second),
            Some(of(|round| round.bound)),
            Target::RatioAtLeast(LEAST),
        ),
        row("cores that are busy with it", "", of(|round| round.cores), None, Target::Told),
        row("server's CPU per order", "µs", of(|round| round.order_us), None, Target::Told),
    ]
}

/// Where venues take their time for whatever they are asked.
pub(super) fn slow_venues() -> anyhow::Result<Site> {
    let latency = |venue: &str| format!("VENUES__PAPER_{venue}__CONFIG__LATENCYMS");
    let site = Site::new(World::Instant)?;
    Ok(site.with(&latency("ALPHA"), LATENCY_MS).with(&latency("BETA"), LATENCY_MS))
}

fn round(workers: usize) -> anyhow::Result<Round> {
    // So that it is the workers who bound it, not what an account may have signed.
    let site = slow_venues()?.with("ENGINE__WORKERS", workers).with("CHAINS__PAPER__MAX_PENDING", 1024);
    let daemon = site.start()?;
    let alone = lives(&daemon, &execute(&daemon, 1)?)?;
    let (cpu, load) = (daemon.cpu()?, own_cpu()?);
    let ids = execute(&daemon, workers * TURNS)?;
    let (cpu, load, orders) = (daemon.cpu()? - cpu, own_cpu()? - load, ids.len() as f64);
    let lives = lives(&daemon, &ids)?;
    let took = |life: &Life| life.updated_at.millis_since(life.created_at) as f64 / 1e3;
    let most = workers as f64 / alone.iter().map(took).sum::<f64>();
    let each = (cpu + load) as f64 / 1e9 / orders;
    let cores = thread::available_parallelism()?.get() as f64;
    let per_second = steady_rate(lives.iter().map(|life| life.updated_at).collect(), workers);
    Ok(Round {
        per_second,
        bound: most.min(cores / each),
        cores: per_second * each,
        order_us: cpu as f64 / 1e3 / orders,
    })
}

/// Executes so many.
fn execute(daemon: &Orderd, orders: usize) -> anyhow::Result<Vec<String>> {
    let (requests, mut ids) = ([hand_in()], Vec::with_capacity(orders));
    let asking = Asking::new(&requests, Until::Asked(orders));
    Crowd::connect(daemon.address, CLIENTS)?.run(asking, |response| {
        ids.push(accepted(response)?);
        Ok(())
    })?;
    until_over(daemon.address)?;
    Ok(ids)
}

fn lives(daemon: &Orderd, ids: &[String]) -> anyhow::Result<Vec<Life>> {
    let mut lives = Vec::with_capacity(ids.len());
    look_at_executed(daemon.address, ids, |response| {
        lives.push(serde_json::from_slice(response.body)?);
        Ok(())
    })?;
    Ok(lives)
}

/// How many are over in a second, while the first of them were over and as many as can be in flight were waiting.
fn steady_rate(mut ends: Vec<Timestamp>, in_flight: usize) -> f64 {
    ends.sort_unstable();
    let (first, last) = (in_flight, ends.len() - in_flight);
    let took = ends[last].millis_since(ends[first]) as f64 / 1e3;
    (last - first) as f64 / took
}
