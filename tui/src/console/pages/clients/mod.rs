//! Who is connected by WebSocket, and how well each keeps up.

#[cfg(test)]
mod tests;

use super::{Outcome, Page, Scene, Target};
use crate::console::{
    actions::Action,
    effect::{Effect, Watch},
    model::{Note, Told},
    overlay::{Line as Typed, Overlay, Prompt},
    theme::Role,
    widgets::{
        grid::{self, Column, Cursor},
        panel::{self, Focus},
        text,
    },
};
use orderd_sdk::{timestamp::Timestamp, wire::ClientReport};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::{Paragraph, Wrap},
};
use std::borrow::Cow;

const COLUMNS: [Column; 8] = [
    Column::new("CLIENT", 18),
    Column::new("ADDRESS", 21),
    Column::new("FOLLOWS", 8),
    Column::new("LAG", 9),
    Column::new("BUFFER", 9).from(84),
    Column::new("SENT", 12).from(96),
    Column::new("FOR", 7),
    Column::rest("PROGRAM").from(110),
];

/// Events that a client may be behind before somebody should look.
const LAGS: u64 = 1_000;

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Order {
    /// The most behind first, as the daemon lists them.
    #[default]
    Lag,
    /// Their names.
    Name,
    /// The newest first.
    Since,
}

/// Who is connected.
#[derive(Debug, Default)]
pub struct ClientsPage {
    cursor: Cursor,
    order: Order,
    is_reversed: bool,
    filter: String,
}

impl ClientsPage {
    fn rows<'a>(&self, told: &'a Told) -> Vec<&'a ClientReport> {
        let wanted = self.filter.to_lowercase();
        let clients = told.clients.iter().flat_map(|clients| &clients.clients);
        let mut rows: Vec<_> = clients.filter(|client| fits(client, &wanted)).collect();
        match self.order {
            Order::Lag => rows.sort_by_key(|client| std::cmp::Reverse(client.lag)),
            Order::Name => rows.sort_by_key(|client| name(client)),
            Order::Since => rows.sort_by_key(|client| std::cmp::Reverse(client.since)),
        }
        if self.is_reversed {
            rows.reverse();
        }
        rows
    }

    fn chosen<'a>(&self, told: &'a Told) -> Option<&'a ClientReport> {
        let rows = self.rows(told);
        Some(rows[self.cursor.row(&ids(&rows))?])
    }

    fn ask_filter(&self) -> Outcome {
        Outcome::overlay(Overlay::Prompt(Prompt {
            title: "Show clients with".into(),
            hint: "in their name, address, program or id; nothing shows all".into(),
            line: Typed::with(&self.filter),
            action: Action::Filter,
        }))
    }

    fn sort(&mut self) -> Outcome {
        let (order, words) = match self.order {
            Order::Lag => (Order::Name, "name"),
            Order::Name => (Order::Since, "time"),
            Order::Since => (Order::Lag, "lag"),
        };
        self.order = order;
        Outcome::note(Note::plain(format!("sorted by {words}")))
    }
}

impl Page for ClientsPage {
    fn act(&mut self, action: Action, argument: Option<&str>, told: &mut Told, _now: Timestamp) -> Outcome {
        let rows = self.rows(told);
        if self.cursor.act(action, &ids(&rows)) {
            return Outcome::nothing();
        }
        match (action, self.chosen(told)) {
            (Action::Filter, _) => match argument {
                Some(filter) => filter.clone_into(&mut self.filter),
                None => return self.ask_filter(),
            },
            (Action::Sort, _) => return self.sort(),
            (Action::ReverseSort, _) => self.is_reversed = !self.is_reversed,
            (Action::Copy, Some(client)) => return Outcome::effect(Effect::Copy(client.id.clone())),
            (Action::CopyJson, Some(client)) => {
                let json = serde_json::to_string(client).expect("a report has string keys only");
                return Outcome::effect(Effect::Copy(json));
            }
            _ => {}
        }
        Outcome::nothing()
    }

    fn enter(&mut self, _told: &mut Told, _now: Timestamp) -> Vec<Effect> {
        vec![Effect::WatchClients(Watch::On)]
    }

    fn leave(&mut self, told: &mut Told) -> Vec<Effect> {
        // What nobody reads gets old.
        told.clients = None;
        vec![Effect::WatchClients(Watch::Off)]
    }

    fn target(&self, told: &Told) -> Target {
        self.chosen(told).map_or(Target::Nothing, |client| Target::Client(client.id.clone()))
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
        let [list, below] =
            Layout::vertical([Constraint::Fill(1), Constraint::Length(8.min(area.height / 3))]).areas(area);
        let rows = self.rows(scene.told);
        let total = scene.told.clients.as_ref().map_or(0, |clients| clients.total);
        let filter = match self.filter.is_empty() {
            true => String::new(),
            false => format!(" {} with {}", scene.theme.glyphs().separator, self.filter),
        };
        let title = format!("Connected clients {}{filter}", text::count(total));
        let foot = format!("{} shown", rows.len());
        let inner = panel::draw_with_foot(frame, list, scene.theme, &text::safe(&title), &foot, Focus::Here);
        let cursor = self.cursor.row(&ids(&rows));
        grid::draw(frame, inner, scene.theme, &COLUMNS, (rows.len(), cursor), |row, column| {
            cell(rows[row], column, scene)
        });
        if let Some(row) = cursor {
            detail(rows[row], frame, below, scene);
        }
    }
}

fn ids<'a>(rows: &[&'a ClientReport]) -> Vec<&'a str> {
    rows.iter().map(|client| client.id.as_str()).collect()
}

fn name(client: &ClientReport) -> &str {
    client.name.as_deref().unwrap_or(&client.id)
}

fn fits(client: &ClientReport, wanted: &str) -> bool {
    let texts = [Some(&client.id), Some(&client.address), client.name.as_ref(), client.user_agent.as_ref()];
    texts.into_iter().flatten().any(|text| text.to_lowercase().contains(wanted))
}

fn cell<'a>(client: &'a ClientReport, column: usize, scene: &Scene<'_>) -> (Cow<'a, str>, Role) {
    let behind = if client.lag >= LAGS { Role::Warn } else { Role::Text };
    match column {
        0 => (Cow::Borrowed(name(client)), Role::Text),
        1 => (Cow::Borrowed(client.address.as_str()), Role::Text),
        2 => (Cow::Owned(client.subscriptions.len().to_string()), Role::Text),
        3 => (Cow::Owned(text::count(client.lag)), behind),
        4 => (Cow::Owned(text::count(client.buffered_messages)), behind),
        5 => (Cow::Owned(text::count(client.sent_messages)), Role::Text),
        6 => (Cow::Owned(text::span(scene.now.millis_since(client.since))), Role::Text),
        _ => (Cow::Borrowed(client.user_agent.as_deref().unwrap_or("")), Role::Dim),
    }
}

fn detail(client: &ClientReport, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
    let inner = panel::draw(frame, area, scene.theme, &text::safe(name(client)), Focus::Elsewhere);
    let follows = client.subscriptions.iter().map(|follow| {
        let topic = serde_json::to_value(follow.topic).ok();
        let topic = topic.as_ref().and_then(serde_json::Value::as_str).unwrap_or("?").to_owned();
        if follow.id == topic { topic } else { format!("{topic} ({})", follow.id) }
    });
    let follows: Vec<_> = follows.collect();
    let facts = [
        ("connection", format!("{} from {}, since {}", client.id, client.address, client.since)),
        ("follows", if follows.is_empty() { "nothing".to_owned() } else { follows.join(", ") }),
        (
            "waits",
            format!(
                "{} messages, {} bytes",
                text::count(client.buffered_messages),
                text::count(client.buffered_bytes)
            ),
        ),
        (
            "sent",
            format!(
                "{} messages, {} bytes",
                text::count(client.sent_messages),
                text::count(client.sent_bytes)
            ),
        ),
    ];
    let row = |(name, fact): (&str, String)| {
        Line::from(vec![
            Span::styled(text::pad(name, 12), scene.theme.style(Role::Dim)),
            Span::raw(text::safe(&fact).into_owned()),
        ])
    };
    let rows: Vec<_> = facts.into_iter().map(row).collect();
    frame.render_widget(Paragraph::new(rows).wrap(Wrap { trim: false }), inner);
}
