//! One daemon on one store: it starts, has work to do, is killed, starts again, and is stopped.

use crate::{
    clock::{self, Nanos},
    load::{Asking, Crowd, Until, get},
    past::{Lives, Past},
    plan::Plan,
    report::percentile,
    scenarios::orders::{accepted, check_executed, hand_in, look_ups, until_over, until_ready},
    server::{Orderd, Site, World},
};
use std::collections::BTreeMap;

/// Clients that hand in orders, and that look up what is over.
const CLIENTS: usize = 16;
/// Pages of each kind that are read one after the other.
const PAGES: usize = 40;
/// Old orders that are looked up.
const LOOK_UPS: u64 = 4_000;
/// How often it starts on a store that was closed well.
const STARTS: usize = 5;
const MEBIBYTE: f64 = 1_048_576.0;

/// What was seen.
pub(super) struct Visit {
    /// From the start of the process until it is ready, after a good end and after a kill.
    pub(super) ready_s: f64,
    pub(super) ready_killed_s: f64,
    /// Cores that prove the log meanwhile.
    pub(super) audit_cores: f64,
    pub(super) idle_mib: f64,
    pub(super) loaded_mib: f64,
    pub(super) accept_ms: f64,
    pub(super) per_second: f64,
    pub(super) order_us: f64,
    pub(super) get_ms: f64,
    pub(super) get_us: f64,
    pub(super) first_page_ms: f64,
    pub(super) deep_page_ms: f64,
    pub(super) filtered_page_ms: f64,
}

pub(super) fn visit(plan: &Plan, past: &Past) -> anyhow::Result<Visit> {
    let site = Site::at(&past.folder, World::Instant)?;
    let (mut daemon, ready_s) = start_again_and_again(&site)?;
    let idle_mib = daemon.memory()?.resident as f64 / MEBIBYTE;
    let ids = past.lives.some_ids(LOOK_UPS);
    let (began, audited) = (clock::now(), daemon.cpu_of_audit()?);
    let cpu = daemon.cpu_of_work()?;
    let get_ms = p50_ms(&daemon, CLIENTS, &look_ups(&ids))?;
    let get_us = (daemon.cpu_of_work()? - cpu) as f64 / 1e3 / LOOK_UPS as f64;
    let page = |query: &str| {
        let request = get(&format!("/api/orders?limit=50{query}"));
        p50_ms(&daemon, 1, &vec![request; PAGES])
    };
    let first_page_ms = page("")?;
    let deep_page_ms = page(&format!("&cursor={}", past.lives.id(past.lives.count / 10)))?;
    let filtered_page_ms = page("&status=failed")?;
    let Work { accept_ms, per_second, order_us, ids } = work(plan, &daemon)?;
    let audit_cores = daemon.cpu_of_audit()?.saturating_sub(audited) as f64 / (clock::now() - began) as f64;
    let loaded_mib = daemon.memory()?.resident as f64 / MEBIBYTE;
    daemon.kill()?;
    drop(daemon);
    let (daemon, ready_killed_s) = start(&site)?;
    check_executed(daemon.address, &ids)?;
    daemon.stop()?;
    Ok(Visit {
        ready_s,
        ready_killed_s,
        audit_cores,
        idle_mib,
        loaded_mib,
        accept_ms,
        per_second,
        order_us,
        get_ms,
        get_us,
        first_page_ms,
        deep_page_ms,
        filtered_page_ms,
    })
}

/// The median of some starts, each after a good end, and the last daemon.
fn start_again_and_again(site: &Site) -> anyhow::Result<(Orderd, f64)> {
    let mut took = Vec::with_capacity(STARTS);
    for _ in 1..STARTS {
        let (daemon, ready_s) = start(site)?;
        daemon.stop()?;
        took.push(ready_s);
    }
    let (daemon, ready_s) = start(site)?;
    took.push(ready_s);
    Ok((daemon, percentile(&took, 50)))
}

fn start(site: &Site) -> anyhow::Result<(Orderd, f64)> {
    let began = clock::now();
    let daemon = site.start()?;
    until_ready(daemon.address)?;
    Ok((daemon, (clock::now() - began) as f64 / 1e9))
}

fn p50_ms(daemon: &Orderd, clients: usize, requests: &[Vec<u8>]) -> anyhow::Result<f64> {
    let mut crowd = Crowd::connect(daemon.address, clients)?;
    let asked = crowd.run(Asking::each(requests), |response| response.expect(200))?;
    Ok(median_ms(&asked.latencies))
}

fn median_ms(latencies: &[Nanos]) -> f64 {
    let latencies: Vec<_> = latencies.iter().map(|&nanos| nanos as f64 / 1e6).collect();
    percentile(&latencies, 50)
}

/// Orders from being handed in to their end.
struct Work {
    accept_ms: f64,
    per_second: f64,
    order_us: f64,
    ids: Vec<String>,
}

fn work(plan: &Plan, daemon: &Orderd) -> anyhow::Result<Work> {
    let mut crowd = Crowd::connect(daemon.address, CLIENTS)?;
    let (cpu, began, mut ids) = (daemon.cpu_of_work()?, clock::now(), Vec::new());
    let asked = crowd.run(Asking::new(&[hand_in()], Until::Asked(plan.growth.work)), |response| {
        ids.push(accepted(response)?);
        Ok(())
    })?;
    until_over(daemon.address)?;
    let (took, cpu, orders) = (clock::now() - began, daemon.cpu_of_work()? - cpu, ids.len() as f64);
    Ok(Work {
        accept_ms: median_ms(&asked.latencies),
        per_second: orders / (took as f64 / 1e9),
        order_us: cpu as f64 / 1e3 / orders,
        ids,
    })
}

impl Lives {
    /// The ids of so many of them, from everywhere, none twice: what is asked for again is not looked for.
    fn some_ids(self, count: u64) -> Vec<String> {
        let mut numbers = BTreeMap::new();
        for number in 0..count.min(self.count) {
            let anywhere = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            numbers.insert(anywhere, number * self.count / count);
        }
        numbers.values().map(|number| self.id(*number).to_string()).collect()
    }
}
