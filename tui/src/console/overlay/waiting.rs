//! Something was asked of the daemon, and the answer is needed before anything else can be done about it.

use super::Heard;
use crate::console::{
    input::Key,
    pages::Scene,
    theme::Role,
    widgets::{popup, text},
};
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
};

/// The wait for an answer. Escape leaves it; the answer is then dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// What for.
    pub words: String,
}

impl Waiting {
    pub(super) fn key(key: Key) -> Heard {
        match key {
            Key::Esc | Key::Char('q' | 'n') => Heard::Close,
            _ => Heard::Stay,
        }
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
        let row = |words: &str, role| {
            Line::from(Span::styled(text::safe(words).into_owned(), scene.theme.style(role)))
        };
        let rows = vec![row(&self.words, Role::Busy), Line::default(), row("Esc  leave", Role::Accent)];
        popup::draw(frame, area, scene.theme, "Wait", rows);
    }
}
