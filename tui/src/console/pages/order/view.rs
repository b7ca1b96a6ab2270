//! How the page is laid out.

use super::{OrderPage, Shown, Zoom, compare, facts, gantt, life::Life};
use crate::console::{
    pages::Scene,
    theme::Role,
    widgets::{
        panel::{self, Focus},
        text,
    },
};
use orderd_sdk::{timestamp::Timestamp, wire::OrderDto};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::{Paragraph, Wrap},
};

/// Fewer columns than these, and panels stand above each other instead of side by side.
const WIDE: u16 = 100;
/// Rows of what is above the life, with its frame.
const SUMMARY: u16 = 11;
/// Rows that the events have at least, with their frame.
const FEWEST_EVENTS: u16 = 6;

pub(super) fn draw(page: &OrderPage, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
    let Some(order) = page.order() else {
        return nothing(page, frame, area, scene);
    };
    if page.shown == Shown::Raw {
        return raw(page, order, frame, area, scene);
    }
    let life = Life::of(&page.events);
    let above = SUMMARY.min(area.height / 3);
    // The life gets what it needs, as long as some events can still be seen.
    let needed = u16::try_from(life.rows() + 3).unwrap_or(u16::MAX);
    let middle = needed.min(area.height.saturating_sub(above + FEWEST_EVENTS));
    let rows = [Constraint::Length(above), Constraint::Length(middle), Constraint::Fill(1)];
    let [facts_area, life_area, events_area] = Layout::vertical(rows).areas(area);
    summary(page, order, frame, facts_area, scene);
    match page.shown {
        Shown::Compared => compared(&life, order, frame, life_area, scene),
        Shown::Life | Shown::Raw => lifeline(page, &life, frame, life_area, scene),
    }
    events(page, frame, events_area, scene);
}

fn nothing(page: &OrderPage, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
    let words = match &page.id {
        Some(id) => format!("order {id}: waiting for the daemon"),
        None => "no order is chosen: press 2, and Enter on one of them".to_owned(),
    };
    let inner = panel::draw(frame, area, scene.theme, "Order", Focus::Elsewhere);
    frame.render_widget(Line::from(Span::styled(words, scene.theme.style(Role::Dim))), inner);
}

fn summary(page: &OrderPage, order: &OrderDto, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
    let title = format!(
        "Order {}  {}/{} {}",
        text::short_id(&order.id),
        text::safe(&order.token_in),
        text::safe(&order.token_out),
        text::safe(&order.amount)
    );
    let last = page.events.last().map(AsRef::as_ref);
    let said = facts::errors(order, last, scene);
    match area.width >= WIDE {
        true => {
            let [left, middle, right] =
                Layout::horizontal([Constraint::Fill(4), Constraint::Fill(5), Constraint::Fill(4)])
                    .areas(area);
            boxed(frame, left, scene, &title, facts::rows(order, scene));
            let columns = usize::from(middle.width).saturating_sub(2);
            boxed(frame, middle, scene, "Quotes", facts::quotes(order, columns, scene));
            boxed(frame, right, scene, "Error and verdict", said);
        }
        false => {
            let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(area);
            boxed(frame, left, scene, &title, facts::rows(order, scene));
            boxed(frame, right, scene, "Error and verdict", said);
        }
    }
}

fn boxed(frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>, title: &str, rows: Vec<Line<'_>>) {
    let inner = panel::draw(frame, area, scene.theme, title, Focus::Elsewhere);
    frame.render_widget(Paragraph::new(rows).wrap(Wrap { trim: false }), inner);
}

fn lifeline(page: &OrderPage, life: &Life, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
    let zoom = match page.zoom {
        Zoom::Whole => "whole life",
        Zoom::Attempt => "last attempt",
    };
    let inner = panel::draw_with_foot(frame, area, scene.theme, "Lifecycle", zoom, Focus::Elsewhere);
    let columns = usize::from(inner.width).saturating_sub(gantt::margin());
    let Some(from) = beginning(page.zoom, life) else { return };
    let until = life.until(scene.now).max(from.plus_millis(1));
    let axis = gantt::Axis { from, until, columns };
    let scale = format!("{}{}", " ".repeat(gantt::margin()), axis.scale(scene.theme.glyphs()));
    let mut rows = vec![Line::from(Span::styled(scale, scene.theme.style(Role::Dim)))];
    let mut bars = gantt::rows(life, axis, scene);
    // The newest matter most where there is no room for all.
    let room = usize::from(inner.height).saturating_sub(1);
    rows.extend(bars.split_off(bars.len().saturating_sub(room)));
    frame.render_widget(Paragraph::new(rows), inner);
}

fn beginning(zoom: Zoom, life: &Life) -> Option<Timestamp> {
    match zoom {
        Zoom::Whole => life.from(),
        Zoom::Attempt => life.attempts.last().and_then(|attempt| attempt.from()),
    }
}

fn compared(life: &Life, order: &OrderDto, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
    let inner = panel::draw(frame, area, scene.theme, "Attempts compared", Focus::Elsewhere);
    let mut rows = compare::rows(life, usize::from(inner.width), scene);
    if inner.width < WIDE {
        // Above, there is no room for them.
        rows.push(Line::default());
        rows.extend(facts::quotes(order, usize::from(inner.width), scene));
    }
    frame.render_widget(Paragraph::new(rows), inner);
}

fn events(page: &OrderPage, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
    let at = page.selected();
    let foot = format!("{} of {}", (at + 1).min(page.events.len()), page.events.len());
    let inner = panel::draw_with_foot(frame, area, scene.theme, "Events", &foot, Focus::Here);
    let height = usize::from(inner.height);
    let first = at.saturating_sub(height.saturating_sub(1));
    let started = page.events.first().map(|event| event.timestamp);
    let rows = page.events.iter().enumerate().skip(first).take(height).map(|(row, event)| {
        let time = match (page.clock, started) {
            (super::Clock::Relative, Some(start)) => {
                format!("{:>12}", format!("+{}", text::span(event.timestamp.millis_since(start))))
            }
            _ => text::clock_millis(event.timestamp),
        };
        let stage = event.fields.stage.as_deref().map_or_else(String::new, |stage| format!(" {stage}"));
        let kind = text::pad(&format!("{}{stage}", event.kind), 26);
        let line = format!("{:>4} {time} {kind} {}", event.seq, text::safe(&event.message));
        let role = if row == at { Role::Cursor } else { Role::Text };
        Line::from(Span::styled(text::pad(&line, usize::from(inner.width)), scene.theme.style(role)))
    });
    frame.render_widget(Paragraph::new(rows.collect::<Vec<_>>()), inner);
}

fn raw(page: &OrderPage, order: &OrderDto, frame: &mut Frame<'_>, area: Rect, scene: &Scene<'_>) {
    let json = serde_json::to_string_pretty(order).expect("an order has string keys only");
    let lines: Vec<_> = json.lines().collect();
    let foot = format!("{} lines", lines.len());
    let inner = panel::draw_with_foot(frame, area, scene.theme, "Raw JSON", &foot, Focus::Here);
    let most = lines.len().saturating_sub(usize::from(inner.height));
    let rows = lines.iter().skip(page.scrolled.min(most)).take(usize::from(inner.height));
    let rows: Vec<_> = rows.map(|line| Line::from(text::safe(line).into_owned())).collect();
    frame.render_widget(Paragraph::new(rows), inner);
}
