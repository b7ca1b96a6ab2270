//! How the page is laid out.

use super::{QueuePage, banner, depth, rates, retries, waits};
use crate::console::{
    pages::Scene,
    theme::Role,
    widgets::{
        list,
        panel::{self, Focus},
        text,
    },
};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    text::Line,
    widgets::Paragraph,
};

/// Less than this, and only the banner and the retries are shown.
const LEAST: (u16, u16) = (70, 17);
/// Rows of the banner, with its frame.
const BANNER: u16 = 4;

pub(super) fn draw(page: &QueuePage, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
    let [top, rest] = Layout::vertical([Constraint::Length(BANNER), Constraint::Fill(1)]).areas(area);
    plain(frame, top, scene, "Queue", |_, columns| banner::rows(scene, columns));
    if area.width < LEAST.0 || area.height < LEAST.1 {
        return retries(page, frame, rest, scene);
    }
    // As much for what was as for what comes.
    let middle = (rest.height / 2).clamp(8, 22);
    let [middle, below] = Layout::vertical([Constraint::Length(middle), Constraint::Fill(1)]).areas(rest);
    let side = (area.width * 2 / 5).clamp(33, 64);
    let columns = Layout::horizontal([Constraint::Fill(1), Constraint::Length(side)]);
    let ([left, right], [waiting, beside]) = (columns.areas(middle), columns.areas(below));
    plain(frame, left, scene, depth::TITLE, |rows, columns| depth::rows(scene, rows, columns));
    plain(frame, right, scene, waits::TITLE, |rows, columns| waits::rows(scene, rows, columns));
    retries(page, frame, waiting, scene);
    plain(frame, beside, scene, "Orders in the last", |_, columns| rates::rows(scene, columns));
}

fn retries(page: &QueuePage, frame: &mut Frame<'_>, place: Rect, scene: &Scene<'_>) {
    let orders = retries::orders(scene.told);
    let foot = match orders.is_empty() {
        true => String::new(),
        false => "Enter opens the order".to_owned(),
    };
    let title = retries::title(scene.told);
    let inner = panel::draw_with_foot(frame, place, scene.theme, &title, &foot, Focus::Here);
    let rows = retries::rows(scene, usize::from(inner.width));
    list::draw(frame, inner, scene.theme, rows, page.retry.row(&orders));
}

fn plain(
    frame: &mut Frame<'_>,
    place: Rect,
    scene: &Scene<'_>,
    title: &str,
    rows: impl FnOnce(usize, usize) -> Vec<Line<'static>>,
) {
    let inner = panel::draw(frame, place, scene.theme, title, Focus::Elsewhere);
    let rows = rows(usize::from(inner.height), usize::from(inner.width));
    frame.render_widget(Paragraph::new(rows), inner);
}

/// What a panel says when the daemon has not told.
pub(super) fn untold(scene: &Scene<'_>) -> Vec<Line<'static>> {
    vec![Line::from(scene.theme.paint(Role::Dim, format!(" {}", scene.theme.glyphs().nothing)))]
}

/// A line that fits.
pub(super) fn line(words: &str, role: Role, columns: usize, scene: &Scene<'_>) -> Line<'static> {
    let words = text::fit(words, columns.saturating_sub(1), scene.theme.glyphs().ellipsis);
    Line::from(scene.theme.paint(role, format!(" {words}")))
}
