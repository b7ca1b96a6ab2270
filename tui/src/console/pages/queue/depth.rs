//! How many orders are not over: by state now, and over the last minutes.

use super::view::untold;
use crate::console::{
    pages::Scene,
    theme::Role,
    widgets::{
        chart::{self, Fold},
        state, text,
    },
};
use orderd_sdk::wire::{DepthHistory, OrderStatus, Queue};
use ratatui::text::{Line, Span};

/// Columns of a number.
const COUNT: usize = 8;
/// Columns of the numbers by state.
const STATES: usize = state::COLUMNS + COUNT + 3;

pub(super) const TITLE: &str = "Open orders by state, and over 15 min";

/// What the chart stands for.
const SECONDS: u64 = 900;

/// The numbers on the left, the chart beside them.
pub(super) fn rows(scene: &Scene<'_>, rows: usize, columns: usize) -> Vec<Line<'static>> {
    let Some(queue) = scene.told.queue.as_deref() else { return untold(scene) };
    let numbers = states(queue, rows, scene);
    let chart = chart(&queue.depth_history, rows, columns.saturating_sub(STATES + 1), scene);
    let beside = chart.into_iter().map(Some).chain(std::iter::repeat(None));
    let all = numbers.into_iter().map(Some).chain(std::iter::repeat(None)).zip(beside).take(rows);
    all.map(|(numbers, chart)| {
        let mut spans = numbers.unwrap_or_else(|| vec![Span::raw(" ".repeat(STATES))]);
        spans.extend(chart);
        Line::from(spans)
    })
    .collect()
}

/// Every state that has orders, and those that all pass through.
fn states(queue: &Queue, rows: usize, scene: &Scene<'_>) -> Vec<Vec<Span<'static>>> {
    let depth = |status| queue.depth.get(&status).copied().unwrap_or_default();
    let is_usual = |status| {
        use OrderStatus::{Building, Confirmed, Pending, RetryPending, Routing, Submitted};
        matches!(status, Pending | Routing | Building | Submitted | Confirmed | RetryPending)
    };
    let shown = OrderStatus::ALL.into_iter().filter(|status| depth(*status) > 0 || is_usual(*status));
    let row = |status| {
        let (name, number) = (state::short(status), text::count(depth(status)));
        let role = if depth(status) == 0 { Role::Dim } else { Role::Text };
        vec![
            scene.theme.paint(state::role(status), format!(" {name:0$} ", state::COLUMNS)),
            scene.theme.paint(role, format!("{number:>COUNT$} ")),
        ]
    };
    shown.take(rows).map(row).collect()
}

/// All that are open, and of them those that wait for their turn, in the same scale.
fn chart(past: &DepthHistory, rows: usize, columns: usize, scene: &Scene<'_>) -> Vec<Span<'static>> {
    let (theme, glyphs) = (scene.theme, scene.theme.glyphs());
    // A daemon that does not tell, or has just begun.
    if past.open.is_empty() {
        return vec![theme.paint(Role::Dim, format!(" {}", glyphs.nothing))];
    }
    let steps = usize::try_from(SECONDS / past.step_seconds.max(1)).unwrap_or_default();
    let fit = |numbers: &[u64]| chart::fit(numbers, steps, columns, Fold::Peak);
    let (open, waiting) = (fit(&past.open), fit(&past.waiting));
    let most = open.iter().copied().max().unwrap_or_default();
    let peak = format!("open, at most {}", text::count(most));
    let now =
        format!("of them waiting, now {}", text::count(past.waiting.last().copied().unwrap_or_default()));
    let high = rows.saturating_sub(2);
    let (above, below) = (high.div_ceil(2), high / 2);
    let caption = |words: &str| theme.paint(Role::Dim, text::fit(words, columns, glyphs.ellipsis));
    let drawn = |numbers: &[u64], high, role| {
        chart::rows(numbers, most, columns, high, glyphs).into_iter().map(move |row| theme.paint(role, row))
    };
    let mut spans = vec![caption(&peak)];
    spans.extend(drawn(&open, above, Role::Busy));
    spans.push(caption(&now));
    spans.extend(drawn(&waiting, below, Role::Warn));
    spans
}
