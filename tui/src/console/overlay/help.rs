//! The help: what can be done on this page, made of the registry.

use super::{Heard, Line, prompt::input};
use crate::console::{
    actions::{Changes, Group, Spec, on_page},
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

/// What can be done here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Help {
    line: Line,
    scrolled: usize,
}

impl Help {
    pub(super) fn paste(&mut self, text: &str) {
        self.line.insert(text);
        self.scrolled = 0;
    }

    pub(super) fn key(&mut self, key: Key) -> Heard {
        match key {
            Key::Esc | Key::Enter | Key::Char('?') => return Heard::Close,
            Key::Up => self.scrolled = self.scrolled.saturating_sub(1),
            Key::Down => self.scrolled = self.scrolled.saturating_add(1),
            Key::PageUp => self.scrolled = self.scrolled.saturating_sub(10),
            Key::PageDown => self.scrolled = self.scrolled.saturating_add(10),
            key => {
                if self.line.key(key) {
                    self.scrolled = 0;
                }
            }
        }
        Heard::Stay
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, area: Rect, page: PageId, scene: &Scene<'_>) {
        let mut rows = vec![input(&self.line, scene), Row::default()];
        let listed = self.rows(page, scene);
        let most = listed.len().saturating_sub(usize::from(area.height).saturating_sub(6));
        rows.extend(listed.into_iter().skip(self.scrolled.min(most)));
        popup::draw(frame, area, scene.theme, &format!("Help: {}", page.title()), rows);
    }

    fn rows(&self, page: PageId, scene: &Scene<'_>) -> Vec<Row<'static>> {
        let wanted = self.line.text().to_lowercase();
        let fits =
            |spec: &&Spec| spec.title.to_lowercase().contains(&wanted) || spec.command.contains(&wanted);
        let mut rows = Vec::new();
        for group in Group::ALL {
            let specs: Vec<_> = on_page(page).filter(|spec| spec.group == group).filter(fits).collect();
            if !specs.is_empty() {
                rows.push(Row::from(Span::styled(group.title(), scene.theme.style(Role::Title))));
                rows.extend(specs.into_iter().map(|spec| row(spec, scene)));
            }
        }
        rows
    }
}

fn row(spec: &Spec, scene: &Scene<'_>) -> Row<'static> {
    let keys: Vec<_> = spec.keys.iter().map(ToString::to_string).collect();
    let is_off = spec.changes == Changes::Daemon && !scene.session.may_change();
    let role = if is_off { Role::Off } else { Role::Text };
    let why = if is_off { "  read-only" } else { "" };
    Row::from(vec![
        Span::styled(format!("  {} ", text::pad(&keys.join(" "), 14)), scene.theme.style(Role::Accent)),
        Span::styled(text::pad(spec.title, 34), scene.theme.style(role)),
        Span::styled(format!(" :{}{why}", spec.command), scene.theme.style(Role::Dim)),
    ])
}
