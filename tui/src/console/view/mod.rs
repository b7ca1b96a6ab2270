//! Draws the model. It changes nothing.

mod footer;
mod header;
mod tabs;

use super::{Model, pages::Scene, theme::ASCII};
use ratatui::{
    Frame,
    buffer::Buffer,
    layout::{Constraint, Layout},
};

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, model: &Model) {
    let rows = [Constraint::Length(1), Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)];
    let [header, tabs, page, footer] = Layout::vertical(rows).areas(frame.area());
    let scene = Scene { told: &model.told, session: &model.session, theme: &model.theme, now: model.now };
    header::draw(frame, header, &scene);
    tabs::draw(frame, tabs, model.page, &scene);
    model.pages.get(model.page).draw(frame, page, &scene);
    footer::draw(frame, footer, model, &scene);
    if let Some(overlay) = &model.overlay {
        overlay.draw(frame, frame.area(), model.page, &scene);
    }
    if model.theme.is_ascii() {
        to_ascii(frame.buffer_mut());
    }
}

/// Replaces what a terminal without more than ASCII would garble, wherever it came from.
fn to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        match cell.symbol() {
            symbol if symbol.is_ascii() => {}
            "…" => drop(cell.set_symbol(ASCII.ellipsis)),
            _ => drop(cell.set_symbol("?")),
        }
    }
}
