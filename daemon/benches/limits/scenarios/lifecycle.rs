//! Orders that are handed in, each of which its client follows on the order's own WebSocket until it is over.

use super::{
    orders::{accepted, hand_in},
    requests::WARM_UP,
};
use crate::{
    load::{Asking, Lives, Until},
    plan::Plan,
    raw,
    report::{self, Figure, Row, Target, percentile},
    server::{Site, World, own_cpu},
};
use std::time::Duration;

/// What is asked of so many clients together.
struct Case {
    clients: usize,
    p50: Target,
    p99: Target,
    per_second: Target,
}

/// One, and many.
pub(super) const CLIENTS: [usize; 2] = [1, 64];

const CASES: [Case; 2] = [
    Case {
        clients: CLIENTS[0],
        p50: Target::AtMost(2.0),
        p99: Target::AtMost(4.0),
        per_second: Target::Told,
    },
    Case {
        clients: CLIENTS[1],
        p50: Target::AtMost(10.0),
        p99: Target::Told,
        per_second: Target::AtLeast(6_000.0),
    },
];

/// What lives have shown.
pub(super) struct Lived {
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) per_second: f64,
    /// Processor time per order, in microseconds.
    pub(super) server_us: f64,
    load_us: f64,
}

/// What one round has shown.
struct Round {
    lived: Lived,
    /// How long the disk takes to make one short record durable, which a life waits for several times.
    sync_ms: f64,
}

const RECORD_BYTES: usize = 500;
const SYNC_SPAN: Duration = Duration::from_millis(100);

pub(super) fn run(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for case in CASES {
        let rounds = (0..plan.rounds).map(|_| round(plan, case.clients)).collect::<Result<Vec<_>, _>>()?;
        rows.extend(rows_of(&case, &rounds));
    }
    Ok(rows)
}

fn rows_of(case: &Case, rounds: &[Round]) -> [Row; 5] {
    let of = |measure: fn(&Round) -> f64| Figure::of(rounds.iter().map(measure).collect());
    let row = |what: &str, unit, measure, reference: Option<Figure>, target| {
        Row::new(
            format!("lifecycle: {what}, clients: {}", case.clients),
            unit,
            of(measure),
            reference,
            target,
        )
    };
    let sync = of(|round| round.sync_ms);
    [
        row(
            "POST to the end, p50, against one fdatasync",
            "ms",
            |round| round.lived.p50_ms,
            Some(sync),
            case.p50,
        ),
        row("p99", "ms", |round| round.lived.p99_ms, None, case.p99),
        row("orders in a second", "1/s", |round| round.lived.per_second, None, case.per_second),
        row("server's CPU per order", "µs", |round| round.lived.server_us, None, Target::Told),
        row("load's CPU per order", "µs", |round| round.lived.load_us, None, Target::Told),
    ]
}

fn round(plan: &Plan, clients: usize) -> anyhow::Result<Round> {
    let scratch = tempfile::tempdir_in(report::folder())?;
    let sync_ms = 1e3 / raw::file_groups(&scratch.path().join("file"), 1, RECORD_BYTES, SYNC_SPAN)?;
    Ok(Round { lived: lived(plan, &Site::new(World::Instant)?, clients)?, sync_ms })
}

/// Has so many clients follow orders of theirs.
pub(super) fn lived(plan: &Plan, site: &Site, clients: usize) -> anyhow::Result<Lived> {
    let daemon = site.start()?;
    let requests = [hand_in()];
    let mut lives = Lives::connect(daemon.address, clients)?;
    lives.run(Asking::new(&requests, Until::after(WARM_UP)), accepted)?;
    let (server, load) = (daemon.cpu()?, own_cpu()?);
    let lived = lives.run(Asking::new(&requests, Until::after(plan.span())), accepted)?;
    let (server, load) = (daemon.cpu()? - server, own_cpu()? - load);
    let latencies: Vec<_> = lived.latencies.iter().map(|&nanos| nanos as f64 / 1e6).collect();
    let orders = latencies.len() as f64;
    Ok(Lived {
        p50_ms: percentile(&latencies, 50),
        p99_ms: percentile(&latencies, 99),
        per_second: orders / (lived.took as f64 / 1e9),
        server_us: server as f64 / 1e3 / orders,
        load_us: load as f64 / 1e3 / orders,
    })
}
