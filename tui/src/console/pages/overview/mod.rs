//! Everything at a glance: how the daemon is, how fast it goes, what needs attention, and what happens at this moment.

pub mod concerns;
mod errors;
mod funnel;
mod health;
mod lifecycle;
mod places;
mod stages;
mod throughput;
mod view;

#[cfg(test)]
mod tests;

pub(in crate::console) use throughput::per_second;

use super::{Outcome, Page, PageId, Scene, Target};
use crate::console::{
    actions::Action,
    effect::{Effect, Watch},
    model::{Note, Told, Transition},
    widgets::grid::Cursor,
};
use concerns::{Lead, concerns};
use orderd_sdk::timestamp::Timestamp;
use places::Pane;
use ratatui::{Frame, layout::Rect};
use std::sync::Arc;

/// Everything at a glance.
#[derive(Debug, Default)]
pub struct Overview {
    pane: Pane,
    concern: Cursor,
    state: Cursor,
    error: Cursor,
    change: Cursor,
    frozen: Option<Frozen>,
}

/// The live lifecycle as it was when it was frozen.
#[derive(Debug)]
struct Frozen {
    changes: Vec<Arc<Transition>>,
    /// All that there ever were then.
    total: u64,
}

impl Overview {
    fn step(&mut self, action: Action, told: &Told, now: Timestamp) -> Outcome {
        match self.pane {
            Pane::Attention => self.concern.act(action, &concerns::keys(&concerns(told, now))),
            Pane::Funnel => self.state.act(action, &funnel::KEYS),
            Pane::Errors => self.error.act(action, &errors::keys(told)),
            // A row can be chosen only where rows stay.
            Pane::Feed if self.frozen.is_none() => return self.freeze(told),
            Pane::Feed => self.change.act(action, &keys(self.frozen.as_ref())),
        };
        Outcome::nothing()
    }

    fn open(&mut self, told: &Told, now: Timestamp) -> Outcome {
        let outcome = match self.pane {
            Pane::Attention => self.lead(told, now).map(|lead| match lead {
                Lead::Page(page) => Outcome::go(page),
                Lead::Orders(filter) => orders(filter),
                Lead::Order(id) => Outcome::open(id),
                Lead::Reconnect => Outcome::effect(Effect::Reconnect),
            }),
            Pane::Funnel => {
                self.state.row(&funnel::KEYS).map(|row| orders(format!("state:{}", funnel::KEYS[row])))
            }
            Pane::Errors => {
                let codes = errors::keys(told);
                self.error.row(&codes).map(|row| orders(format!("err:{} since:15m", codes[row])))
            }
            Pane::Feed if self.frozen.is_none() => Some(self.freeze(told)),
            Pane::Feed => self.chosen().map(Outcome::open),
        };
        outcome.unwrap_or_default()
    }

    /// Where the concern under the cursor leads.
    fn lead(&self, told: &Told, now: Timestamp) -> Option<Lead> {
        let mut concerns = concerns(told, now);
        let row = self.concern.row(&concerns::keys(&concerns))?;
        Some(concerns.swap_remove(row).lead)
    }

    fn freeze(&mut self, told: &Told) -> Outcome {
        let changes: Vec<_> = told.feed.newest().map(Arc::clone).collect();
        self.change = Cursor::default();
        self.frozen = Some(Frozen { changes, total: told.feed.total() });
        Outcome::note(Note::plain("the live lifecycle is frozen: F follows again"))
    }

    /// The order under the cursor of the frozen lifecycle.
    fn chosen(&self) -> Option<Arc<str>> {
        let frozen = self.frozen.as_ref()?;
        let change = frozen.changes.get(self.change.row(&keys(Some(frozen)))?)?;
        Some(Arc::clone(change.order.id()))
    }

    /// The order that is meant, where a pane has one under its cursor.
    fn order(&self, told: &Told, now: Timestamp) -> Option<Arc<str>> {
        match self.pane {
            Pane::Feed => self.chosen(),
            Pane::Attention => match self.lead(told, now)? {
                Lead::Order(id) => Some(id),
                Lead::Page(_) | Lead::Orders(_) | Lead::Reconnect => None,
            },
            Pane::Funnel | Pane::Errors => None,
        }
    }
}

/// What rows of the frozen lifecycle are known by.
fn keys(frozen: Option<&Frozen>) -> Vec<String> {
    let changes = frozen.map_or(&[][..], |frozen| &frozen.changes);
    changes.iter().map(|change| change.number.to_string()).collect()
}

/// The page of orders, with this filter.
fn orders(filter: String) -> Outcome {
    Outcome::ask(PageId::Orders, Action::Filter, filter)
}

impl Page for Overview {
    fn act(&mut self, action: Action, _argument: Option<&str>, told: &mut Told, now: Timestamp) -> Outcome {
        match action {
            Action::NextPane => self.pane = self.pane.next(),
            Action::PreviousPane => self.pane = self.pane.previous(),
            Action::Open => return self.open(told, now),
            Action::Freeze if self.frozen.take().is_some() => {}
            Action::Freeze => return self.freeze(told),
            Action::Copy => {
                return match self.order(told, now) {
                    Some(id) => Outcome::effect(Effect::Copy(id.to_string())),
                    None => Outcome::note(Note::plain("no order is under the cursor")),
                };
            }
            _ => return self.step(action, told, now),
        }
        Outcome::nothing()
    }

    /// Who is connected is read as long as somebody looks.
    fn enter(&mut self, _told: &mut Told, _now: Timestamp) -> Vec<Effect> {
        vec![Effect::WatchClients(Watch::On)]
    }

    fn leave(&mut self, _told: &mut Told) -> Vec<Effect> {
        vec![Effect::WatchClients(Watch::Off)]
    }

    fn target(&self, _told: &Told) -> Target {
        match (self.pane, self.chosen()) {
            (Pane::Feed, Some(id)) => Target::Orders(vec![id]),
            _ => Target::Nothing,
        }
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
        view::draw(self, frame, area, scene);
    }
}
