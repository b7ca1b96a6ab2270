//! What is measured. A scenario is a name and a function that gives rows; it stands in [`ALL`].

mod accept;
mod complete;
mod executing;
mod fanout;
mod flight;
mod get;
mod idle;
mod kept;
mod lifecycle;
mod memory;
mod open;
mod orders;
mod plugin;
mod pressure;
mod reconnect;
mod requests;
mod session;
mod stalled;
mod stored;

pub(crate) use executing::{Measured, execute};
pub(crate) use orders::{accepted, hand_in, until_over};

use crate::{plan::Plan, report::Row};

/// Something to measure.
pub(crate) struct Scenario {
    /// Picked by this.
    pub(crate) name: &'static str,
    pub(crate) run: fn(&Plan) -> anyhow::Result<Vec<Row>>,
}

/// Every scenario, in the order of the report.
pub(crate) const ALL: &[Scenario] = &[
    Scenario { name: "fanout-small", run: |plan| fanout::run(plan, plan.small) },
    Scenario { name: "fanout-large", run: |plan| fanout::run(plan, plan.large) },
    Scenario { name: "memory", run: memory::run },
    Scenario { name: "stalled", run: stalled::run },
    Scenario { name: "reconnect", run: reconnect::run },
    Scenario { name: "plugin", run: plugin::run },
    Scenario { name: "accept", run: accept::run },
    Scenario { name: "complete", run: complete::run },
    Scenario { name: "lifecycle", run: lifecycle::run },
    Scenario { name: "get", run: get::run },
    Scenario { name: "idle", run: idle::run },
    Scenario { name: "stored", run: stored::run },
    Scenario { name: "open", run: open::run },
    Scenario { name: "flight", run: flight::run },
    Scenario { name: "pressure", run: pressure::run },
];
