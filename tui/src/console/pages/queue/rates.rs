//! What happened in the last seconds and minutes.

use super::view::{line, untold};
use crate::console::{pages::Scene, theme::Role, widgets::text};
use orderd_sdk::wire::Rate;
use ratatui::text::Line;

/// Columns of a name.
const NAME: usize = 9;

/// What is counted, of a rate.
type Count = fn(&Rate) -> u64;

/// A row for what is counted, a column for each span of time.
pub(super) fn rows(scene: &Scene<'_>, columns: usize) -> Vec<Line<'static>> {
    let Some(queue) = scene.told.queue.as_deref() else { return untold(scene) };
    let counted: [(&str, Count, Role); 4] = [
        ("accepted", |rate| rate.accepted, Role::Text),
        ("confirmed", |rate| rate.confirmed, Role::Good),
        ("failed", |rate| rate.failed, Role::Bad),
        ("retried", |rate| rate.retried, Role::Warn),
    ];
    let head = queue.rates.iter().map(|rate| match rate.seconds {
        seconds if seconds > 60 && seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    });
    let wide = (columns.saturating_sub(NAME + 1) / queue.rates.len().max(1)).clamp(6, 11);
    let mut rows = vec![line(&cells("", head, wide), Role::Title, columns, scene)];
    rows.extend(counted.into_iter().map(|(name, of, role)| {
        let row = cells(name, queue.rates.iter().map(|rate| text::count(of(rate))), wide);
        let is_none = queue.rates.iter().all(|rate| of(rate) == 0);
        line(&row, if is_none { Role::Dim } else { role }, columns, scene)
    }));
    rows
}

fn cells(name: &str, cells: impl Iterator<Item = String>, wide: usize) -> String {
    let cells: String = cells.map(|cell| format!("{cell:>wide$}")).collect();
    format!("{name:NAME$}{cells}")
}
