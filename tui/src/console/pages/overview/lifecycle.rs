//! One change of an order, as a row.

use crate::console::{
    model::{Before, Transition},
    pages::Scene,
    theme::Role,
    widgets::{state, text},
};
use orderd_sdk::{client::Packed, wire::OrderStatus};
use ratatui::text::Line;

/// From so many columns on there is room for milliseconds and longer pairs.
const WIDE: usize = 100;
/// Columns of a span of time, and of steps that were passed over.
const SPAN: usize = 7;
const STEPS: usize = 4;

/// When, which order, from where to where, how long that took, at which venue, and what went wrong.
pub(super) fn row(change: &Transition, columns: usize, scene: &Scene<'_>) -> Line<'static> {
    let (theme, order, glyphs) = (scene.theme, &change.order, scene.theme.glyphs());
    let is_wide = columns >= WIDE;
    let at = order.updated_at;
    let time = if is_wide { text::clock_millis(at) } else { text::clock(at) };
    let pair = format!("{}/{}", order.token_in(), order.token_out());
    let pair = text::filled(&pair, if is_wide { 12 } else { 9 }, glyphs.ellipsis);
    let (before, role) = match change.before {
        Before::New => ("new", Role::Dim),
        Before::Unseen => (glyphs.ellipsis, Role::Dim),
        Before::Was(status) => (state::short(status), state::role(status)),
    };
    let took = change.took_ms.map_or_else(String::new, text::span);
    let (names, head) = (state::COLUMNS, format!(" {time} {} {pair} ", text::short_id(order.id())));
    let tail = format!(" {}{took:>SPAN$}  ", steps(change));
    let used = head.chars().count() + 2 * names + 3 + tail.chars().count();
    let details = text::fit(&details(order, scene), columns.saturating_sub(used), glyphs.ellipsis);
    Line::from(vec![
        theme.paint(Role::Dim, head),
        theme.paint(role, format!("{before:names$}")),
        theme.paint(Role::Dim, format!(" {} ", glyphs.arrow)),
        theme.paint(state::role(order.status), format!("{:names$}", state::short(order.status))),
        theme.paint(Role::Dim, tail),
        theme.paint(Role::Text, details),
    ])
}

/// How many steps were passed over between the two states, if any were.
fn steps(change: &Transition) -> String {
    match change.events {
        Some(events @ 2..=99) => format!("{:>STEPS$}", format!("+{}", events - 1)),
        Some(100..) => format!("{:>STEPS$}", "+99"),
        Some(_) | None => " ".repeat(STEPS),
    }
}

fn details(order: &Packed, scene: &Scene<'_>) -> String {
    let separator = format!(" {} ", scene.theme.glyphs().separator);
    // What an earlier attempt failed of does not matter any more.
    let has_worked = matches!(order.status, OrderStatus::Confirmed | OrderStatus::Finalized);
    let error = match (order.last_error_code, order.last_error()) {
        (Some(code), Some(error)) => Some(format!("{code}: {error}")),
        (Some(code), None) => Some(code.to_string()),
        (None, error) => error.map(str::to_owned),
    };
    let attempt =
        (order.attempts > 1).then(|| format!("attempt {}/{}", order.attempts, order.max_attempts()));
    let parts = [order.dex().map(str::to_owned), attempt, error.filter(|_| !has_worked)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(&separator)
}
