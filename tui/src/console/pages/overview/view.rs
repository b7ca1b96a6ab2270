//! How the page is drawn: each panel in its place.

use super::{
    Overview, concerns, errors, funnel, health, keys, lifecycle,
    places::{Pane, places},
    stages, throughput,
};
use crate::console::{
    pages::Scene,
    theme::Role,
    widgets::{
        list,
        panel::{self, Focus},
        text,
    },
};
use concerns::{Concern, Urgency};
use ratatui::{Frame, layout::Rect, text::Line, widgets::Paragraph};
use unicode_width::UnicodeWidthStr;

/// A list in a panel: its words, its rows and the row of its cursor.
struct List<'a> {
    pane: Pane,
    title: String,
    foot: String,
    rows: Vec<Line<'a>>,
    row: Option<usize>,
}

pub(super) fn draw(page: &Overview, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
    let places = places(area, page.pane);
    let told = scene.told;
    if let Some(place) = places.health {
        plain(frame, place, scene, "Health", |_, columns| health::rows(scene, columns));
    }
    if let Some(place) = places.throughput {
        plain(frame, place, scene, throughput::TITLE, |rows, columns| throughput::rows(scene, rows, columns));
    }
    if let Some(place) = places.stages {
        plain(frame, place, scene, stages::TITLE, |_, columns| stages::rows(scene, columns));
    }
    if let Some(place) = places.funnel {
        let (columns, title) = (inside(place), "Open orders by state".to_owned());
        let (rows, row) = (funnel::rows(scene, columns), page.state.row(&funnel::KEYS));
        listed(
            page,
            frame,
            place,
            scene,
            List { pane: Pane::Funnel, title, foot: funnel::foot(told, scene.theme.glyphs()), rows, row },
        );
    }
    if let Some(place) = places.attention {
        attention(page, frame, place, scene);
    }
    if let Some(place) = places.errors {
        let (title, foot) = ("Top errors, 15 min".to_owned(), String::new());
        let (rows, row) = (errors::rows(scene, inside(place)), page.error.row(&errors::keys(told)));
        listed(page, frame, place, scene, List { pane: Pane::Errors, title, foot, rows, row });
    }
    if let Some(place) = places.feed {
        feed(page, frame, place, scene);
    }
}

fn attention(page: &Overview, frame: &mut Frame<'_>, place: Rect, scene: &Scene<'_>) {
    let concerns = concerns(scene.told, scene.now);
    let title = match concerns.len() {
        0 => "Needs attention".to_owned(),
        number => format!("Needs attention: {number}"),
    };
    let mut rows: Vec<_> =
        concerns.iter().map(|concern| concern_row(concern, inside(place), scene)).collect();
    if rows.is_empty() {
        rows.push(calm(scene));
    }
    let foot = if concerns.is_empty() { String::new() } else { "Enter opens".to_owned() };
    let row = page.concern.row(&concerns::keys(&concerns));
    listed(page, frame, place, scene, List { pane: Pane::Attention, title, foot, rows, row });
}

/// What is said when nothing needs attention, and that it is not known while nothing was told.
fn calm(scene: &Scene<'_>) -> Line<'static> {
    let theme = scene.theme;
    match scene.told.status.is_some() && scene.told.queue.is_some() {
        true => Line::from(theme.paint(Role::Good, format!(" {} nothing", theme.glyphs().yes))),
        false => Line::from(theme.paint(Role::Dim, format!(" {}", theme.glyphs().nothing))),
    }
}

fn concern_row(concern: &Concern, columns: usize, scene: &Scene<'_>) -> Line<'static> {
    let (theme, glyphs) = (scene.theme, scene.theme.glyphs());
    let (mark, role) = match concern.urgency {
        Urgency::Act => (glyphs.alert, Role::Bad),
        Urgency::Look => (glyphs.alert, Role::Warn),
        Urgency::Know => (glyphs.separator, Role::Text),
    };
    let lead = format!(" {} {}", glyphs.arrow, concern.lead);
    let room = columns.saturating_sub(lead.width() + 3);
    let words = text::filled(&concern.text, room, glyphs.ellipsis);
    Line::from(vec![
        theme.paint(role, format!(" {mark} ")),
        theme.paint(if concern.urgency == Urgency::Act { Role::Bad } else { Role::Text }, words),
        theme.paint(Role::Dim, lead),
    ])
}

fn feed(page: &Overview, frame: &mut Frame<'_>, place: Rect, scene: &Scene<'_>) {
    let (told, columns) = (scene.told, inside(place));
    let height = usize::from(place.height).saturating_sub(2);
    let (title, rows) = match &page.frozen {
        Some(frozen) => {
            let later = text::count(told.feed.total() - frozen.total);
            let title = format!("Live lifecycle {} FROZEN, {later} since", scene.theme.glyphs().separator);
            (title, frozen.changes.iter().map(|change| lifecycle::row(change, columns, scene)).collect())
        }
        None => {
            let newest = told.feed.newest().take(height);
            let title = format!("Live lifecycle {} following", scene.theme.glyphs().separator);
            (title, newest.map(|change| lifecycle::row(change, columns, scene)).collect())
        }
    };
    let rate = told.feed.tenths_per_second(scene.now);
    let key = if page.frozen.is_some() { "F follows" } else { "F freezes" };
    let foot = format!("{}.{} events/s {} {key}", rate / 10, rate % 10, scene.theme.glyphs().separator);
    let row = page.change.row(&keys(page.frozen.as_ref()));
    listed(page, frame, place, scene, List { pane: Pane::Feed, title, foot, rows, row });
}

fn listed(page: &Overview, frame: &mut Frame<'_>, place: Rect, scene: &Scene<'_>, list: List<'_>) {
    let has_keys = page.pane == list.pane;
    // What follows has no row that stays.
    let has_cursor = has_keys && (list.pane != Pane::Feed || page.frozen.is_some());
    let focus = if has_keys { Focus::Here } else { Focus::Elsewhere };
    let inner = panel::draw_with_foot(frame, place, scene.theme, &list.title, &list.foot, focus);
    list::draw(frame, inner, scene.theme, list.rows, list.row.filter(|_| has_cursor));
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

fn inside(place: Rect) -> usize {
    usize::from(place.width.saturating_sub(2))
}
