//! A list of rows with a cursor.

use crate::console::theme::{Role, Theme};
use ratatui::{Frame, layout::Rect, text::Line};

/// Draws as many rows as there is room for, those around the cursor where there is one.
pub fn draw(frame: &mut Frame<'_>, area: Rect, theme: &Theme, rows: Vec<Line<'_>>, cursor: Option<usize>) {
    let height = usize::from(area.height);
    // A page at a time, so that rows stand still while the cursor moves.
    let first = cursor.unwrap_or(0).checked_div(height).unwrap_or(0) * height;
    for ((at, row), place) in rows.into_iter().enumerate().skip(first).zip(area.rows()) {
        frame.render_widget(row, place);
        if cursor == Some(at) {
            frame.buffer_mut().set_style(place, theme.style(Role::Cursor));
        }
    }
}
