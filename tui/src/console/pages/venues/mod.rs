//! Venues and their plugins: how each does, whether it is asked, and what it runs.

mod detail;
mod state;
#[cfg(test)]
mod tests;

use super::{Outcome, Page, PageId, Scene, Target};
use crate::console::{
    actions::Action,
    effect::Effect,
    model::{Note, Told},
    theme::Role,
    widgets::{
        grid::{self, Column, Cursor},
        panel::{self, Focus},
        text,
    },
};
use orderd_sdk::{timestamp::Timestamp, wire::VenueReport};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
};
use state::state;
use std::borrow::Cow;

const COLUMNS: [Column; 10] = [
    Column::new("VENUE", 16),
    Column::new("STATE", 11),
    Column::new("BREAKER", 9),
    Column::new("SCORE", 6).from(90),
    Column::new("FAILED", 7),
    Column::new("WON", 7),
    Column::new("P50 / P99", 18),
    Column::new("CHAIN", 10).from(110),
    Column::new("VERSION", 10).from(96),
    Column::rest("LAST ERROR").from(130),
];

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Order {
    /// Their names.
    #[default]
    Name,
    /// How often they failed.
    Failures,
    /// How slow they are.
    Latency,
    /// How often their quote was the best.
    Wins,
}

/// Venues and their plugins.
#[derive(Debug, Default)]
pub struct VenuesPage {
    cursor: Cursor,
    order: Order,
    is_reversed: bool,
}

impl VenuesPage {
    fn rows<'a>(&self, told: &'a Told) -> Vec<&'a VenueReport> {
        let mut rows: Vec<_> = told.venues.iter().flat_map(|venues| &venues.venues).collect();
        match self.order {
            Order::Name => rows.sort_by(|a, b| a.name.cmp(&b.name)),
            Order::Failures => rows.sort_by_key(|venue| share(venue.failed, venue.asked)),
            Order::Latency => rows.sort_by_key(|venue| venue.p99_ms),
            Order::Wins => rows.sort_by_key(|venue| venue.won),
        }
        // The worst and the most first: that is what one looks for.
        if self.is_reversed != (self.order != Order::Name) {
            rows.reverse();
        }
        rows
    }

    fn chosen<'a>(&self, told: &'a Told) -> Option<&'a VenueReport> {
        let rows = self.rows(told);
        Some(rows[self.cursor.row(&names(&rows))?])
    }

    fn sort(&mut self) -> Outcome {
        let (order, words) = match self.order {
            Order::Name => (Order::Failures, "failures"),
            Order::Failures => (Order::Latency, "latency"),
            Order::Latency => (Order::Wins, "wins"),
            Order::Wins => (Order::Name, "name"),
        };
        self.order = order;
        Outcome::note(Note::plain(format!("sorted by {words}")))
    }
}

impl Page for VenuesPage {
    fn act(&mut self, action: Action, _argument: Option<&str>, told: &mut Told, _now: Timestamp) -> Outcome {
        let rows = self.rows(told);
        if self.cursor.act(action, &names(&rows)) {
            return Outcome::nothing();
        }
        let Some(chosen) = self.chosen(told) else { return Outcome::nothing() };
        match action {
            Action::Sort => return self.sort(),
            Action::ReverseSort => self.is_reversed = !self.is_reversed,
            Action::Open => {
                return Outcome::ask(PageId::Orders, Action::Filter, format!("venue:{}", chosen.name));
            }
            Action::Copy => return Outcome::effect(Effect::Copy(chosen.name.clone())),
            Action::CopyJson => {
                let json = serde_json::to_string(chosen).expect("a report has string keys only");
                return Outcome::effect(Effect::Copy(json));
            }
            _ => {}
        }
        Outcome::nothing()
    }

    fn target(&self, told: &Told) -> Target {
        self.chosen(told).map_or(Target::Nothing, |venue| Target::Venue(venue.name.clone()))
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
        let rows = self.rows(scene.told);
        let needed = u16::try_from(rows.len() + 3).unwrap_or(u16::MAX);
        let above = needed.clamp(5, (area.height / 2).max(5));
        let [list, below] = Layout::vertical([Constraint::Length(above), Constraint::Fill(1)]).areas(area);
        let title = format!("Venues and plugins {}", rows.len());
        let inner = panel::draw(frame, list, scene.theme, &title, Focus::Here);
        let cursor = self.cursor.row(&names(&rows));
        grid::draw(frame, inner, scene.theme, &COLUMNS, (rows.len(), cursor), |row, column| {
            cell(rows[row], column, scene)
        });
        if let Some(row) = cursor {
            detail::draw(rows[row], frame, below, scene);
        }
    }
}

fn names<'a>(rows: &[&'a VenueReport]) -> Vec<&'a str> {
    rows.iter().map(|venue| venue.name.as_str()).collect()
}

fn cell<'a>(venue: &'a VenueReport, column: usize, scene: &Scene<'_>) -> (Cow<'a, str>, Role) {
    let nothing = scene.theme.glyphs().nothing;
    let plain = |words: String| (Cow::Owned(words), Role::Text);
    match column {
        0 => (Cow::Borrowed(venue.name.as_str()), Role::Text),
        1 => state(venue),
        2 => breaker(venue, nothing),
        3 => plain(venue.guard.as_ref().map_or(nothing.to_owned(), |guard| guard.score.to_string())),
        4 => {
            let role = if venue.failed * 10 > venue.asked { Role::Warn } else { Role::Text };
            (Cow::Owned(percent(venue.failed, venue.asked, nothing)), role)
        }
        5 => plain(percent(venue.won, venue.quoted, nothing)),
        6 => plain(match (venue.p50_ms, venue.p99_ms) {
            (Some(p50), Some(p99)) => format!("{} / {} ms", text::count(p50), text::count(p99)),
            _ => nothing.to_owned(),
        }),
        7 => plain(venue.chain.clone()),
        8 => {
            let version = venue.guard.as_ref().and_then(|guard| guard.plugin.version.clone());
            plain(version.unwrap_or_else(|| nothing.to_owned()))
        }
        _ => (Cow::Borrowed(venue.last_error.as_deref().unwrap_or("")), Role::Dim),
    }
}

fn breaker<'a>(venue: &'a VenueReport, nothing: &'static str) -> (Cow<'a, str>, Role) {
    let state = venue.guard.as_ref().map_or(nothing, |guard| guard.breaker.state.as_str());
    let role = match state {
        "open" => Role::Bad,
        "half-open" => Role::Warn,
        _ => Role::Text,
    };
    (Cow::Owned(state.to_owned()), role)
}

/// In tenths of a percent.
fn share(part: u64, whole: u64) -> u64 {
    part.saturating_mul(1000).checked_div(whole).unwrap_or(0)
}

fn percent(part: u64, whole: u64, nothing: &str) -> String {
    match whole {
        0 => nothing.to_owned(),
        whole => {
            let share = share(part, whole);
            format!("{}.{} %", share / 10, share % 10)
        }
    }
}
