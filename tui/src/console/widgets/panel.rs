//! A panel: a frame with a title at the top and facts at the bottom.

use crate::console::theme::{Role, Theme};
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, Widget},
};

/// Whether a panel has the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// It has.
    Here,
    /// It has not.
    Elsewhere,
}

/// Draws the frame and gives what is inside of it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, theme: &Theme, title: &str, focus: Focus) -> Rect {
    draw_with_foot(frame, area, theme, title, "", focus)
}

/// The same, with a line of facts in the lower edge.
pub fn draw_with_foot(
    frame: &mut Frame<'_>,
    area: Rect,
    theme: &Theme,
    title: &str,
    foot: &str,
    focus: Focus,
) -> Rect {
    let role = match focus {
        Focus::Here => Role::Focus,
        Focus::Elsewhere => Role::Frame,
    };
    let mut block = Block::bordered()
        .border_set(theme.glyphs().border)
        .border_style(theme.style(role))
        .title(Line::from(Span::styled(format!(" {title} "), theme.style(Role::Title))));
    if !foot.is_empty() {
        let foot = Span::styled(format!(" {foot} "), theme.style(Role::Dim));
        block = block.title_bottom(Line::from(foot).right_aligned());
    }
    let inner = block.inner(area);
    block.render(area, frame.buffer_mut());
    inner
}
