//! More orders than the daemon lets be open: it says so, needs no more memory for it, and loses none that it took.

use super::{
    flight::slow_venues,
    orders::{accepted, check_executed, hand_in, until_over},
};
use crate::{
    clock,
    load::{Asking, Crowd, Response, Until},
    plan::Plan,
    report::{Figure, Row, Target},
    server::Orderd,
};
use anyhow::ensure;

const CLIENTS: usize = 64;
/// Orders that may be open.
const OPEN: usize = 2_000;
/// Of the memory that it has when it is full.
const MOST: f64 = 1.2;
const MEBIBYTE: f64 = 1_048_576.0;
/// What it answers when no more orders may be open.
const FULL: &[u8] = br#""code":"queue-full""#;

/// What one round has shown.
struct Round {
    accepted: f64,
    refused: f64,
    full_mib: f64,
    pressed_mib: f64,
}

pub(super) fn run(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let rounds = (0..plan.growth.rounds).map(|_| round(plan)).collect::<Result<Vec<_>, _>>()?;
    let of = |measure: fn(&Round) -> f64| Figure::of(rounds.iter().map(measure).collect());
    let row = |what: &str, unit, ours, reference, target| {
        Row::new(format!("{OPEN} may be open: {what}"), unit, ours, reference, target)
    };
    let (full, pressed) = (of(|round| round.full_mib), of(|round| round.pressed_mib));
    Ok(vec![
        row(
            "accepted in a second, all executed in spite of a kill",
            "1/s",
            of(|round| round.accepted),
            None,
            Target::Told,
        ),
        row("told to come back, in a second", "1/s", of(|round| round.refused), None, Target::Told),
        row(
            "memory in the end, against when it was full",
            "MiB",
            pressed,
            Some(full),
            Target::RatioAtMost(MOST),
        ),
    ])
}

fn round(plan: &Plan) -> anyhow::Result<Round> {
    let site = slow_venues()?.with("ENGINE__MAX_OPEN_ORDERS", OPEN).with("ENGINE__WORKERS", OPEN / 2);
    let mut daemon = site.start()?;
    let mut crowd = Crowd::connect(daemon.address, CLIENTS)?;
    let mut taken = Vec::new();
    // Until everything that remembers a set number of events or orders is full.
    press(&mut crowd, plan, &mut taken)?;
    let full_mib = mebibytes(&daemon)?;
    let (before, began) = (taken.len(), clock::now());
    let refused = press(&mut crowd, plan, &mut taken)?;
    let seconds = (clock::now() - began) as f64 / 1e9;
    let pressed_mib = mebibytes(&daemon)?;
    ensure!(refused > 0, "nothing was refused");
    let accepted = (taken.len() - before) as f64 / seconds;
    daemon.kill()?;
    let daemon = site.start()?;
    until_over(daemon.address)?;
    check_executed(daemon.address, &taken)?;
    Ok(Round { accepted, refused: refused as f64 / seconds, full_mib, pressed_mib })
}

/// Hands in as many as the clients can, and takes the ids of those that were accepted; how many were not.
fn press(crowd: &mut Crowd, plan: &Plan, taken: &mut Vec<String>) -> anyhow::Result<usize> {
    let mut refused = 0;
    let end = clock::now() + plan.growth.press_ms * 1_000_000;
    crowd.run(Asking::new(&[hand_in()], Until::At(end)), |response| {
        match response.status {
            503 => refused += check_refusal(response)?,
            _ => taken.push(accepted(response)?),
        }
        Ok(())
    })?;
    Ok(refused)
}

/// It says why, and when to come back.
fn check_refusal(response: &Response<'_>) -> anyhow::Result<usize> {
    let says_why = response.body.windows(FULL.len()).any(|window| window == FULL);
    let says_when = response.header("retry-after").is_some();
    ensure!(says_why && says_when, "refused with {response:?}");
    Ok(1)
}

fn mebibytes(daemon: &Orderd) -> anyhow::Result<f64> {
    Ok(daemon.memory()?.resident as f64 / MEBIBYTE)
}
