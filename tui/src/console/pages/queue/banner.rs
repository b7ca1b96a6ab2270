//! Whether the queue runs; if not, since when, by whom and why; and who works.

use super::view::{line, untold};
use crate::console::{
    pages::Scene,
    theme::Role,
    widgets::{
        bar,
        text::{self, clock, count, span},
    },
};
use orderd_sdk::wire::{Pause, Queue};
use ratatui::text::Line;

/// Columns of the bar of workers.
const WORKERS: usize = 10;

/// Two rows.
pub(super) fn rows(scene: &Scene<'_>, columns: usize) -> Vec<Line<'static>> {
    let Some(queue) = scene.told.queue.as_deref() else { return untold(scene) };
    let (words, role) = match &queue.paused {
        None => running(scene),
        Some(pause) => (paused(pause, scene), Role::Warn),
    };
    vec![line(&words, role, columns, scene), line(&load(queue, scene), Role::Text, columns, scene)]
}

/// A daemon that recovers or is about to end begins nothing either.
fn running(scene: &Scene<'_>) -> (String, Role) {
    let dot = scene.theme.glyphs().dot;
    match scene.told.status.as_deref().map(|status| status.phase.as_str()) {
        None | Some("running") => (format!("{dot} RUNNING"), Role::Good),
        Some(phase) => (format!("{dot} {}", phase.to_uppercase()), Role::Warn),
    }
}

fn paused(pause: &Pause, scene: &Scene<'_>) -> String {
    let (age, since) = (span(scene.now.millis_since(pause.since)), clock(pause.since));
    let why = pause.reason.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    format!("{} PAUSED for {age}, since {since}Z by {}{why}", scene.theme.glyphs().alert, pause.by)
}

fn load(queue: &Queue, scene: &Scene<'_>) -> String {
    let glyphs = scene.theme.glyphs();
    let workers = match queue.workers.max {
        // Older daemons do not say.
        0 => format!("workers {}", glyphs.nothing),
        max => {
            let eighths = bar::linear(queue.workers.busy, max, WORKERS);
            format!("workers {} of {max} {}", queue.workers.busy, bar::bar(eighths, WORKERS, glyphs))
        }
    };
    let oldest = match &queue.oldest {
        None => "nothing waits".to_owned(),
        Some(oldest) => {
            let (id, age) = (text::short_id(&oldest.order_id), span(scene.now.millis_since(oldest.since)));
            format!("longest waits {id}, {} for {age}", oldest.status)
        }
    };
    let open = count(queue.depth.values().sum());
    format!("{} {s} {open} open {s} {oldest}", workers.trim_end(), s = glyphs.separator)
}
