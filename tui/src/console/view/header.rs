//! The first line: which daemon, how far what is shown can be trusted, and its load.

use crate::console::{
    pages::{
        Scene,
        overview::{
            concerns::{Urgency, concerns},
            per_second,
        },
    },
    theme::Role,
    widgets::{spark, text},
};
use orderd_sdk::{
    client::{Link, Phase},
    wire::Rate,
};
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

/// Columns of the sparkline of open orders: its last steps.
const SPARK: usize = 8;

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
    let style = |role| scene.theme.style(role);
    let clock = format!("{}Z ", text::clock(scene.now));
    let mut spans = vec![Span::styled(" orderd ", style(Role::Title))];
    spans.push(Span::styled(
        format!("{} ", text::fit(&scene.session.profile, 16, scene.theme.glyphs().ellipsis)),
        style(Role::Accent),
    ));
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

/// What matters most comes first.
fn facts(scene: &Scene<'_>) -> Vec<(String, Role)> {
    let (told, glyphs) = (scene.told, scene.theme.glyphs());
    let mut facts = vec![link(scene)];
    if told.paused().is_some() {
        facts.push(("PAUSED".to_owned(), Role::Warn));
    }
    facts.extend(alerts(scene));
    let Some(queue) = &told.queue else { return facts };
    let past = &queue.depth_history.open;
    let spark = spark::line(past, past.len().min(SPARK), glyphs);
    let open = text::count(told.open().unwrap_or_default());
    facts.push((format!("open {open} {spark}").trim_end().to_owned(), Role::Text));
    for (name, of) in [("in", accepted as fn(&Rate) -> u64), ("out", confirmed)] {
        facts.extend(per_second(&queue.rates, of).map(|rate| (format!("{name} {rate}"), Role::Text)));
    }
    facts.extend(failing(&queue.rates));
    facts
}

fn accepted(rate: &Rate) -> u64 {
    rate.accepted
}

fn confirmed(rate: &Rate) -> u64 {
    rate.confirmed
}

/// How many things need attention that somebody should see to.
fn alerts(scene: &Scene<'_>) -> Option<(String, Role)> {
    let concerns = concerns(scene.told, scene.now);
    let urgent = concerns.iter().filter(|concern| concern.urgency != Urgency::Know).count();
    let must_act = concerns.first().is_some_and(|concern| concern.urgency == Urgency::Act);
    let role = if must_act { Role::Bad } else { Role::Warn };
    (urgent > 0).then(|| (format!("{}{urgent}", scene.theme.glyphs().alert), role))
}

/// Of the orders that were over within a minute, how many had failed, in percent.
fn failing(rates: &[Rate]) -> Option<(String, Role)> {
    let rate = rates.iter().find(|rate| rate.seconds == 60)?;
    let thousandths = (rate.failed * 1_000).checked_div(rate.failed + rate.confirmed)?;
    let role = if rate.failed > 0 { Role::Warn } else { Role::Dim };
    Some((format!("failed {}.{} %", thousandths / 10, thousandths % 10), role))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::{
        model::{Access, Session, Told},
        samples::{NOW, busy, link, session},
        theme::Theme,
    };
    use orderd_sdk::wire::{Pause, Queue};
    use ratatui::{Terminal, backend::TestBackend};
    use std::sync::Arc;

    fn header(told: &Told, access: Access, columns: u16) -> String {
        let (session, theme) = (session_with(access), Theme::default());
        let scene = Scene { told, session: &session, theme: &theme, now: NOW };
        let mut terminal = Terminal::new(TestBackend::new(columns, 1)).unwrap();
        terminal.draw(|frame| draw(frame, frame.area(), &scene)).unwrap();
        terminal.backend().to_string()
    }

    fn session_with(access: Access) -> Session {
        Session { access, ..session() }
    }

    #[test]
    fn what_matters_most_has_its_place_however_little_there_is() {
        let mut told = busy();
        let mut drawn = String::new();
        for columns in [80, 120, 160] {
            drawn += &header(&told, Access::Change, columns);
        }
        let pause = Pause { since: NOW, by: "ops-1".into(), reason: None };
        told.queue = told.queue.map(|queue| Arc::new(Queue { paused: Some(pause), ..(*queue).clone() }));
        drawn += &header(&told, Access::Look, 120);
        told.link(link(Phase::Stale), NOW);
        drawn += &header(&told, Access::Change, 80);
        drawn += &header(&Told::default(), Access::Change, 80);
        insta::assert_snapshot!(drawn);
    }
}
