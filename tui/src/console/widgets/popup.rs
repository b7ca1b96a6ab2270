//! A box in the middle of the screen, over whatever is there.

use super::panel::{self, Focus};
use crate::console::theme::Theme;
use ratatui::{
    Frame,
    layout::{Constraint, Rect},
    text::Line,
    widgets::{Clear, Paragraph, Widget, Wrap},
};

/// The widest that it gets.
const WIDEST: u16 = 84;

/// Draws rows in a box that is as high as they are, as far as there is room.
pub fn draw(frame: &mut Frame<'_>, area: Rect, theme: &Theme, title: &str, rows: Vec<Line<'_>>) {
    let width = area.width.saturating_sub(4).min(WIDEST);
    let inside = width.saturating_sub(2).max(1);
    let height = rows.iter().map(|row| lines(row, inside)).sum::<u16>().saturating_add(2);
    let place = area.centered(Constraint::Length(width), Constraint::Length(height.min(area.height)));
    Clear.render(place, frame.buffer_mut());
    let inner = panel::draw(frame, place, theme, title, Focus::Here);
    Paragraph::new(rows).wrap(Wrap { trim: false }).render(inner, frame.buffer_mut());
}

fn lines(row: &Line<'_>, columns: u16) -> u16 {
    let width = u16::try_from(row.width()).unwrap_or(u16::MAX);
    width.div_ceil(columns).max(1)
}
