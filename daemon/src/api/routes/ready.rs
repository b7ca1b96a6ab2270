//! `GET /ready`: whether the daemon is fit to be given work, and if not, what it waits for.

use crate::{
    api::{ApiState, reply, reply::Reply},
    engine::{Phase, Readiness, Standing},
    order::Lane,
};
use hyper::StatusCode;
use orderd_sdk::wire::{LaneReport, Ready, RecoveryReport};

/// 200 once every order from before the start has been looked up, 503 before that and while the daemon shuts down.
/// Orders are taken meanwhile; those of a chain that has not spoken are not signed.
pub(in crate::api) fn ready(state: &ApiState) -> Reply {
    let Readiness { recovery, lanes } = state.desk.readiness();
    let complete = recovery.waits_for.is_empty();
    let phase = match state.desk.phase() {
        Phase::Draining => "draining",
        Phase::Running if complete => "running",
        Phase::Running => "recovering",
    };
    let ready = Ready {
        ready: phase == "running",
        phase: phase.to_owned(),
        recovery: RecoveryReport {
            complete,
            orders: recovery.orders as u64,
            signed: recovery.signed.values().map(|count| *count as u64).sum(),
            waits_for: recovery.waits_for.into_iter().collect(),
            took_ms: u64::try_from(recovery.took.as_millis()).unwrap_or(u64::MAX),
        },
        lanes: lanes.into_iter().map(report).collect(),
    };
    let status = if ready.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    reply::json(status, &ready)
}

fn report((Lane { chain, account }, standing): (Lane, Standing)) -> LaneReport {
    let (standing, detail) = match standing {
        Standing::Opening => ("opening", Some("the chain has not said how far the account is".to_owned())),
        Standing::Recovering => {
            ("recovering", Some("what was signed before the start is being looked up".to_owned()))
        }
        Standing::Open => ("open", None),
        Standing::Full { pending } => {
            ("full", Some(format!("{pending} transactions are signed and in no block")))
        }
        Standing::Held { sequence } => (
            "held",
            Some(format!("somebody else uses the account: sequence {sequence} is not accounted for yet")),
        ),
    };
    LaneReport { chain, account, standing: standing.to_owned(), detail }
}
