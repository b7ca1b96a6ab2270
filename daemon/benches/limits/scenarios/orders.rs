//! Orders for the daemon itself: how they are handed in, and what has become of them.

use crate::load::{Asking, Crowd, Response, get, post};
use anyhow::{Context, ensure};
use serde_json::{Map, Value};
use std::{
    collections::HashSet,
    net::SocketAddr,
    time::{Duration, Instant},
};

/// One of them, as it is handed in.
pub(super) const ORDER: &str = r#"{"orderType":"market","tokenIn":"SOL","tokenOut":"USDC","amount":"0.1"}"#;
/// How an answer to it begins, and an answer to a look-up.
const ACCEPTED: &[u8] = br#"{"success":true,"orderId":""#;
const FOUND: &[u8] = br#"{"success":true,"id":""#;
const OVER: &[u8] = br#""status":"finalized""#;
const ID_BYTES: usize = 36;
/// How often the daemon is asked whether any order is not over.
const LOOK: Duration = Duration::from_millis(10);
/// How often it is asked whether it is ready.
const GLANCE: Duration = Duration::from_millis(1);
/// All orders of a round are over by then.
const PATIENCE: Duration = Duration::from_secs(60);
/// Clients that look orders up.
pub(super) const LOOKERS: usize = 64;

/// The request that hands one in.
pub(crate) fn hand_in() -> Vec<u8> {
    post("/api/orders/execute", ORDER)
}

/// The requests that look these up.
pub(super) fn look_ups(ids: &[String]) -> Vec<Vec<u8>> {
    ids.iter().map(|id| get(&format!("/api/orders/status/{id}"))).collect()
}

/// The id of an order that was accepted just now.
pub(crate) fn accepted(response: &Response<'_>) -> anyhow::Result<String> {
    response.expect(202)?;
    id(response, ACCEPTED)
}

/// The id of an order that was looked up.
pub(super) fn found(response: &Response<'_>) -> anyhow::Result<String> {
    response.expect(200)?;
    id(response, FOUND)
}

fn id(response: &Response<'_>, before: &[u8]) -> anyhow::Result<String> {
    let id = response.body.strip_prefix(before).and_then(|rest| rest.get(..ID_BYTES));
    let id = id.with_context(|| format!("no id: {}", String::from_utf8_lossy(response.body)))?;
    Ok(str::from_utf8(id)?.to_owned())
}

/// Waits until the daemon is fit to be given work.
pub(super) fn until_ready(daemon: SocketAddr) -> anyhow::Result<()> {
    let mut watch = Crowd::connect(daemon, 1)?;
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        let mut status = 0;
        watch.run(Asking::each(&[get("/ready")]), |response| {
            status = response.status;
            Ok(())
        })?;
        if status == 200 {
            return Ok(());
        }
        watch.rest(GLANCE)?;
    }
    anyhow::bail!("the daemon is not ready within {PATIENCE:?}")
}

/// Waits until every order is over.
pub(crate) fn until_over(daemon: SocketAddr) -> anyhow::Result<()> {
    until(daemon, Map::is_empty)
}

/// Waits until so many orders wait for a block, and no others are there.
pub(super) fn until_submitted(daemon: SocketAddr, orders: usize) -> anyhow::Result<()> {
    until(daemon, |counts| counts.len() == 1 && counts.get("submitted") == Some(&orders.into()))
}

/// Waits until so many orders are in a block that is not final, and no others are there.
pub(super) fn until_confirmed(daemon: SocketAddr, orders: usize) -> anyhow::Result<()> {
    until(daemon, |counts| counts.len() == 1 && counts.get("confirmed") == Some(&orders.into()))
}

/// Waits until the orders that are not over, counted by their status, are like this.
fn until(daemon: SocketAddr, settled: impl Fn(&Map<String, Value>) -> bool) -> anyhow::Result<()> {
    let mut watch = Crowd::connect(daemon, 1)?;
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        let status: Value = serde_json::from_slice(&watch.fetch(get("/api/status"))?)?;
        if status["orders"].as_object().is_some_and(&settled) {
            return Ok(());
        }
        watch.rest(LOOK)?;
    }
    anyhow::bail!("orders are not done within {PATIENCE:?}")
}

/// Looks each of these up. Each of them has to be there, and to have been executed.
pub(super) fn check_executed(daemon: SocketAddr, ids: &[String]) -> anyhow::Result<()> {
    look_at_executed(daemon, ids, |_| Ok(()))
}

/// The same, and has every answer looked at.
pub(super) fn look_at_executed(
    daemon: SocketAddr,
    ids: &[String],
    mut look: impl FnMut(&Response<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut executed = HashSet::new();
    Crowd::connect(daemon, LOOKERS)?.run(Asking::each(&look_ups(ids)), |response| {
        let id = found(response)?;
        let is_over = response.body.windows(OVER.len()).any(|window| window == OVER);
        ensure!(is_over, "not executed: {}", String::from_utf8_lossy(response.body));
        executed.insert(id);
        look(response)
    })?;
    let all = ids.iter().all(|id| executed.contains(id));
    ensure!(all && executed.len() == ids.len(), "{} of {} orders", executed.len(), ids.len());
    Ok(())
}
