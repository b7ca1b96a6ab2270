//! Signed bytes.

use super::{
    actor::{Actor, each},
    state::offline,
};
use crate::{
    plugin::Payload,
    testkit::{
        Bench,
        report::{Checked, Stop, ensure},
    },
};
use serde_json::json;
use std::collections::BTreeSet;

pub(in crate::testkit::checks) fn prepare(bench: &Bench) -> Checked {
    each(bench, |actor| {
        let (payload, next) = (actor.payload()?, actor.lane()?.latest);
        let first = actor.sign(next, &payload)?;
        let again = actor.sign(next, &payload)?;
        ensure(
            !first.raw.0.is_empty() && !first.hash.is_empty(),
            || format!("{} bytes with the hash {:?}", first.raw.0.len(), first.hash),
            "signed bytes, and the name by which the chain will know them",
            "prepare",
        )?;
        ensure(
            first == again,
            || format!("hash {} at first, {} for the same transaction", first.hash, again.hash),
            "the same bytes and the same hash: it follows from the bytes alone",
            "prepare: counters, time or chance in the bytes; a hash of something else than the bytes",
        )?;
        let others: Vec<_> = (1..4).map(|more| actor.sign(next + more, &payload)).collect::<Checked<_>>()?;
        let hashes: BTreeSet<_> = others.iter().chain([&first]).map(|signed| &signed.hash).collect();
        ensure(
            hashes.len() == 4,
            || format!("4 sequences have {} hashes", hashes.len()),
            "another hash for each sequence",
            "prepare: the sequence has to be in the signed bytes, and the hash be of those",
        )?;
        ensure(
            actor.lane()?.latest == next,
            || {
                format!(
                    "sequence {next} was signed, and now the lane is at {}",
                    actor.lane().map_or(0, |lane| lane.latest)
                )
            },
            "signing consumes nothing",
            "prepare: it sends nothing, and keeps nothing",
        )
    })
}

pub(in crate::testkit::checks) fn prepare_offline(bench: &Bench) -> Checked {
    each(bench, |actor| {
        let (payload, next) = (actor.payload()?, actor.lane()?.latest);
        actor.core().ledger.take_asked();
        let signed = actor.sign(next, &payload)?;
        offline(actor, "prepare")?;
        actor.cancel(next, vec![signed.raw])?;
        offline(actor, "cancel")?;
        foreign_payloads(actor, next)
    })
}

/// What no venue of this chain would build is not signed.
fn foreign_payloads(actor: &Actor<'_>, sequence: u64) -> Checked {
    for payload in [json!(null), json!(7), json!("payload"), json!([])].map(Payload::from) {
        match actor.sign(sequence, &payload) {
            Err(Stop::Failed(finding)) if finding.seen.contains("Panic") => {
                return Err(Stop::Failed(finding));
            }
            Err(_) => {}
            Ok(signed) => {
                return Err(Stop::failed(
                    format!("prepare signed the payload {payload}: {}", signed.hash),
                    "an error: it is no transaction of this chain",
                    "prepare: how it reads its payload",
                ));
            }
        }
    }
    Ok(())
}
