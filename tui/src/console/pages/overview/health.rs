//! How the daemon is.

use crate::console::{
    model::Told,
    pages::Scene,
    theme::Role,
    widgets::text::{self, count, span},
};
use orderd_sdk::{
    client::Phase,
    wire::{OrderStatus, Status},
};
use ratatui::text::Line;

/// Columns of the names of facts.
const NAME: usize = 9;

/// A fact, and what it means.
type Fact = (String, Role);

/// The facts, those that matter most first.
pub(super) fn rows(scene: &Scene<'_>, columns: usize) -> Vec<Line<'static>> {
    let (told, status) = (scene.told, scene.told.status.as_deref());
    let nothing = || (scene.theme.glyphs().nothing.to_owned(), Role::Dim);
    let facts = [
        ("daemon", status.map(|status| daemon(status, scene))),
        ("queue", queue(scene)),
        ("workers", workers(told)),
        ("oldest", oldest(scene)),
        ("trouble", trouble(told)),
        ("lanes", status.map(lanes)),
        ("store", status.and_then(|status| status.store_bytes).map(|bytes| (size(bytes), Role::Text))),
        ("recovery", status.map(recovery)),
        ("clients", status.map(|status| (clients(status), Role::Text))),
    ];
    let row = |(name, fact): (&'static str, Option<Fact>)| {
        let (fact, role) = fact.unwrap_or_else(nothing);
        let room = columns.saturating_sub(NAME + 1);
        let fact = text::fit(&fact, room, scene.theme.glyphs().ellipsis);
        Line::from(vec![
            scene.theme.paint(Role::Dim, format!(" {name:NAME$}")),
            scene.theme.paint(role, fact),
        ])
    };
    facts.into_iter().map(row).collect()
}

fn daemon(status: &Status, scene: &Scene<'_>) -> Fact {
    let is_live = scene.told.link.as_ref().is_some_and(|link| link.phase == Phase::Live);
    // How long it has been up is known only as long as it is heard.
    let up = match is_live {
        true => format!("up {}", span(scene.now.millis_since(status.started_at))),
        false => "not heard now".to_owned(),
    };
    let role = match (is_live, status.phase.as_str()) {
        (true, "running") => Role::Good,
        _ => Role::Warn,
    };
    (format!("{} {} {up}, v{}", scene.theme.glyphs().dot, status.phase, status.version), role)
}

fn queue(scene: &Scene<'_>) -> Option<Fact> {
    let open = scene.told.open()?;
    Some(match scene.told.paused() {
        None => (format!("running, {} open", count(open)), Role::Good),
        Some(pause) => {
            let since = span(scene.now.millis_since(pause.since));
            (format!("PAUSED {since} by {}, {} open", pause.by, count(open)), Role::Warn)
        }
    })
}

/// Older daemons do not say who works.
fn workers(told: &Told) -> Option<Fact> {
    let workers = told.queue.as_ref()?.workers;
    let role = if workers.busy >= workers.max { Role::Warn } else { Role::Text };
    (workers.max > 0).then(|| (format!("{} of {} busy", workers.busy, workers.max), role))
}

fn oldest(scene: &Scene<'_>) -> Option<Fact> {
    let queue = scene.told.queue.as_ref()?;
    Some(match &queue.oldest {
        None => ("nothing waits".to_owned(), Role::Text),
        Some(oldest) => {
            let age = span(scene.now.millis_since(oldest.since));
            (format!("{age}, {} is {}", text::short_id(&oldest.order_id), oldest.status), Role::Text)
        }
    })
}

fn trouble(told: &Told) -> Option<Fact> {
    let (unknown, failed) = (told.depth(OrderStatus::Unknown)?, told.feed.seen().failed());
    let role = match (unknown, failed) {
        (0, 0) => Role::Good,
        (0, _) => Role::Text,
        (_, _) => Role::Bad,
    };
    Some((format!("{} unknown, {} failed", count(unknown), count(failed)), role))
}

fn lanes(status: &Status) -> Fact {
    let stuck: Vec<_> = status.lanes.iter().filter(|lane| lane.standing != "open").collect();
    let open = status.lanes.len() - stuck.len();
    match stuck.first() {
        None => (format!("all {open} can sign"), Role::Good),
        Some(lane) => {
            let named = format!("{}/{} {}", lane.chain, lane.account, lane.standing);
            (format!("{open} of {} sign, {named}", status.lanes.len()), Role::Bad)
        }
    }
}

fn recovery(status: &Status) -> Fact {
    let recovery = &status.recovery;
    let (orders, took) = (count(recovery.orders), span(recovery.took_ms));
    match recovery.complete {
        true => (format!("{orders} orders in {took}"), Role::Text),
        false => (format!("waits for {} for {took}", recovery.waits_for.join(", ")), Role::Warn),
    }
}

fn clients(status: &Status) -> String {
    format!("{} connected", count(status.websocket.total_clients))
}

/// Bytes in the largest unit that leaves a whole number of them.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let power = (bytes.ilog2() / 10).min(4);
    let tenths = (u128::from(bytes) * 10) >> (10 * power);
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[power as usize - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_in_their_unit() {
        for (bytes, told) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_536, "1.5 KiB"),
            (19_084_083, "18.1 MiB"),
            (u64::MAX, "16777215.9 TiB"),
        ] {
            assert_eq!(size(bytes), told);
        }
    }
}
