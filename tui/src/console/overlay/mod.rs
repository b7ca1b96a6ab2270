//! What lies on top of a page and has the keys: a question, a line to type, the palette, the help.

mod confirm;
mod help;
mod palette;
mod prompt;
mod waiting;

pub use confirm::{Confirm, Demand};
pub use help::Help;
pub use palette::Palette;
pub use prompt::{Line, Prompt};
pub use waiting::Waiting;

use super::{
    actions::{Action, Verb},
    input::Key,
    pages::{PageId, Scene},
};
use ratatui::{Frame, layout::Rect};

/// Something on top of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// A question before something is changed.
    Confirm(Confirm),
    /// The wait for an answer.
    Waiting(Waiting),
    /// A line to type.
    Prompt(Prompt),
    /// Commands by name.
    Palette(Palette),
    /// What can be done here.
    Help(Help),
}

/// What comes of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The overlay stays.
    Stay,
    /// It goes, and nothing comes of it.
    Close,
    /// It goes, and this is done.
    Act {
        /// What is done.
        action: Action,
        /// With what, if anything was said.
        argument: Option<String>,
    },
    /// It goes, and this change was confirmed.
    Confirmed(Verb),
}

impl Overlay {
    /// Gives it a key.
    pub fn key(&mut self, key: Key, page: PageId) -> Heard {
        match self {
            Self::Confirm(confirm) => confirm.key(key),
            Self::Waiting(_) => Waiting::key(key),
            Self::Prompt(prompt) => prompt.key(key),
            Self::Palette(palette) => palette.key(key, page),
            Self::Help(help) => help.key(key),
        }
    }

    /// Gives it text that was pasted.
    pub fn paste(&mut self, text: &str) {
        match self {
            // What is pasted never answers a question.
            Self::Confirm(_) | Self::Waiting(_) => {}
            Self::Prompt(prompt) => prompt.line.insert(text),
            Self::Palette(palette) => palette.paste(text),
            Self::Help(help) => help.paste(text),
        }
    }

    /// Draws it over the page.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, page: PageId, scene: &Scene<'_>) {
        match self {
            Self::Confirm(confirm) => confirm.draw(frame, area, scene),
            Self::Waiting(waiting) => waiting.draw(frame, area, scene),
            Self::Prompt(prompt) => prompt.draw(frame, area, scene),
            Self::Palette(palette) => palette.draw(frame, area, page, scene),
            Self::Help(help) => help.draw(frame, area, page, scene),
        }
    }
}
