//! One event to many clients, and many events to many clients.

use super::session::{OURS, Session, Way};
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
    /// What the events cost that came one by one.
    single: Cost,
    /// The same when they came in bursts.
    burst: Cost,
    /// Messages that all clients together receive then.
    per_second: f64,
    /// Messages that come with one read.
    per_read: f64,
}

/// Processor time per message, in microseconds.
struct Cost {
    server: f64,
    load: f64,
}

pub(super) fn run(plan: &Plan, clients: usize) -> anyhow::Result<Vec<Row>> {
    let (mut bare, mut ours) = (Vec::new(), OURS.map(|_| Vec::new()));
    for _ in 0..plan.rounds {
        bare.push(round(plan, Way::Bare, clients)?);
        for (way, ours) in OURS.iter().zip(&mut ours) {
            ours.push(round(plan, *way, clients)?);
        }
    }
    let mut rows: Vec<_> =
        OURS.iter().zip(&ours).flat_map(|(way, ours)| rows(*way, clients, ours, &bare)).collect();
    rows.extend(load_rows(clients, &bare));
    Ok(rows)
}

fn round(plan: &Plan, way: Way, clients: usize) -> anyhow::Result<Round> {
    let mut session = Session::of(way, clients)?;
    session.pulse()?;
    let (last, single) = measure(&mut session, |session| {
        let pulse = |_| session.pulse().map(|arrivals| arrivals.last().copied().unwrap_or_default());
        (0..plan.paced).map(pulse).collect::<Result<Vec<_>, _>>()
    })?;
    let (events, reads) = (session.fleet.tally.events, session.fleet.tally.reads);
    let (took, burst) = measure(&mut session, |session| {
        (0..plan.bursts).map(|_| session.burst(plan.burst)).sum::<Result<Nanos, _>>()
    })?;
    let tally = &session.fleet.tally;
    let messages = (tally.events - events) as f64;
    let last: Vec<_> = last.into_iter().map(|last| last as f64 / 1e6).collect();
    Ok(Round {
        last_ms: percentile(&last, 50),
        single,
        burst,
        per_second: messages / (took as f64 / 1e9),
        per_read: messages / (tally.reads - reads) as f64,
    })
}

/// What is done, and what it costs per message that comes meanwhile.
fn measure<T>(
    session: &mut Session,
    act: impl FnOnce(&mut Session) -> anyhow::Result<T>,
) -> anyhow::Result<(T, Cost)> {
    let (server, load, events) = (session.server.cpu()?, own_cpu()?, session.fleet.tally.events);
    let done = act(session)?;
    let messages = (session.fleet.tally.events - events) as f64;
    let per_message = |nanos: Nanos| nanos as f64 / 1e3 / messages;
    let cost =
        Cost { server: per_message(session.server.cpu()? - server), load: per_message(own_cpu()? - load) };
    Ok((done, cost))
}

fn rows(way: Way, clients: usize, ours: &[Round], bare: &[Round]) -> [Row; 5] {
    let row = |what: &str, unit, measure: fn(&Round) -> f64, target| {
        let of = |rounds: &[Round]| Figure::of(rounds.iter().map(measure).collect());
        let what = format!("{}: {what}, {clients} clients", way.name());
        Row::new(what, unit, of(ours), Some(of(bare)), target)
    };
    [
        row("event to the last client", "ms", |round| round.last_ms, Target::RatioAtMost(1.3)),
        row("messages received in bursts", "1/s", |round| round.per_second, Target::RatioAtLeast(0.7)),
        row("messages per read in bursts", "", |round| round.per_read, Target::Told),
        row("server's CPU per message, one by one", "µs", |round| round.single.server, Target::Told),
        row("server's CPU per message in bursts", "µs", |round| round.burst.server, Target::Told),
    ]
}

/// The load must not be what limits: it has to cost less than the barest server.
fn load_rows(clients: usize, bare: &[Round]) -> [Row; 2] {
    let row = |what: &str, of: fn(&Round) -> &Cost| {
        let figure =
            |measure: fn(&Cost) -> f64| Figure::of(bare.iter().map(|round| measure(of(round))).collect());
        let (load, server) = (figure(|cost| cost.load), figure(|cost| cost.server));
        let what = format!("load's CPU per message {what}, against bare's, {clients} clients");
        Row::new(what, "µs", load, Some(server), Target::RatioAtMost(1.0))
    };
    [row("one by one", |round| &round.single), row("in bursts", |round| &round.burst)]
}
