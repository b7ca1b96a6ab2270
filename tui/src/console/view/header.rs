//! The first line: which daemon, how far what is shown can be trusted, and its load.

use crate::console::{pages::Scene, theme::Role, widgets::text};
use orderd_sdk::client::{Link, Phase};
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
    let style = |role| scene.theme.style(role);
    let clock = format!("{}Z ", text::clock(scene.now));
    let mut spans = vec![Span::styled(" orderd ", style(Role::Title))];
    spans.push(Span::styled(format!("{} ", text::fit(&scene.session.profile, 16, "…")), style(Role::Accent)));
    if !scene.session.may_change() {
        spans.push(Span::styled("read-only ", style(Role::Warn)));
    }
    let room = usize::from(area.width).saturating_sub(clock.width());
    let mut used: usize = spans.iter().map(Span::width).sum();
    // The first that does not fit ends the line: what matters most comes first.
    for (fact, role) in facts(scene) {
        let fact = format!(" {fact} ");
        used += fact.width();
        if used > room {
            break;
        }
        spans.push(Span::styled(fact, style(role)));
    }
    frame.render_widget(Line::from(spans), area);
    frame.render_widget(Line::from(Span::styled(clock, style(Role::Dim))).right_aligned(), area);
}

fn facts(scene: &Scene<'_>) -> Vec<(String, Role)> {
    let mut facts = vec![link(scene)];
    if let Some(queue) = &scene.told.queue {
        let open: u64 = queue.depth.values().sum();
        facts.push((format!("open {}", text::count(open)), Role::Text));
        if let Some(rate) = queue.rates.iter().find(|rate| rate.seconds == 60) {
            facts.push((format!("in {}/min", text::count(rate.accepted)), Role::Text));
            facts.push((format!("out {}/min", text::count(rate.confirmed)), Role::Text));
            let role = if rate.failed > 0 { Role::Warn } else { Role::Dim };
            facts.push((format!("failed {}", text::count(rate.failed)), role));
        }
    }
    facts
}

/// How the console stands to the daemon, in words as well as in colour.
fn link(scene: &Scene<'_>) -> (String, Role) {
    let dot = scene.theme.glyphs().dot;
    let Some(link) = &scene.told.link else {
        return (format!("{dot} CONNECTING"), Role::Busy);
    };
    let position = link.cursor.map_or_else(String::new, |cursor| format!(" at {}", text::count(cursor)));
    match link.phase {
        Phase::Connecting => (format!("{dot} CONNECTING"), Role::Busy),
        Phase::Live => (format!("{dot} LIVE{position} lag {}", text::count(link.lag)), Role::Good),
        Phase::Stale => (format!("{dot} STALE{}{position}", why(link)), Role::Warn),
        Phase::Polling => (format!("{dot} POLLING{}", why(link)), Role::Warn),
        Phase::Down => (format!("{dot} DOWN{}", why(link)), Role::Bad),
    }
}

fn why(link: &Link) -> String {
    link.why.as_ref().map_or_else(String::new, |why| format!(" ({})", text::fit(&why.to_string(), 40, "…")))
}
