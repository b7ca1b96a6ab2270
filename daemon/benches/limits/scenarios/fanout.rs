//! One event to many clients, and many events to many clients.

use super::session::{Session, Way};
use crate::{
    clock::Nanos,
    plan::Plan,
    report::{Figure, Row, Target, percentile},
    server::own_cpu,
};

/// What one round with one server has shown.
struct Round {
    /// From publishing an event until the last client has it: the median.
    last_ms: f64,
    /// Processor time of the server per message, when events come one by one.
    single_us: f64,
    /// Messages that all clients together receive, when events come in bursts.
    per_second: f64,
    /// The same per message, of the server and of the load, and how many messages came with one read.
    burst_us: f64,
    load_us: f64,
    per_read: f64,
}

pub(super) fn run(plan: &Plan, clients: usize) -> anyhow::Result<Vec<Row>> {
    let (mut order, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        order.push(round(plan, Way::Order, clients)?);
        bare.push(round(plan, Way::Bare, clients)?);
    }
    Ok(rows("order", clients, &order, &bare))
}

fn round(plan: &Plan, way: Way, clients: usize) -> anyhow::Result<Round> {
    let mut session = Session::of(way, clients)?;
    session.pulse()?;
    let (last_ms, single_us) = paced(&mut session, plan.paced)?;

    let (server, load) = (session.server.cpu()?, own_cpu()?);
    let (events, reads) = (session.fleet.tally.events, session.fleet.tally.reads);
    let mut took: Nanos = 0;
    for _ in 0..plan.bursts {
        took += session.burst(plan.burst)?;
    }
    let tally = &session.fleet.tally;
    let messages = (tally.events - events) as f64;
    Ok(Round {
        last_ms,
        single_us,
        per_second: messages / (took as f64 / 1e9),
        burst_us: (session.server.cpu()? - server) as f64 / 1e3 / messages,
        load_us: (own_cpu()? - load) as f64 / 1e3 / messages,
        per_read: messages / (tally.reads - reads) as f64,
    })
}

/// The median of the times to the last client in milliseconds, and the server's microseconds per message.
fn paced(session: &mut Session, events: usize) -> anyhow::Result<(f64, f64)> {
    let before = session.server.cpu()?;
    let mut last = Vec::new();
    for _ in 0..events {
        let arrivals = session.pulse()?;
        last.push(arrivals.last().copied().unwrap_or_default() as f64 / 1e6);
    }
    let messages = (events * session.readers) as f64;
    let cpu = (session.server.cpu()? - before) as f64 / 1e3 / messages;
    Ok((percentile(&last, 50), cpu))
}

fn rows(path: &str, clients: usize, ours: &[Round], bare: &[Round]) -> Vec<Row> {
    let row = |what: &str, unit, measure: fn(&Round) -> f64, target| {
        let of = |rounds: &[Round]| Figure::of(rounds.iter().map(measure).collect());
        Row::new(format!("{path}: {what}, {clients} clients"), unit, of(ours), Some(of(bare)), target)
    };
    vec![
        row("event to the last client", "ms", |round| round.last_ms, Target::RatioAtMost(1.3)),
        row("messages received", "1/s", |round| round.per_second, Target::RatioAtLeast(0.7)),
        row("messages per read", "", |round| round.per_read, Target::Told),
        row("server's CPU per message, one by one", "µs", |round| round.single_us, Target::Told),
        row("server's CPU per message, in bursts", "µs", |round| round.burst_us, Target::Told),
        row("load's CPU per message, in bursts", "µs", |round| round.load_us, Target::Told),
    ]
}
