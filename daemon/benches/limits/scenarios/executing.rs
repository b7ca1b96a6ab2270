//! What any program is compared by that executes orders: the figures of `complete`, `accept` and `lifecycle`.

use super::{accept, complete, lifecycle};
use crate::{
    plan::Plan,
    server::{Site, World},
};
use std::path::Path;

/// A figure.
pub(crate) struct Measured {
    pub(crate) what: String,
    pub(crate) unit: &'static str,
    pub(crate) value: f64,
}

/// Has a program execute orders, or the one that was built with this.
pub(crate) fn execute(plan: &Plan, program: Option<&Path>) -> anyhow::Result<Vec<Measured>> {
    let site = || {
        let site = Site::new(World::Instant)?;
        anyhow::Ok(program.into_iter().fold(site, Site::running))
    };
    let mut all = Vec::new();
    let mut tell = |what: String, figures: &[(&str, &'static str, f64)]| {
        let figures = figures.iter();
        all.extend(figures.map(|&(name, unit, value)| Measured {
            what: format!("{what}: {name}"),
            unit,
            value,
        }));
    };
    let executed = complete::executed(plan, &site()?)?;
    tell(
        "complete".to_owned(),
        &[
            ("orders in a second", "1/s", executed.per_second),
            ("server's CPU per order", "µs", executed.cpu_us),
            ("written per order", "B", executed.bytes),
        ],
    );
    for clients in plan.askers {
        let asked = accept::asked(plan, &site()?, clients)?;
        tell(
            format!("accept, {clients} clients"),
            &[
                ("orders in a second", "1/s", asked.per_second),
                ("p99", "ms", asked.p99_ms),
                ("server's CPU per order", "µs", asked.server_us),
            ],
        );
    }
    for clients in lifecycle::CLIENTS {
        let lived = lifecycle::lived(plan, &site()?, clients)?;
        tell(
            format!("lifecycle, {clients} clients"),
            &[
                ("p50", "ms", lived.p50_ms),
                ("p99", "ms", lived.p99_ms),
                ("orders in a second", "1/s", lived.per_second),
                ("server's CPU per order", "µs", lived.server_us),
            ],
        );
    }
    Ok(all)
}
