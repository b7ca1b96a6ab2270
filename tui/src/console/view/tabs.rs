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

/// Columns around a tab's title.
const AROUND: usize = 4;

/// The page whose tab is at this column.
pub(super) fn at(x: u16) -> Option<PageId> {
    let mut end = 0;
    PageId::TABS.into_iter().find(|tab| {
        end += tab.title().len() + AROUND;
        usize::from(x) < end
    })
}

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
    let used = PageId::TABS.iter().map(|tab| tab.title().len() + AROUND).sum::<usize>();
    if usize::from(area.width) > used + hints.len() {
        let hints = Span::styled(hints, scene.theme.style(Role::Dim));
        frame.render_widget(Line::from(hints).right_aligned(), area);
    }
}
