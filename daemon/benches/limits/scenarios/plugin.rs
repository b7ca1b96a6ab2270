//! What a call of a plugin costs, in the daemon's process and in one of the plugin's own, next to a bare socket pair.

use crate::{
    paper::PaperPlugin,
    plan::Plan,
    report::{Figure, Row, Target, percentile},
};
use anyhow::{Context as _, ensure};
use orderd::{
    plugin::{Isolation, ProcessSettings},
    telemetry::spawn,
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::PathBuf,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tokio::{runtime::Builder, task::JoinSet};

/// Calls of each round, one after the other.
const CALLS: usize = 4_000;
/// Quotes that are in flight at once.
const FLIGHT: usize = 10_000;
/// How long each of those takes: longer than it takes to ask for all of them.
const FLIGHT_LATENCY_MS: u64 = 2_000;
/// Restarts of each round.
const RESTARTS: usize = 3;
/// Bytes of a quote's request and of its answer, as far as the bare socket is concerned.
const MESSAGE: usize = 300;

pub(super) fn run(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let rounds = plan.rounds;
    // On the runtime's own threads, as the engine calls.
    runtime.block_on(async move { spawn("bench", measure(rounds)).await })?
}

/// What was measured in each round.
#[derive(Default)]
struct Found {
    bare: Vec<f64>,
    near: Vec<f64>,
    apart: Vec<f64>,
    apart_p99: Vec<f64>,
    flight_near: Vec<f64>,
    flight_apart: Vec<f64>,
    restart: Vec<f64>,
}

async fn measure(rounds: usize) -> anyhow::Result<Vec<Row>> {
    let mut found = Found::default();
    for _ in 0..rounds {
        found.bare.push(percentile(&bare()?, 50));
        found.near.push(percentile(&calls(Isolation::InProcess).await?, 50));
        let apart = calls(process()).await?;
        found.apart.push(percentile(&apart, 50));
        found.apart_p99.push(percentile(&apart, 99));
        found.flight_near.push(flight(Isolation::InProcess).await?);
        found.flight_apart.push(flight(process()).await?);
        found.restart.push(percentile(&restarts().await?, 50));
    }
    let bare = Figure::of(found.bare);
    let row = |what: &str, unit, rounds, reference: Option<&Figure>, target| {
        Row::new(format!("plugin: {what}"), unit, Figure::of(rounds), reference.cloned(), target)
    };
    Ok(vec![
        row("a quote in the daemon's process", "µs", found.near, Some(&bare), Target::AtMost(10.0)),
        row("a quote in a process of its own", "µs", found.apart, Some(&bare), Target::AtMost(60.0)),
        row("p99 of that", "µs", found.apart_p99, None, Target::Told),
        row("10000 quotes in flight, beyond their time", "ms", found.flight_near, None, Target::Told),
        row("the same in a process of its own", "ms", found.flight_apart, None, Target::Told),
        row("killed, until it quotes again", "ms", found.restart, None, Target::AtMost(50.0)),
    ])
}

/// There and back over a socket pair between two threads, in microseconds.
fn bare() -> anyhow::Result<Vec<f64>> {
    let (mut ours, mut theirs) = UnixStream::pair()?;
    let echo = thread::spawn(move || {
        let mut message = [0; MESSAGE];
        while theirs.read_exact(&mut message).is_ok() && theirs.write_all(&message).is_ok() {}
    });
    let mut message = [0; MESSAGE];
    let mut took = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let began = Instant::now();
        ours.write_all(&message)?;
        ours.read_exact(&mut message)?;
        took.push(micros(began));
    }
    drop(ours);
    echo.join().map_err(|_| anyhow::anyhow!("the echo panicked"))?;
    Ok(took)
}

/// Quotes one after the other, in microseconds.
async fn calls(isolation: Isolation) -> anyhow::Result<Vec<f64>> {
    let plugin = PaperPlugin::load(isolation, 0).await?;
    let mut took = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let began = Instant::now();
        plugin.quote().await?;
        took.push(micros(began));
    }
    plugin.end().await.map(|()| took)
}

/// All at once: how much longer than one the last of them takes, in milliseconds.
async fn flight(isolation: Isolation) -> anyhow::Result<f64> {
    let plugin = Arc::new(PaperPlugin::load(isolation, FLIGHT_LATENCY_MS).await?);
    let began = Instant::now();
    let mut quotes = JoinSet::new();
    for _ in 0..FLIGHT {
        let plugin = plugin.clone();
        quotes.spawn(async move { plugin.quote().await });
    }
    while plugin.loaded.in_flight() < FLIGHT {
        tokio::task::yield_now().await;
        ensure!(began.elapsed() < Duration::from_millis(FLIGHT_LATENCY_MS), "not all were in flight at once");
    }
    for quoted in quotes.join_all().await {
        quoted?;
    }
    let beyond = micros(began) / 1_000.0 - FLIGHT_LATENCY_MS as f64;
    plugin.end().await.map(|()| beyond)
}

/// From a kill until the plugin quotes again, in milliseconds.
async fn restarts() -> anyhow::Result<Vec<f64>> {
    let mut took = Vec::with_capacity(RESTARTS);
    for _ in 0..RESTARTS {
        let plugin = PaperPlugin::load(process(), 0).await?;
        plugin.quote().await?;
        let pid = plugin.loaded.process().and_then(|process| process.pid).context("it has a process")?;
        let pid = Pid::from_raw(i32::try_from(pid)?).context("it has an id")?;
        let began = Instant::now();
        kill_process(pid, Signal::KILL)?;
        while plugin.loaded.process().is_some_and(|process| process.restarts == 0)
            || plugin.quote().await.is_err()
        {
            tokio::task::yield_now().await;
        }
        took.push(micros(began) / 1_000.0);
        plugin.end().await?;
    }
    Ok(took)
}

fn micros(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e6
}

fn process() -> Isolation {
    Isolation::Process(ProcessSettings::hosted_by(PathBuf::from(env!("CARGO_BIN_EXE_orderd"))))
}
