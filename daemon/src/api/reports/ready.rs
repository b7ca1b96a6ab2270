//! How far the start has come, and which accounts can sign.

use crate::{
    api::ApiState,
    engine::{Phase, Readiness, Standing},
    order::Lane,
};
use orderd_sdk::wire::{LaneReport, Ready, RecoveryReport};

/// As of now.
pub(in crate::api) fn ready(state: &ApiState) -> Ready {
    let Readiness { recovery, lanes } = state.desk.readiness();
    let complete = recovery.waits_for.is_empty();
    let phase = match state.desk.phase() {
        Phase::Draining => "draining",
        Phase::Running if complete => "running",
        Phase::Running => "recovering",
    };
    Ready {
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
    }
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
