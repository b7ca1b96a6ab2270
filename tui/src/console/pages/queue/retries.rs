//! Orders that wait for another attempt, those whose turn comes first.

use crate::console::{model::Told, pages::Scene, theme::Role, widgets::text};
use orderd_sdk::wire::{DelayedRetry, OrderStatus};
use ratatui::text::Line;

/// Columns of the countdown.
const COUNTDOWN: usize = 8;

/// The orders, as they are listed.
pub(super) fn orders(told: &Told) -> Vec<String> {
    delayed(told).iter().map(|retry| retry.order_id.clone()).collect()
}

/// How many there are in all, and how many of them are listed.
pub(super) fn title(told: &Told) -> String {
    let listed = delayed(told).len() as u64;
    // Older daemons count them but do not say which.
    let total = told.queue.as_deref().map_or(0, |queue| queue.delayed_total);
    let total = total.max(told.depth(OrderStatus::RetryPending).unwrap_or_default()).max(listed);
    match total {
        0 => "Next retries".to_owned(),
        total if total == listed => format!("Next retries: {}", text::count(total)),
        total => format!("Next retries: {listed} of {}", text::count(total)),
    }
}

/// A row for each.
pub(super) fn rows(scene: &Scene<'_>, columns: usize) -> Vec<Line<'static>> {
    let delayed = delayed(scene.told);
    if delayed.is_empty() {
        return vec![Line::from(scene.theme.paint(Role::Dim, none(scene)))];
    }
    delayed.iter().map(|retry| row(retry, columns, scene)).collect()
}

fn delayed(told: &Told) -> &[DelayedRetry] {
    told.queue.as_deref().map_or(&[], |queue| &queue.delayed)
}

/// What is said when none is listed: that there is none, only where there is none.
fn none(scene: &Scene<'_>) -> String {
    match scene.told.depth(OrderStatus::RetryPending) {
        Some(0) => " none".to_owned(),
        _ => format!(" {}", scene.theme.glyphs().nothing),
    }
}

fn row(retry: &DelayedRetry, columns: usize, scene: &Scene<'_>) -> Line<'static> {
    let (theme, glyphs) = (scene.theme, scene.theme.glyphs());
    let (countdown, role) = match retry.due_at.millis_since(scene.now) {
        // Its turn has come, but all workers are busy, or the queue is paused.
        0 => ("due".to_owned(), Role::Warn),
        millis => (format!("in {}", text::span(millis)), Role::Text),
    };
    let head =
        format!("  {}  try {}/{}  ", text::short_id(&retry.order_id), retry.attempt, retry.max_attempts);
    let code = retry.last_error_code.map(|code| code.to_string());
    let details: Vec<_> = [retry.dex.clone(), code].into_iter().flatten().collect();
    let details = details.join(&format!(" {} ", glyphs.separator));
    let room = columns.saturating_sub(COUNTDOWN + 3 + head.chars().count());
    Line::from(vec![
        theme.paint(role, format!(" {countdown:>width$}", width = COUNTDOWN + 2)),
        theme.paint(Role::Text, head),
        theme.paint(Role::Dim, text::fit(&details, room, glyphs.ellipsis)),
    ])
}
