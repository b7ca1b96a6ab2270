//! A table of a few rows: columns that give way where there is no room, and a cursor that stays on its row.

use super::text;
use crate::console::{
    actions::Action,
    theme::{Role, Theme},
};
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
};
use std::borrow::Cow;

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its title.
    pub title: &'static str,
    /// How wide it is.
    pub width: Width,
    /// The narrowest table that it is part of, in columns of the terminal.
    pub from: usize,
}

/// How wide a column is.
#[derive(Clone, Copy, Debug)]
pub enum Width {
    /// So wide.
    Fixed(usize),
    /// As wide as the others leave room; only one of a table is.
    Rest,
}

impl Column {
    /// A column that is always there.
    #[must_use]
    pub const fn new(title: &'static str, width: usize) -> Self {
        Self { title, width: Width::Fixed(width), from: 0 }
    }

    /// A column that takes what is left.
    #[must_use]
    pub const fn rest(title: &'static str) -> Self {
        Self { title, width: Width::Rest, from: 0 }
    }

    /// The same, in tables of at least this width only.
    #[must_use]
    pub const fn from(self, columns: usize) -> Self {
        Self { from: columns, ..self }
    }
}

/// A cursor on rows that come and go: it stays on the row with its key, and where that is gone, on its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    key: Option<String>,
    row: usize,
}

impl Cursor {
    /// The row it is on, among rows with these keys; none when there is no row.
    #[must_use]
    pub fn row<K: AsRef<str>>(&self, keys: &[K]) -> Option<usize> {
        let kept = self.key.as_deref().and_then(|wanted| keys.iter().position(|key| key.as_ref() == wanted));
        match keys.len() {
            0 => None,
            len => Some(kept.unwrap_or(self.row).min(len - 1)),
        }
    }

    /// Moves it; false when the action is no movement.
    pub fn act<K: AsRef<str>>(&mut self, action: Action, keys: &[K]) -> bool {
        let row = self.row(keys).unwrap_or(0);
        let last = keys.len().saturating_sub(1);
        let row = match action {
            Action::Up => row.saturating_sub(1),
            Action::Down => row + 1,
            Action::PageUp => row.saturating_sub(10),
            Action::PageDown => row + 10,
            Action::Top => 0,
            Action::Bottom => last,
            _ => return false,
        };
        self.row = row.min(last);
        self.key = keys.get(self.row).map(|key| key.as_ref().to_owned());
        true
    }
}

/// Draws the titles and as many rows as there is room for, those around the cursor.
pub fn draw<'a>(
    frame: &mut Frame<'_>,
    area: Rect,
    theme: &Theme,
    columns: &[Column],
    (rows, cursor): (usize, Option<usize>),
    cell: impl Fn(usize, usize) -> (Cow<'a, str>, Role),
) {
    let shown = widths(columns, usize::from(area.width));
    let titles = shown.iter().map(|(at, width)| format!("{} ", text::pad(columns[*at].title, *width)));
    let titles = Span::styled(format!("  {}", titles.collect::<String>()), theme.style(Role::Title));
    put(frame, area, 0, Line::from(titles));
    let height = usize::from(area.height).saturating_sub(1);
    // A page at a time, so that rows stand still while the cursor moves.
    let first = cursor.unwrap_or(0).checked_div(height).unwrap_or(0) * height;
    for (line, row) in (first..rows).take(height).enumerate() {
        let is_cursor = cursor == Some(row);
        let mark = if is_cursor { theme.glyphs().cursor } else { " " };
        let style = |role| theme.style(if is_cursor { Role::Cursor } else { role });
        let mut spans = vec![Span::styled(format!("{mark} "), style(Role::Accent))];
        spans.extend(shown.iter().map(|(at, width)| {
            let (words, role) = cell(row, *at);
            Span::styled(format!("{} ", text::pad(&words, *width)), style(role))
        }));
        put(frame, area, line + 1, Line::from(spans));
    }
}

/// Draws one line of an area, if it has that many.
pub fn put(frame: &mut Frame<'_>, area: Rect, row: usize, line: Line<'_>) {
    let Ok(row) = u16::try_from(row) else { return };
    if row < area.height {
        frame.render_widget(line, Rect { y: area.y + row, height: 1, ..area });
    }
}

/// The columns that are shown in so much room, and how wide each is.
#[must_use]
pub fn widths(columns: &[Column], room: usize) -> Vec<(usize, usize)> {
    let shown: Vec<_> = columns.iter().enumerate().filter(|(_, column)| column.from <= room).collect();
    let fixed = |column: &Column| match column.width {
        Width::Fixed(width) => width,
        Width::Rest => 0,
    };
    let used: usize = shown.iter().map(|(_, column)| fixed(column) + 1).sum::<usize>() + 2;
    let width = |column: &Column| match column.width {
        Width::Fixed(width) => width,
        Width::Rest => room.saturating_sub(used),
    };
    shown.into_iter().map(|(at, column)| (at, width(column))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_stays_on_its_row_whatever_comes_and_goes_around_it() {
        let mut cursor = Cursor::default();
        assert_eq!(cursor.row::<&str>(&[]), None);
        assert!(cursor.act(Action::Down, &["a", "b", "c"]));
        assert_eq!(cursor.row(&["a", "b", "c"]), Some(1));
        assert_eq!(cursor.row(&["x", "a", "y", "b"]), Some(3));
        assert_eq!(cursor.row(&["x", "a", "y"]), Some(1), "where it was");
        assert_eq!(cursor.row(&["x"]), Some(0));
        assert!(cursor.act(Action::PageDown, &["x", "a", "y"]));
        assert_eq!(cursor.row(&["x", "a", "y"]), Some(2));
        assert!(!cursor.act(Action::Retry, &["x"]));
    }

    #[test]
    fn columns_give_way_where_there_is_no_room() {
        let columns = [Column::new("a", 5), Column::rest("b"), Column::new("c", 8).from(40)];
        assert_eq!(widths(&columns, 20), [(0, 5), (1, 11)]);
        assert_eq!(widths(&columns, 40), [(0, 5), (1, 22), (2, 8)]);
        assert_eq!(widths(&columns, 0), [(0, 5), (1, 0)]);
    }
}
