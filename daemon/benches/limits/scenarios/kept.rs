//! The daemon is killed while orders are handed in. Every order that it has answered has to be there afterwards.

use super::orders::{LOOKERS, accepted, check_executed, hand_in, look_ups, until_over};
use crate::{
    clock,
    load::{Asking, Crowd, Until},
    plan::Plan,
    report::{Figure, Row, Target},
    server::{Site, World},
};
use anyhow::ensure;
use std::{net::SocketAddr, time::Duration};

/// Beyond the kill.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many are not, of all that so many clients were told. Those that are there have to come to their end, too.
pub(super) fn row(plan: &Plan, name: &str, clients: usize) -> anyhow::Result<Row> {
    let site = Site::new(World::Instant)?;
    let ids = until_killed(plan, &site, clients)?;
    if let Err(error) = check(&site, &ids) {
        return Err(
            error.context(format!("all that the daemon has written is kept in {}", site.keep().display()))
        );
    }
    let what = format!("{name}: acknowledged orders missing after kill -9, of {}", ids.len());
    Ok(Row::new(what, "", Figure::of(vec![0.0]), None, Target::AtMost(0.0)))
}

/// Starts the daemon again, and looks for each of these orders: at once, and when all are over.
fn check(site: &Site, ids: &[String]) -> anyhow::Result<()> {
    let daemon = site.start()?;
    let missing = missing(daemon.address, ids)?;
    ensure!(missing == 0, "{missing} of {} acknowledged orders are lost after kill -9", ids.len());
    until_over(daemon.address)?;
    check_executed(daemon.address, ids)
}

/// The ids of all orders that were answered.
fn until_killed(plan: &Plan, site: &Site, clients: usize) -> anyhow::Result<Vec<String>> {
    let mut daemon = site.start()?;
    let mut crowd = Crowd::connect(daemon.address, clients)?;
    let (mut ids, mut kill_at) = (Vec::new(), Some(clock::now() + plan.span_ms * 1_000_000));
    let asked = crowd.run_while_connected(
        Asking::new(&[hand_in()], Until::after(plan.span() + PATIENCE)),
        |response| {
            ids.push(accepted(response)?);
            if kill_at.take_if(|at| *at <= clock::now()).is_some() {
                daemon.kill()?;
            }
            Ok(())
        },
    )?;
    ensure!(asked.lost == clients, "{} of {clients} clients have noticed the kill", asked.lost);
    Ok(ids)
}

fn missing(daemon: SocketAddr, ids: &[String]) -> anyhow::Result<usize> {
    let mut missing = 0;
    Crowd::connect(daemon, LOOKERS)?.run(Asking::each(&look_ups(ids)), |response| {
        missing += usize::from(response.status != 200);
        Ok(())
    })?;
    Ok(missing)
}
