//! What is measured. A scenario is a name and a function that gives rows; it stands in [`ALL`].

mod fanout;
mod memory;
mod plugin;
mod reconnect;
mod session;
mod stalled;

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
];
