//! Transactions that are sent.

use super::actor::{Actor, each};
use crate::{
    plugin::{Consumer, ErrorKind, LaneStatus, Prepared, SendOutcome, TxStatus},
    testkit::{
        Bench,
        report::{Checked, Stop, ensure},
    },
};
use std::{
    sync::mpsc::sync_channel,
    time::{Duration, Instant},
};

/// How long a transaction may take to be in a block,
const INCLUSION: Duration = Duration::from_secs(15);
/// and to be final there. A chain that takes longer is seen up to its inclusion.
const FINALITY: Duration = Duration::from_secs(5);
/// So far beyond what is consumed, nobody has ever signed.
const FAR: u64 = 1_000_000;
/// How often it is looked up.
const PAUSE: Duration = Duration::from_millis(20);

/// A transaction on its way.
struct Sent {
    transaction: Prepared,
    sequence: u64,
}

fn sent(actor: &Actor<'_>) -> Checked<Sent> {
    let (payload, sequence) = (actor.payload()?, actor.lane()?.latest);
    let transaction = actor.sign(sequence, &payload)?;
    let outcome = actor.send(&transaction)?;
    ensure(
        outcome == SendOutcome::Accepted,
        || format!("the first send ended as {outcome:?}"),
        "accepted",
        "send, and whether the plan's node takes transactions of its account",
    )?;
    Ok(Sent { transaction, sequence })
}

pub(in crate::testkit::checks) fn send_again(bench: &Bench) -> Checked {
    each(bench, |actor| {
        let Sent { transaction, sequence } = sent(actor)?;
        no_second_effect(actor, &transaction)?;
        settled(actor, &transaction)?;
        no_second_effect(actor, &transaction)?;
        let Some(LaneStatus { latest, .. }) = actor.lane()?.numbered() else {
            return Ok(());
        };
        ensure(
            latest == sequence + 1,
            || {
                format!(
                    "one transaction was sent three times, and {} sequences are consumed",
                    latest - sequence.min(latest)
                )
            },
            "one sequence",
            "send: the same bytes are the same transaction, whenever they come",
        )
    })
}

/// Sent again, the bytes are known; nobody may say that nobody has them.
fn no_second_effect(actor: &Actor<'_>, transaction: &Prepared) -> Checked {
    let again = actor.send(transaction)?;
    ensure(
        !matches!(again, SendOutcome::NotSent { .. }),
        || format!("the second send of the same bytes ended as {again:?}"),
        "accepted, or unknown: the first send has reached the chain",
        "send: \"already known\" is accepted; \"nonce too low\" is unknown, it may be these very bytes",
    )
}

pub(in crate::testkit::checks) fn status_forward(bench: &Bench) -> Checked {
    each(bench, |actor| {
        let Sent { transaction, .. } = sent(actor)?;
        let last = settled(actor, &transaction)?;
        ensure(
            matches!(last, TxStatus::Succeeded { .. }),
            || format!("the transaction ended as {last:?}, though estimate had let it pass"),
            "succeeded",
            "status: how it tells success from failure",
        )
    })
}

pub(in crate::testkit::checks) fn consumer(bench: &Bench) -> Checked {
    each(bench, |actor| {
        let Sent { transaction, sequence } = sent(actor)?;
        let last = settled(actor, &transaction)?;
        let Some(ahead) = actor.consumer(sequence + FAR)? else {
            return Err(Stop::skipped("the chain does not tell what consumed a sequence"));
        };
        ensure(
            ahead == Consumer::Open,
            || format!("sequence {} is far ahead, and {ahead:?}", sequence + FAR),
            "open: nothing has consumed it",
            "consumer: the account's sequence, not only the transaction that is found",
        )?;
        let own = actor.consumer(sequence)?;
        let named = matches!(&own, Some(Consumer::Consumed { hash, .. }) if *hash == transaction.hash);
        ensure(
            named || (rank(&last) < FINAL && own == Some(Consumer::Open)),
            || format!("{} is {last:?}, and of its sequence it is said: {own:?}", transaction.hash),
            "consumed by that transaction, once it is final",
            "consumer: by it signed bytes are found to be dead, so it must name what is in the chain",
        )
    })
}

/// Follows a transaction to its end; never may it go back. The newest status.
pub(super) fn settled(actor: &Actor<'_>, transaction: &Prepared) -> Checked<TxStatus> {
    let began = Instant::now();
    let mut last = actor.status(&transaction.hash)?;
    loop {
        let patience = if rank(&last) < INCLUDED { INCLUSION } else { FINALITY };
        if rank(&last) == FINAL || began.elapsed() > patience {
            break;
        }
        pause();
        let now = actor.status(&transaction.hash)?;
        ensure(
            rank(&now) >= rank(&last),
            || format!("{last:?}, then {now:?}"),
            "not-found or pending, then included, then finalized; back only when the chain is reorganised",
            "status: answers of nodes that are not equally far, or a cache",
        )?;
        last = now;
    }
    match rank(&last) >= INCLUDED {
        true => Ok(last),
        false => Err(Stop::failed(
            format!("{} was accepted, and is {last:?} after {} s", transaction.hash, INCLUSION.as_secs()),
            "in a block",
            "whether the hash is the one by which the chain knows the bytes; whether the plan's chain makes blocks",
        )),
    }
}

const INCLUDED: u8 = 2;
const FINAL: u8 = 3;

fn rank(status: &TxStatus) -> u8 {
    match status {
        TxStatus::NotFound | TxStatus::Dead { .. } => 0,
        TxStatus::Pending => 1,
        TxStatus::Succeeded { finalized: false, .. } | TxStatus::Reverted { finalized: false, .. } => {
            INCLUDED
        }
        TxStatus::Succeeded { .. } | TxStatus::Reverted { .. } => FINAL,
    }
}

/// Waits a moment: the chain tells nobody when a block comes.
fn pause() {
    let (_sender, nobody) = sync_channel::<()>(0);
    let _ = nobody.recv_timeout(PAUSE);
}

pub(in crate::testkit::checks) fn replace(bench: &Bench) -> Checked {
    each(bench, |actor| {
        let Some(LaneStatus { latest: sequence, .. }) = actor.lane()?.numbered() else {
            return Err(Stop::skipped("the chain numbers no transactions: none takes the place of another"));
        };
        let payload = actor.payload()?;
        let first = actor.sign(sequence, &payload)?;
        let mut rivals = vec![first];
        bumped(actor, sequence, &mut rivals)?;
        let raws = rivals.iter().map(|rival| rival.raw.clone()).collect();
        rivals.push(actor.cancel(sequence, raws)?);
        let distinct = rivals
            .iter()
            .enumerate()
            .all(|(at, rival)| !rivals[..at].iter().any(|other| other.hash == rival.hash));
        ensure(
            distinct,
            || "a bump or a cancellation has the hash of what it replaces".to_owned(),
            "another transaction with a higher bid",
            "bump and cancel",
        )?;
        for rival in &rivals {
            actor.send(rival)?;
        }
        one_of(actor, &rivals, sequence)
    })
}

/// Adds a bump, where the chain has such a thing.
fn bumped(actor: &Actor<'_>, sequence: u64, rivals: &mut Vec<Prepared>) -> Checked {
    let raws = rivals.iter().map(|rival| rival.raw.clone()).collect();
    match actor.bump(sequence, raws)? {
        Ok(bump) => rivals.push(bump),
        Err(error) if error.kind == ErrorKind::Unsupported => {}
        Err(error) => {
            return Err(Stop::failed(
                format!("bump failed: {error}"),
                "a transaction that outbids the earlier ones, or ORDERD_UNSUPPORTED",
                "bump",
            ));
        }
    }
    Ok(())
}

/// Exactly one of them gets the sequence.
fn one_of(actor: &Actor<'_>, rivals: &[Prepared], sequence: u64) -> Checked {
    let began = Instant::now();
    loop {
        let statuses = rivals.iter().map(|rival| actor.status(&rival.hash)).collect::<Checked<Vec<_>>>()?;
        let included = statuses.iter().filter(|status| rank(status) >= INCLUDED).count();
        let latest = actor.lane()?.latest;
        ensure(
            included <= 1 && latest <= sequence + 1,
            || {
                format!(
                    "{included} of {} transactions at one sequence are in blocks, the lane is at {latest}",
                    rivals.len()
                )
            },
            &format!("one of them, and the lane at {}", sequence + 1),
            "bump and cancel: they sign at the very sequence that they are given",
        )?;
        if included == 1 {
            return Ok(());
        }
        ensure(
            began.elapsed() < INCLUSION,
            || format!("none of {} transactions at one sequence is in a block", rivals.len()),
            "one of them",
            "bump and cancel: their bytes, and their hashes",
        )?;
        pause();
    }
}
