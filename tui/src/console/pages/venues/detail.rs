//! What there is to know of one venue: its plugin, why it is as it is, and what happened to it.

use super::percent;
use crate::console::{
    pages::Scene,
    theme::Role,
    widgets::{
        panel::{self, Focus},
        text,
    },
};
use orderd_sdk::{
    timestamp::Timestamp,
    wire::{VenueGuard, VenueReport},
};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::{Paragraph, Wrap},
};

pub(super) fn draw(venue: &VenueReport, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
    let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(area);
    let title = text::safe(&venue.name);
    let inner = panel::draw(frame, left, scene.theme, &title, Focus::Elsewhere);
    frame.render_widget(Paragraph::new(facts(venue, scene)).wrap(Wrap { trim: false }), inner);
    let inner = panel::draw(frame, right, scene.theme, "What happened to it", Focus::Elsewhere);
    frame.render_widget(Paragraph::new(changes(venue, scene)).wrap(Wrap { trim: false }), inner);
}

fn facts(venue: &VenueReport, scene: &Scene<'_>) -> Vec<Line<'static>> {
    let nothing = scene.theme.glyphs().nothing;
    let mut facts = vec![
        (
            "asked",
            format!("{}, answered {}", text::count(venue.asked), percent(venue.quoted, venue.asked, nothing)),
        ),
        ("chosen", format!("{}, executed {}", text::count(venue.won), text::count(venue.executed))),
        ("last quote", venue.last_quote_at.map_or(nothing.to_owned(), |at| ago(at, scene.now))),
    ];
    if let Some(guard) = &venue.guard {
        facts.extend(plugin(guard, nothing));
    }
    if let Some(error) = &venue.last_error {
        let when = venue.last_error_at.map_or(String::new(), |at| format!("{}: ", ago(at, scene.now)));
        facts.push(("last error", format!("{when}{error}")));
    }
    let row = |(name, fact): (&str, String)| {
        Line::from(vec![
            Span::styled(text::pad(name, 12), scene.theme.style(Role::Dim)),
            Span::styled(text::safe(&fact).into_owned(), scene.theme.style(Role::Text)),
        ])
    };
    facts.into_iter().map(row).collect()
}

fn plugin(guard: &VenueGuard, nothing: &str) -> Vec<(&'static str, String)> {
    let plugin = &guard.plugin;
    let version = plugin.version.as_deref().unwrap_or(nothing);
    let mut facts = vec![
        ("plugin", format!("{} {version}, {}", plugin.name, plugin.isolation)),
        ("sha256", plugin.sha256.as_deref().map_or(nothing.to_owned(), |hash| text::fit(hash, 24, "…"))),
        (
            "in flight",
            format!(
                "{} of this venue, {} of {} of the plugin",
                guard.in_flight, plugin.in_flight, plugin.max_in_flight
            ),
        ),
        (
            "panics",
            format!("{} here, {} of the plugin, {} restarts", guard.panics, plugin.panics, plugin.restarts),
        ),
    ];
    if let Some(reason) = &guard.breaker.reason {
        facts.push(("breaker", format!("{}: {reason}", guard.breaker.state)));
    }
    if let Some(quarantine) = &guard.quarantine {
        facts.push(("quarantine", quarantine.reason.clone()));
    }
    facts
}

fn changes(venue: &VenueReport, scene: &Scene<'_>) -> Vec<Line<'static>> {
    let changes = venue.guard.iter().flat_map(|guard| guard.changes.iter().rev());
    let rows: Vec<_> = changes
        .map(|change| {
            let reason = change.reason.as_deref().map_or_else(String::new, |reason| format!(": {reason}"));
            Line::from(vec![
                Span::styled(format!("{} ", text::clock(change.at)), scene.theme.style(Role::Dim)),
                Span::raw(text::safe(&format!("{}{reason}", change.what)).into_owned()),
            ])
        })
        .collect();
    match rows.is_empty() {
        true => {
            vec![Line::from(Span::styled("nothing since the daemon started", scene.theme.style(Role::Dim)))]
        }
        false => rows,
    }
}

fn ago(at: Timestamp, now: Timestamp) -> String {
    format!("{} ago", text::span(now.millis_since(at)))
}
