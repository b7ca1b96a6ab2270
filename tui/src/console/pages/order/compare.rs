//! Attempts side by side: what was different the second time.

use super::life::{Attempt, Life};
use crate::console::{pages::Scene, theme::Role, widgets::text};
use orderd_sdk::wire::OrderStatus;
use ratatui::text::{Line, Span};

/// Columns for an attempt.
const COLUMN: usize = 26;
const NAME: usize = 17;

/// What there is to know of an attempt, if it has come so far.
type Fact = fn(&Attempt) -> Option<String>;

/// A table with a column for each of the last attempts that there is room for.
pub(super) fn rows(life: &Life, columns: usize, scene: &Scene<'_>) -> Vec<Line<'static>> {
    let room = (columns.saturating_sub(NAME) / COLUMN).max(1);
    let shown = &life.attempts[life.attempts.len().saturating_sub(room)..];
    let titles = shown.iter().map(|attempt| format!("attempt {}", attempt.number));
    let mut rows = vec![row("", titles, Role::Title, scene)];
    let nothing = scene.theme.glyphs().nothing.to_owned();
    let or_nothing = |fact: Option<String>| fact.unwrap_or_else(|| nothing.clone());
    let facts: [(&str, Fact); 5] = [
        ("venue", |attempt| attempt.venue.clone()),
        ("sequence", |attempt| attempt.sequence.map(|sequence| sequence.to_string())),
        ("tx", |attempt| attempt.tx_hash.clone()),
        ("fee bumps", |attempt| Some(attempt.bumps.to_string())),
        ("error", |attempt| attempt.error.clone()),
    ];
    for (name, fact) in facts {
        rows.push(row(name, shown.iter().map(|attempt| or_nothing(fact(attempt))), Role::Text, scene));
    }
    for status in OrderStatus::ALL {
        let spent = |attempt: &Attempt| attempt.spent(status, scene.now).filter(|millis| *millis > 0);
        if shown.iter().any(|attempt| spent(attempt).is_some()) {
            let cells = shown.iter().map(|attempt| or_nothing(spent(attempt).map(text::span)));
            rows.push(row(status.as_str(), cells, Role::Text, scene));
        }
    }
    rows
}

fn row(name: &str, cells: impl Iterator<Item = String>, role: Role, scene: &Scene<'_>) -> Line<'static> {
    let mut spans = vec![Span::styled(text::pad(name, NAME), scene.theme.style(Role::Dim))];
    spans.extend(cells.map(|cell| {
        let cell = format!("{} ", text::pad(&cell, COLUMN - 1));
        Span::styled(cell, scene.theme.style(role))
    }));
    Line::from(spans)
}
