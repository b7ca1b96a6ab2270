//! Clients of every kind on lines that break, while the daemon is killed, restarted and drained under load: none has a gap
//! that was not announced, and none hears anything twice.
//!
//! `ORDERD_STREAM_SEED` repeats a run, as far as chance goes; `ORDERD_STREAM_ROUNDS` makes it longer.

mod run;

use anyhow::{Context as _, Result};
use orderd_sdk::wire::{Delivery, GapReason, SnapshotOf, Subscribe, Topic};
use orderd_tests::{
    cable::{Habits, Stall},
    checker::Mishap,
    dice::Dice,
    follower::{Absence, Followed, Resume},
};
use run::{Findings, Run};
use serde_json::{Value, json};
use std::time::Duration;

const ORDERS_PER_ROUND: u64 = 96;
/// Rounds in which what a run is meant to bring about has to happen.
const MOST_ROUNDS: u64 = 16;

#[expect(clippy::disallowed_methods, reason = "how long a test runs is no setting of the daemon")]
fn number(name: &str) -> Result<Option<u64>> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty());
    text.map(|text| text.parse().context(name.to_owned())).transpose()
}

fn seed() -> Result<u64> {
    Ok(number("ORDERD_STREAM_SEED")?.unwrap_or_else(Dice::fresh_seed))
}

fn rounds(usual: u64) -> Result<u64> {
    Ok(number("ORDERD_STREAM_ROUNDS")?.unwrap_or(usual))
}

/// A subscription of this name with this filter.
fn wish(id: &str, filter: Value) -> Subscribe {
    let filter = Some(filter).filter(|filter| !filter.is_null());
    Subscribe { filter, ..Subscribe::to(Topic::Orders, id) }
}

fn desk(id: &str, desk: u64) -> Subscribe {
    wish(id, json!({ "label": { "desk": desk.to_string() } }))
}

fn by_cursor(wish: Subscribe) -> Followed {
    Followed::new(wish, Resume::Cursor)
}

/// Clients that want it all, in every way in which it can be wanted.
fn follow_everything(run: &mut Run, url: &str) {
    run.follow_one(url, "firehose", wish("all", Value::Null));
    run.follow_one(
        url,
        "from now on",
        Subscribe { snapshot: Some(SnapshotOf::None), ..wish("all", Value::Null) },
    );
    run.follow_one(url, "in batches", Subscribe { batch_ms: Some(120), ..wish("all", Value::Null) });
    run.follow_one(url, "latest", Subscribe { delivery: Some(Delivery::Latest), ..wish("all", Value::Null) });
    run.follow_one(url, "desk", desk("desk", 1));
    run.follow_one(url, "pair", wish("pair", json!({ "pair": "SOL/USDC", "account": ["side"] })));
    run.follow_one(url, "retries", wish("retries", json!({ "status": ["retry-pending", "failed"] })));
    run.follow_one(url, "venue", wish("venue", json!({ "dex": "paper-beta" })));
    run.follow(url, "poller", vec![by_cursor(wish("all", Value::Null))], Absence::Polls);
    let many = vec![
        by_cursor(desk("zero", 0)),
        by_cursor(Subscribe { batch_ms: Some(50), ..desk("one", 1) }),
        by_cursor(Subscribe { snapshot: Some(SnapshotOf::None), ..desk("two", 2) }),
        by_cursor(wish("routing", json!({ "status": "routing", "label": { "desk": "3" } }))),
    ];
    run.follow(url, "many", many, Absence::None);
    let overlapping = vec![
        by_cursor(wish("all", Value::Null)),
        by_cursor(Subscribe { batch_ms: Some(30), ..desk("two", 2) }),
    ];
    run.follow(url, "overlapping", overlapping, Absence::None);
    run.follow(url, "afresh", vec![Followed::new(wish("all", Value::Null), Resume::Never)], Absence::None);
    run.follow_paths(url, "paths");
}

/// Clients of the orders that are under way now.
fn follow_the_newest(run: &mut Run, url: &str, round: u64) {
    let ids = wish("ids", json!({ "ids": run.newest(40) }));
    for (name, resume) in [("by seq", Resume::Seq), ("by cursor", Resume::Cursor)] {
        let followed = vec![Followed::new(ids.clone(), resume)];
        run.follow(url, &format!("{name} {round}"), followed, Absence::None);
    }
}

#[expect(clippy::print_stdout, reason = "what a run has met is for those who read its output")]
fn tell(name: &str, seed: u64, findings: &Findings) {
    let Findings { truth, cuts, stalls, .. } = findings;
    println!(
        "{name}, seed {seed}: {} orders, {} events; {} heard on {} connections, {} resumed, {cuts} cuts, {stalls} stalls",
        truth.orders(),
        truth.events(),
        findings.sum(|report| report.events),
        findings.sum(|report| report.connections),
        findings.sum(|report| report.recovered),
    );
    for (name, report) in &findings.reports {
        println!("  {name}: {report:?}");
    }
}

async fn cut_killed_and_drained(seed: u64) -> Result<()> {
    let mut run = Run::new(seed, "").await?;
    let cut = run.cable(Habits { cut_within: Some(400_000), ..Habits::default() }).await?;
    follow_everything(&mut run, &cut);
    for round in 0..rounds(4)? {
        run.load(ORDERS_PER_ROUND).await?;
        follow_the_newest(&mut run, &cut, round);
        match round % 4 {
            1 => run.drain().await?,
            _ => run.kill().await?,
        }
        run.load(ORDERS_PER_ROUND / 2).await?;
    }
    let findings = run.finish().await?;
    tell("cut, killed and drained", seed, &findings);
    Ok(())
}

/// Nothing of this is a reason for a gap: what the daemon remembers is enough for all of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_cut_off_and_comes_back_misses_nothing_whatever_the_daemon_goes_through() -> Result<()> {
    let seed = seed()?;
    cut_killed_and_drained(seed).await.with_context(|| format!("ORDERD_STREAM_SEED={seed}"))
}

async fn slow_and_forgotten(seed: u64) -> Result<()> {
    let mishaps = [Mishap::Gap(GapReason::Slow), Mishap::Closed(4308), Mishap::Gap(GapReason::TooOld)];
    let least = rounds(3)?;
    let mut run = Run::new(seed, "history_events = 1024\nbuffer_messages = 96").await?;
    let stall = Stall { every: 60_000, longest: Duration::from_millis(900) };
    let stalling = run.cable(Habits { stall: Some(stall), ..Habits::default() }).await?;
    let stuck = Stall { every: 16_000, longest: Duration::from_millis(1_500) };
    let stuck = run.cable(Habits { stall: Some(stuck), ..Habits::default() }).await?;
    let throttled = run.cable(Habits { throttle: Some(300), ..Habits::default() }).await?;
    let cut = run.cable(Habits { cut_within: Some(200_000), ..Habits::default() }).await?;
    follow_everything(&mut run, &stalling);
    for (name, url) in
        [("stuck", &stuck), ("stuck too", &stuck), ("stuck as well", &stuck), ("throttled", &throttled)]
    {
        run.follow_one(url, name, wish("all", Value::Null));
    }
    run.follow(&cut, "away", vec![by_cursor(wish("all", Value::Null))], Absence::Orders(200));
    for round in 0..least.max(MOST_ROUNDS) {
        run.load(ORDERS_PER_ROUND).await?;
        follow_the_newest(&mut run, &stalling, round);
        run.load(2 * ORDERS_PER_ROUND).await?;
        run.kill().await?;
        // How much a line holds, and how fast orders are executed, is the machine's affair.
        if round + 1 >= least && run.has_met(&mishaps) {
            break;
        }
    }
    let findings = run.finish().await?;
    tell("slow and forgotten", seed, &findings);
    assert!(findings.gaps("slow") > 0, "somebody was too slow");
    assert!(findings.closes(4308) > 0, "somebody was too slow twice");
    assert!(findings.gaps("too-old") > 0, "somebody was away for too long");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_too_slow_or_away_for_too_long_is_told_so() -> Result<()> {
    let seed = seed()?;
    slow_and_forgotten(seed).await.with_context(|| format!("ORDERD_STREAM_SEED={seed}"))
}
