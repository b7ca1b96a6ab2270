//! A line to type.

use super::Heard;
use crate::console::{
    actions::Action,
    input::Key,
    pages::Scene,
    theme::Role,
    widgets::{popup, text},
};
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line as Row, Span},
};

/// Characters that a line holds; what is more is left out.
const MOST: usize = 1_000;

/// A line of text with a cursor. Control characters do not get into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    text: String,
    /// In bytes, at the beginning of a character.
    cursor: usize,
}

impl Line {
    /// A line that begins with a text.
    #[must_use]
    pub fn with(text: &str) -> Self {
        let mut line = Self::default();
        line.insert(text);
        line
    }

    /// What was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is before the cursor, and what is behind it.
    #[must_use]
    pub fn halves(&self) -> (&str, &str) {
        self.text.split_at(self.cursor)
    }

    /// Puts text where the cursor is, as far as there is room.
    pub fn insert(&mut self, text: &str) {
        let room = MOST.saturating_sub(self.text.chars().count());
        // Only so much of what was pasted is looked at, however much it is.
        let typed: String = text.chars().take(MOST).filter(|c| !c.is_control()).take(room).collect();
        self.text.insert_str(self.cursor, &typed);
        self.cursor += typed.len();
    }

    /// Edits the line; false when the key means nothing to a line.
    pub fn key(&mut self, key: Key) -> bool {
        match key {
            Key::Char(c) => self.insert(c.encode_utf8(&mut [0; 4])),
            Key::Backspace => {
                if let Some(c) = self.before() {
                    self.cursor -= c.len_utf8();
                    self.text.remove(self.cursor);
                }
            }
            Key::Delete if self.cursor < self.text.len() => drop(self.text.remove(self.cursor)),
            Key::Left => self.cursor -= self.before().map_or(0, char::len_utf8),
            Key::Right => self.cursor += self.text[self.cursor..].chars().next().map_or(0, char::len_utf8),
            Key::Home => self.cursor = 0,
            Key::End | Key::Ctrl('e') => self.cursor = self.text.len(),
            Key::Ctrl('w') => self.delete_word(),
            Key::Ctrl('u') => {
                self.text.drain(..self.cursor);
                self.cursor = 0;
            }
            _ => return false,
        }
        true
    }

    fn before(&self) -> Option<char> {
        self.text[..self.cursor].chars().next_back()
    }

    fn delete_word(&mut self) {
        let kept = self.text[..self.cursor].trim_end();
        let start = kept.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        self.text.drain(start..self.cursor);
        self.cursor = start;
    }
}

/// Asks for a line, and does something with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What is asked for.
    pub title: String,
    /// What may be typed, or what is wrong with it.
    pub hint: String,
    /// What was typed.
    pub line: Line,
    /// What is done with it.
    pub action: Action,
}

impl Prompt {
    pub(super) fn key(&mut self, key: Key) -> Heard {
        match key {
            Key::Esc => Heard::Close,
            Key::Enter => {
                Heard::Act { action: self.action, argument: Some(self.line.text().trim().to_owned()) }
            }
            key => {
                self.line.key(key);
                Heard::Stay
            }
        }
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
        let style = |role| scene.theme.style(role);
        let rows = vec![
            input(&self.line, scene),
            Row::default(),
            Row::from(Span::styled(text::safe(&self.hint), style(Role::Dim))),
            Row::from(Span::styled("Enter  go on     Esc  leave", style(Role::Accent))),
        ];
        popup::draw(frame, area, scene.theme, &self.title, rows);
    }
}

/// A line with its cursor.
pub(super) fn input(line: &Line, scene: &Scene<'_>) -> Row<'static> {
    let (before, behind) = line.halves();
    let mut behind = behind.chars();
    let at = behind.next().unwrap_or(' ');
    Row::from(vec![
        Span::styled("> ", scene.theme.style(Role::Accent)),
        Span::styled(text::safe(before).into_owned(), scene.theme.style(Role::Text)),
        Span::styled(at.to_string(), scene.theme.style(Role::Cursor)),
        Span::styled(text::safe(behind.as_str()).into_owned(), scene.theme.style(Role::Text)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_edited_where_its_cursor_is() {
        let mut line = Line::with("stäte failed");
        for key in [Key::Home, Key::Right, Key::Right, Key::Delete, Key::Char('a')] {
            assert!(line.key(key));
        }
        assert_eq!(line.text(), "state failed");
        line.key(Key::End);
        line.key(Key::Ctrl('w'));
        line.key(Key::Backspace);
        assert_eq!(line.text(), "state");
        line.key(Key::Ctrl('u'));
        line.key(Key::Backspace);
        line.key(Key::Left);
        assert_eq!(line, Line::default());
        assert!(!line.key(Key::Enter));
    }

    #[test]
    fn a_paste_is_cut_and_has_no_control_characters() {
        let mut line = Line::with("a");
        line.insert(&"\u{1b}[2Jx\n".repeat(200_000));
        assert!(line.text().chars().count() <= MOST);
        assert!(!line.text().contains(char::is_control));
    }
}
