//! One order's life: where it stands, what the venues answered, what went wrong and what that means, its stays on a time line,
//! and every event.

mod compare;
mod facts;
mod gantt;
mod life;
#[cfg(test)]
mod tests;
mod verdict;
mod view;

use super::{Outcome, Page, PageId, Scene, Target};
use crate::console::{
    actions::Action,
    effect::Effect,
    model::{Note, Told},
};
use orderd_sdk::{
    timestamp::Timestamp,
    wire::{OrderDto, OrderMessage},
};
use ratatui::{Frame, layout::Rect};
use std::sync::Arc;

/// Events that are kept of one order; when there are more, the oldest go.
const MOST_EVENTS: usize = 2_000;
/// Rows of a page.
const PAGE: usize = 10;

/// One order's life.
#[derive(Debug, Default)]
pub struct OrderPage {
    id: Option<Arc<str>>,
    events: Vec<Arc<OrderMessage>>,
    /// The event under the cursor; none while the newest is followed.
    selected: Option<usize>,
    shown: Shown,
    zoom: Zoom,
    clock: Clock,
    scrolled: usize,
}

/// What is shown of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shown {
    /// Its stays on a time line.
    #[default]
    Life,
    /// Its attempts side by side.
    Compared,
    /// The object that the daemon sends.
    Raw,
}

/// What the time line covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Zoom {
    /// All of it.
    #[default]
    Whole,
    /// The last attempt.
    Attempt,
}

/// How times of events are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Clock {
    /// The time of day.
    #[default]
    Wall,
    /// Since the order was accepted.
    Relative,
}

impl OrderPage {
    /// Shows this order from now on.
    pub fn show(&mut self, id: Arc<str>) -> Vec<Effect> {
        if self.id.as_ref() != Some(&id) {
            let (zoom, clock) = (self.zoom, self.clock);
            *self = Self { id: Some(id.clone()), zoom, clock, ..Self::default() };
        }
        vec![Effect::Follow(Some(id))]
    }

    /// Takes in an event of the order that is followed.
    pub fn tell(&mut self, event: Arc<OrderMessage>) {
        let is_news = self.events.last().is_none_or(|last| last.seq < event.seq);
        if self.id.as_deref() != Some(event.order_id.as_str()) || !is_news {
            return;
        }
        self.events.push(event);
        if self.events.len() > MOST_EVENTS {
            self.events.remove(0);
            self.selected = self.selected.map(|row| row.saturating_sub(1));
        }
    }

    fn order(&self) -> Option<&OrderDto> {
        self.events.last().map(|event| &event.order)
    }

    fn selected(&self) -> usize {
        let last = self.events.len().saturating_sub(1);
        self.selected.map_or(last, |row| row.min(last))
    }

    fn step(&mut self, down: bool, rows: usize) {
        if self.shown == Shown::Raw {
            self.scrolled = moved(self.scrolled, down, rows);
            return;
        }
        let row = moved(self.selected(), down, rows);
        // At the end it follows again.
        self.selected = (row + 1 < self.events.len()).then_some(row);
    }

    fn toggle(&mut self, shown: Shown) {
        self.shown = if self.shown == shown { Shown::Life } else { shown };
        self.scrolled = 0;
    }

    fn copy_id(&self) -> Outcome {
        match &self.id {
            Some(id) => Outcome {
                note: Some(Note::plain("the id is in the clipboard, if the terminal allows it")),
                ..Outcome::effect(Effect::Copy(id.to_string()))
            },
            None => Outcome::nothing(),
        }
    }

    fn copy_json(&self) -> Outcome {
        match self.order().map(serde_json::to_string) {
            Some(Ok(json)) => Outcome {
                note: Some(Note::plain("the order is in the clipboard, if the terminal allows it")),
                ..Outcome::effect(Effect::Copy(json))
            },
            Some(Err(_)) | None => Outcome::nothing(),
        }
    }
}

fn moved(row: usize, down: bool, rows: usize) -> usize {
    if down { row.saturating_add(rows) } else { row.saturating_sub(rows) }
}

impl Page for OrderPage {
    fn act(&mut self, action: Action, argument: Option<&str>, _told: &mut Told, _now: Timestamp) -> Outcome {
        match action {
            Action::Up | Action::Left => self.step(false, 1),
            Action::Down | Action::Right => self.step(true, 1),
            Action::PageUp => self.step(false, PAGE),
            Action::PageDown => self.step(true, PAGE),
            Action::Top => self.step(false, usize::MAX),
            Action::Bottom => self.step(true, usize::MAX / 2),
            Action::Zoom => {
                self.zoom = match self.zoom {
                    Zoom::Whole => Zoom::Attempt,
                    Zoom::Attempt => Zoom::Whole,
                };
            }
            Action::Clock => {
                self.clock = match self.clock {
                    Clock::Wall => Clock::Relative,
                    Clock::Relative => Clock::Wall,
                };
            }
            Action::Raw => self.toggle(Shown::Raw),
            Action::Diff => self.toggle(Shown::Compared),
            Action::Copy => return self.copy_id(),
            Action::CopyJson => return self.copy_json(),
            Action::OrderLogs => {
                if let Some(id) = &self.id {
                    return Outcome::ask(PageId::Logs, Action::Narrow, id.to_string());
                }
            }
            Action::Open => {
                if let Some(id) = argument {
                    return Outcome::open(id.into());
                }
            }
            _ => {}
        }
        Outcome::nothing()
    }

    fn enter(&mut self, _told: &mut Told, _now: Timestamp) -> Vec<Effect> {
        self.id.clone().map(|id| Effect::Follow(Some(id))).into_iter().collect()
    }

    fn leave(&mut self, _told: &mut Told) -> Vec<Effect> {
        vec![Effect::Follow(None)]
    }

    fn target(&self, _told: &Told) -> Target {
        self.id.clone().map_or(Target::Nothing, |id| Target::Orders(vec![id]))
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
        view::draw(self, frame, area, scene);
    }
}
