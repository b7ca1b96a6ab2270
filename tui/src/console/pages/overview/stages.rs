//! How long orders stay in each state.

use crate::console::{
    pages::Scene,
    theme::Role,
    widgets::{bar, state, text},
};
use orderd_sdk::wire::StageLatency;
use ratatui::text::Line;

/// Bars are by the logarithm: a state that takes milliseconds is seen beside one that takes seconds.
pub(super) const TITLE: &str = "Time in state p50/p99, log scale";

/// Columns of a span of time.
const SPAN: usize = 6;

/// A row for each state: up to p50 the bar is solid, from there to p99 it is light.
pub(super) fn rows(scene: &Scene<'_>, columns: usize) -> Vec<Line<'static>> {
    let stages = scene.told.queue.as_deref().map_or(&[][..], |queue| &queue.stages);
    let most = stages.iter().map(|stage| stage.p99_ms).max().unwrap_or_default();
    if stages.is_empty() {
        return vec![Line::from(scene.theme.paint(Role::Dim, format!(" {}", scene.theme.glyphs().nothing)))];
    }
    stages.iter().map(|stage| row(stage, most, columns, scene)).collect()
}

fn row(stage: &StageLatency, most: u64, columns: usize, scene: &Scene<'_>) -> Line<'static> {
    let (theme, glyphs) = (scene.theme, scene.theme.glyphs());
    let room = columns.saturating_sub(state::COLUMNS + 2 * SPAN + 6);
    let half = bar::bar(bar::logarithmic(stage.p50_ms, most, room), room, glyphs);
    let (drawn, all) = (half.chars().count(), bar::columns(bar::logarithmic(stage.p99_ms, most, room)));
    let rest = glyphs.waiting.repeat(all.saturating_sub(drawn));
    let gap = " ".repeat(room.saturating_sub(all.max(drawn)));
    let spans = format!(" {:>SPAN$} / {:>SPAN$}", text::span(stage.p50_ms), text::span(stage.p99_ms));
    Line::from(vec![
        theme.paint(Role::Dim, format!(" {:1$} ", state::short(stage.status), state::COLUMNS)),
        theme.paint(Role::Busy, half),
        theme.paint(Role::Dim, rest + &gap),
        theme.paint(Role::Text, spans),
    ])
}
