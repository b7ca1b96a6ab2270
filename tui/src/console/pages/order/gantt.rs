//! The life as bars on a time line, a row for each stay.

use super::life::{Life, Stay};
use crate::console::{
    pages::Scene,
    theme::{Glyphs, Role},
    widgets::text,
};
use orderd_sdk::{timestamp::Timestamp, wire::OrderStatus};
use ratatui::text::{Line, Span};

/// Columns for the name of a status.
const NAME: usize = 12;

/// A span of time, and the columns it is drawn in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    /// At the left edge.
    pub(super) from: Timestamp,
    /// At the right edge.
    pub(super) until: Timestamp,
    /// How many columns.
    pub(super) columns: usize,
}

impl Axis {
    /// The column of an instant, as far as it is on the axis.
    fn column(&self, at: Timestamp) -> usize {
        let span = u128::from(self.until.millis_since(self.from)).max(1);
        let along = u128::from(at.millis_since(self.from)) * self.columns as u128 / span;
        usize::try_from(along).unwrap_or(self.columns).min(self.columns)
    }

    /// What stands above the bars: the time at the left edge, in the middle and at the right one.
    pub(super) fn scale(&self, glyphs: &Glyphs) -> String {
        let span = self.until.millis_since(self.from);
        let marks = ["0 ms".to_owned(), text::span(span / 2), text::span(span)];
        let used: usize = marks.iter().map(String::len).sum();
        let gaps = self.columns.saturating_sub(used + 4);
        let rule = |columns: usize| glyphs.rule.repeat(columns);
        format!("{} {} {} {} {}", marks[0], rule(gaps / 2), marks[1], rule(gaps - gaps / 2), marks[2])
    }
}

/// The rows of a life, attempt by attempt.
pub(super) fn rows(life: &Life, axis: Axis, scene: &Scene<'_>) -> Vec<Line<'static>> {
    let mut rows = Vec::new();
    for attempt in &life.attempts {
        let venue =
            attempt.venue.as_deref().map_or_else(String::new, |venue| format!(" {}", text::safe(venue)));
        let title = format!("attempt {}{venue}", attempt.number);
        rows.push(Line::from(Span::styled(title, scene.theme.style(Role::Title))));
        let shown = attempt
            .stays
            .iter()
            .filter(|stay| stay.from <= axis.until && stay.until.is_none_or(|until| until >= axis.from));
        rows.extend(shown.map(|stay| row(stay, attempt.error.as_deref(), axis, scene)));
    }
    rows
}

fn row(stay: &Stay, error: Option<&str>, axis: Axis, scene: &Scene<'_>) -> Line<'static> {
    let glyphs = scene.theme.glyphs();
    let first = axis.column(stay.from).min(axis.columns.saturating_sub(1));
    let last = axis.column(stay.until.unwrap_or(scene.now)).max(first + 1).min(axis.columns.max(1));
    let (cell, role) = looks(stay.status, glyphs);
    let mut bar = cell.repeat(last.saturating_sub(first));
    let mut said = format!(" {}", text::span(stay.millis(scene.now)));
    match (stay.until, stay.status, error) {
        (None, ..) => {
            bar.truncate(bar.len() - cell.len());
            bar.push_str(glyphs.running);
            said.push_str(" so far");
        }
        (Some(_), OrderStatus::ExecutionFailed | OrderStatus::Failed, Some(error)) => {
            said = format!(" {} {}", glyphs.no, text::safe(error));
        }
        (Some(_), OrderStatus::Finalized, _) => said = format!(" {}", glyphs.yes),
        (Some(_), ..) => {}
    }
    // What is said of a bar stands behind it, or before it where there is no room.
    let name =
        Span::styled(format!("  {}", text::pad(name(stay.status), NAME)), scene.theme.style(Role::Dim));
    let bar = Span::styled(bar, scene.theme.style(role));
    let words = |said: String| Span::styled(said, scene.theme.style(Role::Text));
    let columns = unicode_width::UnicodeWidthStr::width(said.as_str());
    if last + columns > axis.columns && first > columns {
        let before = " ".repeat(first - columns - 1);
        return Line::from(vec![
            name,
            Span::raw(before),
            words(format!("{} ", said.trim_start())),
            Span::raw(" "),
            bar,
        ]);
    }
    Line::from(vec![name, Span::raw(" ".repeat(first)), bar, words(said)])
}

/// Columns that the names take.
pub(super) fn margin() -> usize {
    NAME + 2
}

fn name(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Submitted => "in flight",
        OrderStatus::RetryPending => "backoff",
        OrderStatus::ExecutionFailed => "failed",
        other => other.as_str(),
    }
}

fn looks(status: OrderStatus, glyphs: &'static Glyphs) -> (&'static str, Role) {
    let full = glyphs.eighths[7];
    match status {
        OrderStatus::Pending | OrderStatus::RetryPending => (glyphs.waiting, Role::Dim),
        OrderStatus::Routing | OrderStatus::Building | OrderStatus::Submitted => (full, Role::Busy),
        OrderStatus::Unknown | OrderStatus::Reorged => (full, Role::Warn),
        OrderStatus::ExecutionFailed | OrderStatus::Failed => (full, Role::Bad),
        OrderStatus::Confirmed | OrderStatus::Finalized => (full, Role::Good),
        OrderStatus::Cancelled | OrderStatus::Expired => (full, Role::Dim),
    }
}
