//! How the page is laid out.

use super::{Older, Orders};
use crate::console::{
    effect::Reach,
    orders::{Column, Direction, Mode, Row},
    pages::Scene,
    theme::Role,
    widgets::{
        grid::{self, Column as Shown},
        panel::{self, Focus},
        text,
    },
};
use orderd_sdk::{client::Packed, wire::OrderStatus};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
};
use std::borrow::Cow;

/// Rows of the panel below the table, with its frame.
const SELECTION: u16 = 3;
/// Rows of the table's frame and titles.
const AROUND: u16 = 3;
/// Those of them that are above the orders.
pub(super) const ABOVE: usize = 2;

const COLUMNS: [Shown; 9] = [
    Shown::new("ID", 8),
    Shown::new("STATE", 16),
    Shown::new("PAIR", 11),
    Shown::new("AMOUNT", 12),
    Shown::new("VENUE", 14).from(92),
    Shown::new("TRY", 4),
    Shown::new("AGE", 7),
    Shown::new("CHANGED", 7).from(104),
    Shown::rest("LAST ERROR").from(78),
];

/// Lines for orders on a page of so many rows.
pub(super) fn lines(rows: u16) -> u16 {
    rows.saturating_sub(SELECTION + AROUND)
}

/// A column's name.
pub(super) fn title(column: Column) -> &'static str {
    match column {
        Column::Created => "AGE",
        Column::Updated => "CHANGED",
        Column::State => "STATE",
        Column::Pair => "PAIR",
        Column::Venue => "VENUE",
        Column::Amount => "AMOUNT",
        Column::Attempts => "TRY",
        Column::Error => "LAST ERROR",
    }
}

pub(super) fn draw(page: &Orders, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
    let [table, below] = Layout::vertical([Constraint::Fill(1), Constraint::Length(SELECTION)]).areas(area);
    let inner =
        panel::draw_with_foot(frame, table, scene.theme, &heading(page, scene), &foot(page), Focus::Here);
    let widths = grid::widths(&COLUMNS, usize::from(inner.width));
    grid::put(frame, inner, 0, titles(page, &widths, scene));
    for (line, row) in page.listing.window().enumerate() {
        grid::put(frame, inner, line + 1, order(&row, &widths, scene));
    }
    if page.listing.is_empty() {
        let words = match page.filter.is_empty() {
            true => "no orders yet",
            false => "no order matches",
        };
        grid::put(
            frame,
            inner,
            2,
            Line::from(Span::styled(format!("  {words}"), scene.theme.style(Role::Dim))),
        );
    }
    selection(page, frame, below, scene);
}

fn heading(page: &Orders, scene: &Scene<'_>) -> String {
    let dot = scene.theme.glyphs().separator;
    let count = |number: usize| text::count(number as u64);
    let (matched, total) = (page.listing.matched(), page.listing.total());
    match page.filter.is_empty() {
        true => format!("Orders {dot} {}", count(total)),
        false => {
            format!(
                "Orders {dot} {} {dot} {} of {}",
                text::safe(&page.filter.to_string()),
                count(matched),
                count(total)
            )
        }
    }
}

fn foot(page: &Orders) -> String {
    let mode = match page.listing.mode() {
        Mode::Follow => "following the newest".to_owned(),
        Mode::Stay => "staying on the row".to_owned(),
        Mode::Frozen(behind) => match behind.count() {
            Some(count) => format!("frozen, {} changed behind", text::count(count as u64)),
            None => "frozen, many changed behind".to_owned(),
        },
    };
    match &page.older {
        Older::Asked => format!("looking for older ones, {mode}"),
        Older::There(Reach::All) => mode,
        Older::There(Reach::Newest(count)) => {
            format!("the newest {} of them, {mode}", text::count(*count as u64))
        }
        Older::Missing(why) => format!("older ones are missing: {}, {mode}", text::fit(why, 40, "…")),
    }
}

fn titles(page: &Orders, widths: &[(usize, usize)], scene: &Scene<'_>) -> Line<'static> {
    let glyphs = scene.theme.glyphs();
    let sort = page.listing.sort();
    let arrow = match sort.direction {
        Direction::Ascending => glyphs.up,
        Direction::Descending => glyphs.down,
    };
    let titles = widths.iter().map(|(at, width)| {
        let title = COLUMNS[*at].title;
        let arrow = if title == self::title(sort.column) { arrow } else { "" };
        format!("{} ", text::pad(&format!("{title}{arrow}"), *width))
    });
    Line::from(Span::styled(format!("    {}", titles.collect::<String>()), scene.theme.style(Role::Title)))
}

fn order(row: &Row<'_>, widths: &[(usize, usize)], scene: &Scene<'_>) -> Line<'static> {
    let glyphs = scene.theme.glyphs();
    let style = |role| match () {
        () if row.under_cursor => scene.theme.style(Role::Cursor),
        () if row.ghost => scene.theme.style(Role::Off),
        () => scene.theme.style(role),
    };
    let cursor = if row.under_cursor { glyphs.cursor } else { " " };
    let mark = if row.marked { glyphs.dot } else { " " };
    let mut spans = vec![
        Span::styled(format!("{cursor} "), style(Role::Accent)),
        Span::styled(
            format!("{mark} "),
            if row.under_cursor { style(Role::Text) } else { scene.theme.style(Role::Mark) },
        ),
    ];
    spans.extend(widths.iter().map(|(at, width)| {
        let (words, role) = cell(row.order, *at, scene);
        Span::styled(format!("{} ", text::pad(&words, *width)), style(role))
    }));
    Line::from(spans)
}

fn cell<'a>(order: &'a Packed, column: usize, scene: &Scene<'_>) -> (Cow<'a, str>, Role) {
    let nothing = scene.theme.glyphs().nothing;
    let age = |since| Cow::Owned(text::span(scene.now.millis_since(since)));
    match column {
        0 => (Cow::Owned(text::short_id(order.id())), Role::Text),
        1 => (Cow::Borrowed(order.status.as_str()), state_role(order.status)),
        2 => (Cow::Owned(format!("{}/{}", order.token_in(), order.token_out())), Role::Text),
        3 => (Cow::Borrowed(order.amount()), Role::Text),
        4 => (Cow::Borrowed(order.dex().unwrap_or(nothing)), Role::Text),
        5 => (Cow::Owned(format!("{}/{}", order.attempts, order.max_attempts())), Role::Text),
        6 => (age(order.created_at), Role::Text),
        7 => (age(order.updated_at), Role::Dim),
        _ => (Cow::Borrowed(order.last_error().unwrap_or("")), Role::Dim),
    }
}

/// How a state is meant.
pub(in crate::console) fn state_role(status: OrderStatus) -> Role {
    match status {
        OrderStatus::Pending | OrderStatus::Routing | OrderStatus::Building | OrderStatus::Submitted => {
            Role::Busy
        }
        OrderStatus::ExecutionFailed | OrderStatus::RetryPending | OrderStatus::Reorged => Role::Warn,
        OrderStatus::Unknown | OrderStatus::Failed => Role::Bad,
        OrderStatus::Confirmed | OrderStatus::Finalized => Role::Good,
        OrderStatus::Cancelled | OrderStatus::Expired => Role::Dim,
    }
}

fn selection(page: &Orders, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
    let inner = panel::draw(frame, area, scene.theme, "Selection", Focus::Elsewhere);
    let marks = page.listing.marks();
    let line = match (marks.len(), page.listing.cursor()) {
        (0, Some(row)) => Line::from(vec![
            Span::styled(row.order.id().to_string(), scene.theme.style(Role::Text)),
            Span::styled("  Enter opens it, Space marks it", scene.theme.style(Role::Dim)),
        ]),
        (0, None) => Line::default(),
        (marked, _) => {
            let hidden = match marks.hidden() {
                0 => String::new(),
                hidden => format!(", {} of them not shown", text::count(hidden as u64)),
            };
            let words = format!("{} marked{hidden}", text::count(marked as u64));
            Line::from(vec![
                Span::styled(words, scene.theme.style(Role::Mark)),
                Span::styled(
                    "  r retries, c cancels, y copies their ids, U unmarks",
                    scene.theme.style(Role::Dim),
                ),
            ])
        }
    };
    frame.render_widget(line, inner);
}
