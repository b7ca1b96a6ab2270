//! The last line: the newest message, else the keys of this page.

use crate::console::{
    Model,
    actions::{Changes, Group, on_page},
    model::Tone,
    pages::Scene,
    theme::Role,
    widgets::text,
};
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
};

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, scene: &Scene<'_>) {
    let line = match model.notes.shown() {
        Some(note) => {
            let role = match note.tone {
                Tone::Plain => Role::Text,
                Tone::Good => Role::Good,
                Tone::Bad => Role::Bad,
            };
            Line::from(Span::styled(format!(" {}", text::safe(&note.text)), scene.theme.style(role)))
        }
        None => keys(model, scene, usize::from(area.width)),
    };
    frame.render_widget(line, area);
}

/// The keys that belong to this page, as many as there is room for.
fn keys(model: &Model, scene: &Scene<'_>, columns: usize) -> Line<'static> {
    // What is done to things comes first: it matters more than how they are shown.
    let of = |group| on_page(model.page).filter(move |spec| spec.group == group);
    let here = of(Group::Act).chain(of(Group::View));
    let mut spans = vec![Span::raw(" ")];
    let mut used = 1;
    for spec in here {
        let Some(key) = spec.keys.first() else { continue };
        let is_off = spec.changes == Changes::Daemon && !model.session.may_change();
        let (key, title) = (key.to_string(), format!(" {}  ", spec.title));
        used += key.len() + title.len();
        if used > columns {
            break;
        }
        spans.push(Span::styled(key, scene.theme.style(Role::Accent)));
        spans.push(Span::styled(title, scene.theme.style(if is_off { Role::Off } else { Role::Dim })));
    }
    Line::from(spans)
}
