//! Draws the model. It changes nothing.

mod footer;
mod header;
mod tabs;

use super::{Model, pages::Scene};
use ratatui::{
    Frame,
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
}
