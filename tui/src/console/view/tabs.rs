//! The second line: the pages, and where one is.

use crate::console::{
    pages::{PageId, Scene},
    theme::Role,
};
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
};

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, page: PageId, scene: &Scene<'_>) {
    let mut spans = Vec::new();
    for (at, tab) in PageId::TABS.into_iter().enumerate() {
        let is_here = tab == page.tab();
        let number = at + 1;
        let (text, role) = match is_here {
            true => (format!("[{number} {}]", tab.title()), Role::Accent),
            false => (format!(" {number} {} ", tab.title()), Role::Dim),
        };
        spans.push(Span::styled(text, scene.theme.style(role)));
    }
    frame.render_widget(Line::from(spans), area);
    let hints = ": command  ? help ";
    let used = PageId::TABS.iter().map(|tab| tab.title().len() + 4).sum::<usize>();
    if usize::from(area.width) > used + hints.len() {
        let hints = Span::styled(hints, scene.theme.style(Role::Dim));
        frame.render_widget(Line::from(hints).right_aligned(), area);
    }
}
