//! The palette: everything that can be done, by name, with what comes after the name as its argument.

use super::{Heard, Line, prompt::input};
use crate::console::{
    actions::{REGISTRY, Spec},
    input::Key,
    pages::{PageId, Scene},
    theme::Role,
    widgets::{popup, text},
};
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line as Row, Span},
};

/// Commands that are shown at a time.
const SHOWN: usize = 12;

/// Commands by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Palette {
    line: Line,
    selected: usize,
}

impl Palette {
    /// The commands that fit what was typed, those of this page only, the best first.
    #[must_use]
    pub fn matches(&self, page: PageId) -> Vec<&'static Spec> {
        let wanted = self.command();
        let here = REGISTRY.iter().filter(|spec| spec.is_on(page));
        let mut ranked: Vec<_> = here.filter_map(|spec| Some((rank(spec, wanted)?, spec))).collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, spec)| spec).collect()
    }

    fn command(&self) -> &str {
        self.line.text().split_whitespace().next().unwrap_or_default()
    }

    fn argument(&self) -> Option<String> {
        let (_, argument) = self.line.text().trim().split_once(char::is_whitespace)?;
        Some(argument.trim().to_owned())
    }

    pub(super) fn paste(&mut self, text: &str) {
        self.line.insert(text);
        self.selected = 0;
    }

    pub(super) fn key(&mut self, key: Key, page: PageId) -> Heard {
        let matches = self.matches(page);
        match key {
            Key::Esc => return Heard::Close,
            Key::Enter => {
                return match matches.get(self.selected) {
                    Some(spec) => Heard::Act { action: spec.action, argument: self.argument() },
                    None => Heard::Stay,
                };
            }
            Key::Up | Key::BackTab => self.selected = self.selected.saturating_sub(1),
            Key::Down => self.selected = (self.selected + 1).min(matches.len().saturating_sub(1)),
            Key::Tab => {
                if let Some(spec) = matches.get(self.selected) {
                    self.line = Line::with(&format!("{} ", spec.command));
                    self.selected = 0;
                }
            }
            key => {
                if self.line.key(key) {
                    self.selected = 0;
                }
            }
        }
        Heard::Stay
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, area: Rect, page: PageId, scene: &Scene<'_>) {
        let matches = self.matches(page);
        let first = self.selected.saturating_sub(SHOWN - 1);
        let mut rows = vec![input(&self.line, scene), Row::default()];
        let shown = matches.iter().enumerate().skip(first).take(SHOWN);
        rows.extend(shown.map(|(at, spec)| {
            let role = if at == self.selected { Role::Cursor } else { Role::Text };
            Row::from(Span::styled(entry(spec), scene.theme.style(role)))
        }));
        if matches.is_empty() {
            rows.push(Row::from(Span::styled("nothing is called so here", scene.theme.style(Role::Dim))));
        }
        popup::draw(frame, area, scene.theme, "Command", rows);
    }
}

fn entry(spec: &Spec) -> String {
    let key = spec.keys.first().map_or_else(String::new, ToString::to_string);
    format!("{} {} {key:>9}", text::pad(spec.command, 16), text::pad(spec.title, 34))
}

/// How well a command fits: begins so, has it, or has its letters in this order. The lower the better.
fn rank(spec: &Spec, wanted: &str) -> Option<u8> {
    let wanted = wanted.to_lowercase();
    let title = spec.title.to_lowercase();
    match () {
        () if spec.command == wanted => Some(0),
        () if spec.command.starts_with(&wanted) => Some(1),
        () if spec.command.contains(&wanted) || title.contains(&wanted) => Some(2),
        () if has_letters(spec.command, &wanted) => Some(3),
        () => None,
    }
}

fn has_letters(command: &str, wanted: &str) -> bool {
    let mut letters = command.chars();
    wanted.chars().all(|letter| letters.any(|other| other == letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::actions::Action;

    fn typed(text: &str) -> Palette {
        let mut palette = Palette::default();
        palette.paste(text);
        palette
    }

    #[test]
    fn a_command_is_found_by_its_beginning_its_words_and_its_letters() {
        for (text, expected) in
            [("ret", Action::Retry), ("attempts", Action::Diff), ("rcn", Action::Reconnect)]
        {
            assert_eq!(typed(text).matches(PageId::Order)[0].action, expected, "{text}");
        }
        assert!(typed("zzz").matches(PageId::Order).is_empty());
        let here = |page| typed("").matches(page).iter().any(|spec| spec.action == Action::EnableVenue);
        assert!(here(PageId::Venues) && !here(PageId::Logs));
    }

    #[test]
    fn enter_does_what_is_selected_with_what_was_typed_behind_it() {
        let heard = typed("filter  state:failed x").key(Key::Enter, PageId::Orders);
        assert_eq!(heard, Heard::Act { action: Action::Filter, argument: Some("state:failed x".into()) });
        let mut palette = typed("c");
        palette.key(Key::Down, PageId::Orders);
        let second = palette.matches(PageId::Orders)[1].action;
        let heard = palette.key(Key::Enter, PageId::Orders);
        assert_eq!(heard, Heard::Act { action: second, argument: None });
        assert_eq!(typed("zzz").key(Key::Enter, PageId::Orders), Heard::Stay);
    }
}
