//! Why attempts failed of late.

use crate::console::{model::Told, pages::Scene, theme::Role, widgets::text};
use orderd_sdk::wire::ErrorCount;
use ratatui::text::Line;

/// Columns of a number.
const COUNT: usize = 5;

/// The reasons, the most frequent first.
pub(super) fn keys(told: &Told) -> Vec<&'static str> {
    counted(told).iter().map(|error| error.code.as_str()).collect()
}

/// A row for each reason, with the venues, those with the most first.
pub(super) fn rows(scene: &Scene<'_>, columns: usize) -> Vec<Line<'static>> {
    let errors = counted(scene.told);
    if errors.is_empty() {
        return vec![none(scene)];
    }
    errors.iter().map(|error| row(error, columns, scene)).collect()
}

fn counted(told: &Told) -> &[ErrorCount] {
    told.queue.as_deref().map_or(&[], |queue| &queue.errors)
}

/// No errors, or a daemon that does not tell of them: such a one does not tell of its workers either.
fn none(scene: &Scene<'_>) -> Line<'static> {
    let is_told = scene.told.queue.as_ref().is_some_and(|queue| queue.workers.max > 0);
    let words = if is_told { "none" } else { scene.theme.glyphs().nothing };
    Line::from(scene.theme.paint(Role::Dim, format!(" {words}")))
}

fn row(error: &ErrorCount, columns: usize, scene: &Scene<'_>) -> Line<'static> {
    let glyphs = scene.theme.glyphs();
    let mut venues: Vec<_> = error.by_dex.iter().filter(|(_, count)| **count > 0).collect();
    venues.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let venues: Vec<_> =
        venues.into_iter().map(|(dex, count)| format!("{dex} {}", text::count(*count))).collect();
    let head = format!("{:>COUNT$} {}", text::count(error.count), error.code);
    let room = columns.saturating_sub(head.len() + 2);
    let venues = text::fit(&venues.join(&format!(" {} ", glyphs.separator)), room, glyphs.ellipsis);
    Line::from(vec![scene.theme.paint(Role::Text, head), scene.theme.paint(Role::Dim, format!("  {venues}"))])
}
