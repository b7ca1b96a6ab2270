//! How the page is laid out.

use super::{
    LEVELS, LogsPage, Narrow,
    ring::{Entry, order_of},
};
use crate::console::{
    pages::Scene,
    theme::Role,
    widgets::{
        panel::{self, Focus},
        text,
    },
};
use orderd_sdk::wire::LogLine;
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::{Paragraph, Wrap},
};

pub(super) fn draw(page: &LogsPage, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
    let below = 7.min(area.height / 3);
    let [list, below] = Layout::vertical([Constraint::Fill(1), Constraint::Length(below)]).areas(area);
    let inner =
        panel::draw_with_foot(frame, list, scene.theme, &title(page, scene), &foot(page), Focus::Here);
    let shown = page.shown();
    let cursor = page.row(&shown);
    let height = usize::from(inner.height);
    let first = cursor.saturating_sub(height.saturating_sub(1));
    let numbers = shown.iter().enumerate().skip(first).take(height);
    let rows: Vec<_> = numbers
        .filter_map(|(row, number)| {
            let is_cursor = row == cursor && page.cursor.is_some();
            Some(self::row(page, page.ring.get(*number)?, is_cursor, scene))
        })
        .collect();
    if rows.is_empty() {
        let words = Span::styled("no line yet", scene.theme.style(Role::Dim));
        frame.render_widget(Line::from(words), inner);
    }
    let lines = Paragraph::new(rows);
    match page.is_wrapped {
        true => frame.render_widget(lines.wrap(Wrap { trim: false }), inner),
        false => frame.render_widget(lines, inner),
    }
    chosen(page, frame, below, scene);
}

fn title(page: &LogsPage, scene: &Scene<'_>) -> String {
    let dot = scene.theme.glyphs().separator;
    let target = if page.target.is_empty() { "every target" } else { &page.target };
    let mut title = format!("Logs {dot} {} and worse {dot} {}", LEVELS[page.level], text::safe(target));
    if !page.search.is_empty() {
        let only = if page.narrow == Narrow::ToHits { "only " } else { "" };
        title.push_str(&format!(" {dot} {only}/{}", text::safe(&page.search)));
    }
    title
}

fn foot(page: &LogsPage) -> String {
    let standing = if page.cursor.is_some() { "standing still" } else { "following" };
    match page.ring.missed() {
        0 => standing.to_owned(),
        missed => format!("{standing}, {} lines missing", text::count(missed)),
    }
}

fn row(page: &LogsPage, entry: &Entry, is_cursor: bool, scene: &Scene<'_>) -> Line<'static> {
    let style = |role| scene.theme.style(if is_cursor { Role::Cursor } else { role });
    let line = match entry {
        Entry::Missed(lines) => {
            let words = format!("at least {} lines are missing here", text::count(*lines));
            return Line::from(Span::styled(words, style(Role::Warn)));
        }
        Entry::Line(line) => line,
    };
    let target = line.target.rsplit("::").next().unwrap_or_default();
    let words = format!("{}{}", text::safe(&line.message), fields(line));
    let words_role = if page.is_hit(line) { Role::Hit } else { Role::Text };
    Line::from(vec![
        Span::styled(format!("{} ", text::clock_millis(line.timestamp)), style(Role::Dim)),
        Span::styled(format!("{} ", text::pad(&line.level, 5)), style(level_role(&line.level))),
        Span::styled(format!("{} ", text::pad(target, 12)), style(Role::Dim)),
        Span::styled(words, style(words_role)),
    ])
}

fn level_role(level: &str) -> Role {
    match level {
        "ERROR" => Role::Bad,
        "WARN" => Role::Warn,
        "INFO" => Role::Good,
        _ => Role::Dim,
    }
}

fn fields(line: &LogLine) -> String {
    let fields = line.fields.iter();
    fields.map(|(name, value)| format!(" {}={}", text::safe(name), text::safe(value))).collect()
}

/// A line as text.
pub(super) fn line(line: &LogLine) -> String {
    let (message, fields) = (text::safe(&line.message), fields(line));
    format!("{} {:<5} {} {message}{fields}", line.timestamp, line.level, text::safe(&line.target))
}

/// An entry as text.
pub(super) fn written(entry: &Entry) -> String {
    match entry {
        Entry::Line(line) => self::line(line),
        Entry::Missed(lines) => format!("at least {lines} lines are missing here"),
    }
}

fn chosen(page: &LogsPage, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
    let Some(line) = page.chosen() else { return };
    let title = format!("Line {}", line.n);
    let inner = panel::draw(frame, area, scene.theme, &title, Focus::Elsewhere);
    let mut rows = vec![
        Line::from(Span::raw(text::safe(&line.message).into_owned())),
        Line::from(Span::styled(
            format!("{} {} {}", line.timestamp, line.level, text::safe(&line.target)),
            scene.theme.style(Role::Dim),
        )),
        Line::from(Span::raw(fields(line).trim_start().to_owned())),
    ];
    if order_of(line).is_some() {
        rows.push(Line::from(Span::styled("Enter opens its order", scene.theme.style(Role::Accent))));
    }
    frame.render_widget(Paragraph::new(rows).wrap(Wrap { trim: false }), inner);
}
