//! Many orders: a table that shows those which a filter means, sorted, live, with marks for what is done to several of them.

#[cfg(test)]
mod tests;
mod view;

use super::{Outcome, Page, PageId, Scene, Target};
use crate::console::{
    actions::Action,
    effect::{Effect, Reach},
    model::{Note, Told},
    orders::{Column, Direction, Listing, MAX_MARKS, Marking, Mode, Sort},
    overlay::{Line, Overlay, Prompt},
};
use orderd_sdk::{
    client::{Cache, Changed, RecallError},
    filter::Filter,
    timestamp::Timestamp,
};
use ratatui::{Frame, layout::Rect};
use std::sync::Arc;

/// What a filter looks like, for whoever is about to type one.
const HINT: &str =
    "state:failed,retry venue:paper-alpha -err:refused since:15m age:>5m some text; nothing shows all";
/// Rows of a page.
const PAGE: isize = 15;

/// Many orders.
#[derive(Debug, Default)]
pub struct Orders {
    listing: Listing,
    filter: Filter,
    older: Older,
}

/// Whether orders are in the cache that were over before the console began.
#[derive(Debug, Default)]
enum Older {
    /// The daemon is being asked.
    #[default]
    Asked,
    /// So far back.
    There(Reach),
    /// It could not be asked.
    Missing(String),
}

impl Orders {
    /// Orders of the cache have changed.
    pub fn refresh(&mut self, changed: &Changed, cache: &Cache, now: Timestamp) {
        self.listing.refresh(changed, cache, now);
    }

    /// Time has passed.
    pub fn advance(&mut self, cache: &Cache, now: Timestamp) {
        self.listing.advance(cache, now);
    }

    /// The page has so many rows.
    pub fn resize(&mut self, rows: u16) {
        self.listing.resize(view::lines(rows).into());
    }

    fn pick(&mut self, text: &str, told: &Told, now: Timestamp) -> Outcome {
        match Filter::parse(text) {
            Ok(filter) => {
                self.filter = filter.clone();
                self.listing.pick(Box::new(filter), &told.cache, now);
                Outcome::effect(self.recall())
            }
            Err(error) => ask_filter(text, &error.to_string()),
        }
    }

    fn export(&self, argument: Option<&str>) -> Outcome {
        match argument {
            Some(file) if !file.is_empty() => {
                Outcome::effect(Effect::Export { filter: self.filter.clone(), file: file.into() })
            }
            Some(_) => Outcome::nothing(),
            None => Outcome::overlay(Overlay::Prompt(Prompt {
                title: "Export all orders that match to the file".into(),
                hint: "JSON Lines, or CSV when its name ends in .csv".into(),
                line: Line::with("orders.jsonl"),
                action: Action::Export,
            })),
        }
    }

    fn recall(&mut self) -> Effect {
        self.older = Older::Asked;
        Effect::Recall(self.filter.clone())
    }

    /// Older orders were brought into the cache, or not.
    pub fn recalled(&mut self, filter: &Filter, outcome: Result<Reach, Arc<RecallError>>) {
        // Another filter may have been typed meanwhile.
        if *filter == self.filter {
            self.older = match outcome {
                Ok(reach) => Older::There(reach),
                Err(error) => Older::Missing(error.to_string()),
            };
        }
    }

    fn sort_by_next(&mut self) -> Outcome {
        let Sort { column, direction } = self.listing.sort();
        let at = Column::ALL.iter().position(|other| *other == column).unwrap_or(0);
        let column = Column::ALL[(at + 1) % Column::ALL.len()];
        self.listing.sort_by(Sort { column, direction });
        Outcome::note(Note::plain(format!("sorted by {}", view::title(column).to_lowercase())))
    }

    fn reverse(&mut self) {
        let Sort { column, direction } = self.listing.sort();
        self.listing.sort_by(Sort { column, direction: direction.flipped() });
    }

    fn freeze(&mut self, told: &Told, now: Timestamp) {
        match self.listing.mode() {
            Mode::Frozen(_) => {
                self.listing.thaw(&told.cache, now);
                self.listing.follow();
            }
            Mode::Follow | Mode::Stay => self.listing.freeze(),
        }
    }

    /// The end where the newest are is followed from then on.
    fn go_to_end(&mut self, number: usize) {
        self.listing.go_to(number);
        let is_newest_first = self.listing.sort().direction == Direction::Descending;
        if (number == 0) == is_newest_first && self.listing.sort().column == Column::Created {
            self.listing.follow();
        }
    }

    fn mark(&mut self) -> Outcome {
        let marking = self.listing.toggle_mark();
        self.listing.step(1);
        told_full(marking)
    }

    fn copy(&self, told: &Told, action: Action) -> Outcome {
        let Some(row) = self.listing.cursor() else { return Outcome::nothing() };
        let marked = self.listing.marks().ids();
        let text = match action {
            Action::CopyJson => {
                told.cache.get(row.order.id()).and_then(|held| serde_json::to_string(&*held.order).ok())
            }
            _ if marked.is_empty() => Some(row.order.id().to_string()),
            _ => Some(marked.join("\n")),
        };
        match text {
            Some(text) => Outcome {
                note: Some(Note::plain("copied, if the terminal allows it")),
                ..Outcome::effect(Effect::Copy(text))
            },
            None => Outcome::nothing(),
        }
    }

    fn moved(&mut self, action: Action) -> bool {
        match action {
            Action::Up => self.listing.step(-1),
            Action::Down => self.listing.step(1),
            Action::PageUp => self.listing.step(-PAGE),
            Action::PageDown => self.listing.step(PAGE),
            Action::Top => self.go_to_end(0),
            Action::Bottom => self.go_to_end(usize::MAX),
            _ => return false,
        }
        true
    }
}

fn ask_filter(text: &str, hint: &str) -> Outcome {
    let line = Line::with(text);
    let (title, hint) = ("Show orders with".into(), hint.into());
    Outcome::overlay(Overlay::Prompt(Prompt { title, hint, line, action: Action::Filter }))
}

fn told_full(marking: Marking) -> Outcome {
    match marking {
        Marking::Done => Outcome::nothing(),
        Marking::Full => Outcome::note(Note::bad(format!("no more than {MAX_MARKS} orders can be marked"))),
    }
}

impl Page for Orders {
    fn act(&mut self, action: Action, argument: Option<&str>, told: &mut Told, now: Timestamp) -> Outcome {
        if self.moved(action) {
            return Outcome::nothing();
        }
        match action {
            Action::Filter => match argument {
                Some(text) => return self.pick(text, told, now),
                None => return ask_filter(&self.filter.to_string(), HINT),
            },
            Action::Sort => return self.sort_by_next(),
            Action::ReverseSort => self.reverse(),
            Action::Freeze => self.freeze(told, now),
            Action::Mark => return self.mark(),
            Action::MarkAll => return told_full(self.listing.mark_all()),
            Action::Unmark => self.listing.clear_marks(),
            Action::Export => return self.export(argument),
            Action::Copy | Action::CopyJson => return self.copy(told, action),
            Action::Open => {
                if let Some(row) = self.listing.cursor() {
                    return Outcome::open(row.order.id().clone());
                }
            }
            Action::OrderLogs => {
                if let Some(row) = self.listing.cursor() {
                    return Outcome::ask(PageId::Logs, Action::Narrow, row.order.id().to_string());
                }
            }
            _ => {}
        }
        Outcome::nothing()
    }

    fn click(&mut self, _x: u16, y: u16) -> Outcome {
        let line = usize::from(y).checked_sub(view::ABOVE);
        if let Some(line) = line.filter(|line| *line < self.listing.window().count()) {
            self.listing.go_to(self.listing.top() + line);
        }
        Outcome::nothing()
    }

    fn enter(&mut self, _told: &mut Told, _now: Timestamp) -> Vec<Effect> {
        vec![self.recall()]
    }

    fn matching(&self) -> Option<String> {
        Some(self.filter.to_string())
    }

    fn target(&self, _told: &Told) -> Target {
        let marked = self.listing.marks().ids();
        match (marked.is_empty(), self.listing.cursor()) {
            (false, _) => Target::Orders(marked),
            (true, Some(row)) => Target::Orders(vec![row.order.id().clone()]),
            (true, None) => Target::Nothing,
        }
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
        view::draw(self, frame, area, scene);
    }
}
