//! What requests cost that clients make at once, each the next when the last one is answered.

use crate::{
    clock::Nanos,
    load::{Asking, Crowd, Response, Until},
    plan::Plan,
    report::{Figure, Row, Target, percentile},
    server::{Child, Kind, Launch, own_cpu},
};
use std::{net::SocketAddr, time::Duration};

/// Before it is measured: connections, caches and queues are as they stay.
pub(super) const WARM_UP: Duration = Duration::from_millis(100);

/// What one round with one server has shown.
pub(super) struct Round {
    pub(super) per_second: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    /// Processor time per request, in microseconds.
    pub(super) server_us: f64,
    pub(super) load_us: f64,
}

/// What is asked, and by how many clients.
#[derive(Clone, Copy)]
pub(super) struct Questions<'a> {
    pub(super) clients: usize,
    pub(super) requests: &'a [Vec<u8>],
}

/// Has a server asked for the time of the plan.
pub(super) fn round(
    plan: &Plan,
    server: SocketAddr,
    cpu: impl Fn() -> anyhow::Result<Nanos>,
    questions: Questions<'_>,
    mut hear: impl FnMut(&Response<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<Round> {
    let mut crowd = Crowd::connect(server, questions.clients)?;
    crowd.run(Asking::new(questions.requests, Until::after(WARM_UP)), &mut hear)?;
    let (server, load) = (cpu()?, own_cpu()?);
    let done = crowd.run(Asking::new(questions.requests, Until::after(plan.span())), &mut hear)?;
    let (server, load) = (cpu()? - server, own_cpu()? - load);
    let answers = done.latencies.len() as f64;
    let each = |nanos: Nanos| nanos as f64 / 1e3 / answers;
    let latencies: Vec<_> = done.latencies.iter().map(|&nanos| nanos as f64 / 1e6).collect();
    Ok(Round {
        per_second: answers / (done.took as f64 / 1e9),
        p50_ms: percentile(&latencies, 50),
        p99_ms: percentile(&latencies, 99),
        server_us: each(server),
        load_us: each(load),
    })
}

/// The same with the bare server, whose answers have so many bytes.
pub(super) fn bare_round(plan: &Plan, questions: Questions<'_>, body: usize) -> anyhow::Result<Round> {
    let server = Child::start(&Launch { kind: Kind::Echo, orders: 0, send_buffer: None })?;
    round(
        plan,
        server.address,
        || server.cpu(),
        questions,
        |response| {
            response.expect(200)?;
            anyhow::ensure!(response.body.len() == body, "{} bytes, not {body}", response.body.len());
            Ok(())
        },
    )
}

/// A figure of ours, and of the reference.
pub(super) fn row(
    what: &str,
    unit: &'static str,
    measure: fn(&Round) -> f64,
    (ours, bare): (&[Round], &[Round]),
    target: Target,
) -> Row {
    let of = |rounds: &[Round]| Figure::of(rounds.iter().map(measure).collect());
    Row::new(what, unit, of(ours), Some(of(bare)), target)
}

/// The load must not be what limits: it has to cost less than the barest server.
pub(super) fn load_rows(what: &str, bare: &[Round]) -> [Row; 2] {
    let of = |measure: fn(&Round) -> f64| Figure::of(bare.iter().map(measure).collect());
    let row = |what, unit, ours, theirs, target| Row::new(what, unit, of(ours), Some(of(theirs)), target);
    [
        row(
            format!("load's CPU per {what}, against bare's"),
            "µs",
            |round| round.load_us,
            |round| round.server_us,
            Target::RatioAtMost(1.0),
        ),
        row(
            format!("load's own ceiling, {what}, against bare's answers"),
            "1/s",
            |round| 1e6 / round.load_us,
            |round| round.per_second,
            Target::Told,
        ),
    ]
}
