//! The daemon's log: from which level and target on, followed or standing still, with what is searched for.

mod ring;
#[cfg(test)]
mod tests;
mod view;

use super::{Outcome, Page, Scene};
use crate::console::{
    actions::Action,
    effect::Effect,
    model::{Note, Told},
    overlay::{Line as Typed, Overlay, Prompt},
};
use orderd_sdk::{
    client::LogNews,
    timestamp::Timestamp,
    wire::{LogFilter, LogLine},
};
use ratatui::{Frame, layout::Rect};
use ring::{Entry, Ring};

/// Levels, the worst first. A page shows those up to one of them.
const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];
/// The level that is shown at first.
const INFO: usize = 2;
/// Rows of a page.
const PAGE: u64 = 15;

/// The daemon's log.
#[derive(Debug)]
pub struct LogsPage {
    ring: Ring,
    level: usize,
    target: String,
    search: String,
    narrow: Narrow,
    /// The number of the entry under the cursor; none while the newest is followed.
    cursor: Option<u64>,
    is_wrapped: bool,
}

/// Which lines are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Narrow {
    /// All of them; hits are marked.
    No,
    /// Those with a hit only.
    ToHits,
}

impl Default for LogsPage {
    fn default() -> Self {
        Self {
            ring: Ring::default(),
            level: INFO,
            target: String::new(),
            search: String::new(),
            narrow: Narrow::No,
            cursor: None,
            is_wrapped: false,
        }
    }
}

impl LogsPage {
    /// Takes in what the log says.
    pub fn tell(&mut self, news: LogNews) {
        match news {
            LogNews::Lines(lines) => lines.into_iter().for_each(|line| self.ring.push(Entry::Line(line))),
            LogNews::Missed(lines) => self.ring.push(Entry::Missed(lines)),
        }
    }

    fn follow(&mut self) -> Effect {
        let target = Some(self.target.clone()).filter(|target| !target.is_empty());
        Effect::FollowLogs(Some(LogFilter { level: Some(LEVELS[self.level].to_owned()), target }))
    }

    /// Another filter is another log.
    fn begin_anew(&mut self) -> Outcome {
        self.ring = Ring::default();
        self.cursor = None;
        Outcome::effect(self.follow())
    }

    fn is_shown(&self, entry: &Entry) -> bool {
        match (self.narrow, entry) {
            (Narrow::No, _) | (_, Entry::Missed(_)) => true,
            (Narrow::ToHits, Entry::Line(line)) => self.is_hit(line),
        }
    }

    fn is_hit(&self, line: &LogLine) -> bool {
        !self.search.is_empty() && ring::has(line, &self.search)
    }

    /// The numbers of what is shown.
    fn shown(&self) -> Vec<u64> {
        self.ring.iter().filter(|(_, entry)| self.is_shown(entry)).map(|(number, _)| number).collect()
    }

    /// Where the cursor is among what is shown.
    fn row(&self, shown: &[u64]) -> usize {
        let last = shown.len().saturating_sub(1);
        self.cursor.map_or(last, |number| shown.partition_point(|other| *other < number).min(last))
    }

    fn step(&mut self, rows: i64) {
        let shown = self.shown();
        let last = shown.len().saturating_sub(1);
        let row = i64::try_from(self.row(&shown)).unwrap_or(i64::MAX).saturating_add(rows).max(0);
        let row = usize::try_from(row).unwrap_or(usize::MAX).min(last);
        // At the end it follows again.
        self.cursor = shown.get(row).copied().filter(|_| row < last);
    }

    fn chosen(&self) -> Option<&LogLine> {
        let shown = self.shown();
        match self.ring.get(*shown.get(self.row(&shown))?)? {
            Entry::Line(line) => Some(line),
            Entry::Missed(_) => None,
        }
    }

    /// To the next hit, or the one before.
    fn find(&mut self, forward: bool) -> Outcome {
        if self.search.is_empty() {
            return Outcome::note(Note::plain("nothing is searched for: press /"));
        }
        let shown = self.shown();
        let at = self.row(&shown);
        let is_hit = |number: &&u64| match self.ring.get(**number) {
            Some(Entry::Line(line)) => self.is_hit(line),
            Some(Entry::Missed(_)) | None => false,
        };
        let found = match forward {
            true => shown.iter().skip(at + 1).find(is_hit),
            false => shown.iter().take(at).rev().find(is_hit),
        };
        match found {
            Some(number) => {
                self.cursor = Some(*number);
                Outcome::nothing()
            }
            None => Outcome::note(Note::plain("no further hit")),
        }
    }

    fn ask(&self, action: Action, title: &str, hint: &str, text: &str) -> Outcome {
        let line = Typed::with(text);
        Outcome::overlay(Overlay::Prompt(Prompt { title: title.into(), hint: hint.into(), line, action }))
    }

    fn search(&mut self, argument: Option<&str>) -> Outcome {
        let Some(wanted) = argument else {
            return self.ask(
                Action::Filter,
                "Search the log for",
                "n and N lead from hit to hit",
                &self.search,
            );
        };
        wanted.clone_into(&mut self.search);
        if wanted.is_empty() {
            self.narrow = Narrow::No;
            return Outcome::nothing();
        }
        self.find(false)
    }

    fn narrow(&mut self, argument: Option<&str>) {
        match argument {
            Some(wanted) => {
                wanted.clone_into(&mut self.search);
                self.narrow = Narrow::ToHits;
                self.cursor = None;
            }
            None if self.search.is_empty() => self.narrow = Narrow::No,
            None => {
                self.narrow = match self.narrow {
                    Narrow::No => Narrow::ToHits,
                    Narrow::ToHits => Narrow::No,
                }
            }
        }
    }

    fn set_level(&mut self, argument: Option<&str>) -> Outcome {
        let level = match argument {
            Some(name) => LEVELS.iter().position(|level| *level == name),
            None => Some((self.level + 1) % LEVELS.len()),
        };
        match level {
            Some(level) => {
                self.level = level;
                self.begin_anew()
            }
            None => Outcome::note(Note::bad("levels are error, warn, info, debug and trace")),
        }
    }

    fn set_target(&mut self, argument: Option<&str>) -> Outcome {
        match argument {
            Some(target) => {
                target.clone_into(&mut self.target);
                self.begin_anew()
            }
            None => self.ask(
                Action::Target,
                "Show lines of the target",
                "such as orderd::engine: all whose target begins so; nothing shows all",
                &self.target,
            ),
        }
    }

    fn save(&self, argument: Option<&str>) -> Outcome {
        match argument {
            Some(file) if !file.is_empty() => {
                let lines = self.ring.iter().filter(|(_, entry)| self.is_shown(entry));
                let text: String = lines.map(|(_, entry)| format!("{}\n", view::written(entry))).collect();
                Outcome::effect(Effect::Write { file: file.into(), text })
            }
            Some(_) => Outcome::nothing(),
            None => self.ask(
                Action::Save,
                "Save what is shown to the file",
                "it must not be there yet",
                "orderd.log",
            ),
        }
    }
}

impl Page for LogsPage {
    fn act(&mut self, action: Action, argument: Option<&str>, _told: &mut Told, _now: Timestamp) -> Outcome {
        let page = i64::try_from(PAGE).expect("a page is small");
        match action {
            Action::Up => self.step(-1),
            Action::Down => self.step(1),
            Action::PageUp => self.step(-page),
            Action::PageDown => self.step(page),
            Action::Top => self.step(i64::MIN),
            Action::Bottom => self.cursor = None,
            Action::Freeze => {
                let shown = self.shown();
                self.cursor = match self.cursor {
                    Some(_) => None,
                    None => shown.last().copied(),
                };
            }
            Action::NextHit => return self.find(true),
            Action::PreviousHit => return self.find(false),
            Action::Filter => return self.search(argument),
            Action::Narrow => self.narrow(argument),
            Action::Level => return self.set_level(argument),
            Action::Target => return self.set_target(argument),
            Action::Wrap => self.is_wrapped = !self.is_wrapped,
            Action::Save => return self.save(argument),
            Action::Open => {
                if let Some(id) = self.chosen().and_then(ring::order_of) {
                    return Outcome::open(id.into());
                }
                return Outcome::note(Note::plain("this line is about no order"));
            }
            Action::Copy => {
                if let Some(line) = self.chosen() {
                    return Outcome::effect(Effect::Copy(view::line(line)));
                }
            }
            Action::CopyJson => {
                if let Some(line) = self.chosen() {
                    let json = serde_json::to_string(line).expect("a line has string keys only");
                    return Outcome::effect(Effect::Copy(json));
                }
            }
            _ => {}
        }
        Outcome::nothing()
    }

    fn enter(&mut self, _told: &mut Told, _now: Timestamp) -> Vec<Effect> {
        // What was not heard meanwhile would be a hole that nobody is told of.
        self.ring = Ring::default();
        self.cursor = None;
        vec![self.follow()]
    }

    fn leave(&mut self, _told: &mut Told) -> Vec<Effect> {
        vec![Effect::FollowLogs(None)]
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
        view::draw(self, frame, area, scene);
    }
}
