//! What operators and clients had done, by whom, and with what result: the newest first.

#[cfg(test)]
mod tests;

use super::{Outcome, Page, Scene};
use crate::console::{
    actions::Action,
    effect::Effect,
    model::Told,
    overlay::{Line as Typed, Overlay, Prompt},
    theme::Role,
    widgets::{
        grid::{self, Column, Cursor},
        panel::{self, Focus},
        text,
    },
};
use orderd_sdk::{
    timestamp::Timestamp,
    wire::{self, ActionOutcome},
};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::{Paragraph, Wrap},
};
use std::borrow::Cow;

const COLUMNS: [Column; 6] = [
    Column::new("TIME", 8),
    Column::new("BY", 14),
    Column::new("VERB", 17),
    Column::new("TARGET", 12),
    Column::new("RESULT", 9),
    Column::rest("WHAT CAME OF IT").from(76),
];

/// What operators have done.
#[derive(Debug, Default)]
pub struct ActionsPage {
    cursor: Cursor,
    filter: String,
}

impl ActionsPage {
    fn rows<'a>(&self, told: &'a Told) -> Vec<&'a wire::Action> {
        let wanted = self.filter.to_lowercase();
        let actions = told.actions.iter().flat_map(|actions| &actions.actions);
        actions.filter(|action| fits(action, &wanted)).collect()
    }

    fn chosen<'a>(&self, told: &'a Told) -> Option<&'a wire::Action> {
        let rows = self.rows(told);
        Some(rows[self.cursor.row(&numbers(&rows))?])
    }

    fn ask_filter(&self) -> Outcome {
        Outcome::overlay(Overlay::Prompt(Prompt {
            title: "Show actions with".into(),
            hint: "in who asked, the verb, the target, the reason or the result; nothing shows all".into(),
            line: Typed::with(&self.filter),
            action: Action::Filter,
        }))
    }
}

impl Page for ActionsPage {
    fn act(&mut self, action: Action, argument: Option<&str>, told: &mut Told, _now: Timestamp) -> Outcome {
        let rows = self.rows(told);
        if self.cursor.act(action, &numbers(&rows)) {
            return Outcome::nothing();
        }
        match (action, self.chosen(told)) {
            (Action::Filter, _) => match argument {
                Some(filter) => filter.clone_into(&mut self.filter),
                None => return self.ask_filter(),
            },
            (Action::Open, Some(chosen)) => {
                if let Some(target) = chosen.target.as_deref().filter(|_| is_about_an_order(chosen)) {
                    return Outcome::open(target.into());
                }
            }
            (Action::Copy, Some(chosen)) => {
                return Outcome::effect(Effect::Copy(chosen.target.clone().unwrap_or_default()));
            }
            (Action::CopyJson, Some(chosen)) => {
                let json = serde_json::to_string(chosen).expect("an action has string keys only");
                return Outcome::effect(Effect::Copy(json));
            }
            _ => {}
        }
        Outcome::nothing()
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
        let below = 8.min(area.height / 3);
        let [list, below] = Layout::vertical([Constraint::Fill(1), Constraint::Length(below)]).areas(area);
        let rows = self.rows(scene.told);
        let filter = match self.filter.is_empty() {
            true => String::new(),
            false => format!(" {} with {}", scene.theme.glyphs().separator, self.filter),
        };
        let title = format!("Actions{filter}");
        let inner =
            panel::draw_with_foot(frame, list, scene.theme, &text::safe(&title), &foot(scene), Focus::Here);
        if rows.is_empty() {
            let words = match scene.told.actions {
                Some(_) => "nothing was done so far",
                None => "the daemon has not told yet",
            };
            frame.render_widget(Line::from(Span::styled(words, scene.theme.style(Role::Dim))), inner);
        }
        let cursor = self.cursor.row(&numbers(&rows));
        grid::draw(frame, inner, scene.theme, &COLUMNS, (rows.len(), cursor), |row, column| {
            cell(rows[row], column, scene)
        });
        if let Some(row) = cursor {
            detail(rows[row], frame, below, scene);
        }
    }
}

/// What the daemon does not know for good has to be said.
fn foot(scene: &Scene<'_>) -> String {
    match scene.told.actions.as_ref().map(|actions| (actions.unsaved, actions.more)) {
        Some((unsaved, _)) if unsaved > 0 => format!("{unsaved} could not be written down"),
        Some((_, true)) => "older ones: orderctl actions".to_owned(),
        Some((_, false)) | None => String::new(),
    }
}

fn numbers(rows: &[&wire::Action]) -> Vec<String> {
    rows.iter().map(|action| action.n.to_string()).collect()
}

fn is_about_an_order(action: &wire::Action) -> bool {
    matches!(action.verb.as_str(), "cancel" | "retry")
}

fn fits(action: &wire::Action, wanted: &str) -> bool {
    let texts = [
        Some(&action.by),
        Some(&action.verb),
        Some(&action.detail),
        action.target.as_ref(),
        action.reason.as_ref(),
        action.code.as_ref(),
    ];
    let is_there = texts.into_iter().flatten().any(|text| text.to_lowercase().contains(wanted));
    is_there || action.outcome.as_str().contains(wanted)
}

fn cell<'a>(action: &'a wire::Action, column: usize, scene: &Scene<'_>) -> (Cow<'a, str>, Role) {
    match column {
        0 => (Cow::Owned(text::clock(action.at)), Role::Dim),
        1 => (Cow::Borrowed(action.by.as_str()), Role::Text),
        2 => (Cow::Borrowed(action.verb.as_str()), Role::Text),
        3 => {
            let target = action.target.as_deref().unwrap_or(scene.theme.glyphs().nothing);
            let target = if is_about_an_order(action) { text::short_id(target) } else { target.to_owned() };
            (Cow::Owned(target), Role::Text)
        }
        4 => {
            let role = match action.outcome {
                ActionOutcome::Done => Role::Good,
                ActionOutcome::Accepted => Role::Busy,
                ActionOutcome::Refused => Role::Warn,
                ActionOutcome::Failed => Role::Bad,
            };
            (Cow::Borrowed(action.outcome.as_str()), role)
        }
        _ => (Cow::Borrowed(action.detail.as_str()), Role::Text),
    }
}

fn detail(action: &wire::Action, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
    let title = format!("Action {}", action.n);
    let inner = panel::draw(frame, area, scene.theme, &title, Focus::Elsewhere);
    let target = action.target.as_deref().unwrap_or_default();
    let address = action.address.as_deref().unwrap_or("an unknown address");
    let mut facts = vec![
        ("asked", format!("{} {target}", action.verb)),
        ("by", format!("{} from {address} at {}", action.by, action.at)),
    ];
    facts.extend(action.reason.iter().map(|reason| ("because", reason.clone())));
    let code = action.code.as_deref().map_or_else(String::new, |code| format!(" ({code})"));
    facts.push((action.outcome.as_str(), format!("{}{code}", action.detail)));
    let row = |(name, fact): (&str, String)| {
        Line::from(vec![
            Span::styled(text::pad(name, 10), scene.theme.style(Role::Dim)),
            Span::raw(text::safe(&fact).into_owned()),
        ])
    };
    let rows: Vec<_> = facts.into_iter().map(row).collect();
    frame.render_widget(Paragraph::new(rows).wrap(Wrap { trim: false }), inner);
}
