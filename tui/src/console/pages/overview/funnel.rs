//! Orders that are not over, by state, in the order of an order's life: confirmed ones are among them until that is final.

use crate::console::{
    model::Told,
    pages::Scene,
    theme::{Glyphs, Role},
    widgets::{bar, state, text},
};
use orderd_sdk::wire::OrderStatus;
use ratatui::text::Line;

/// The states, those that are passed through first.
const STATES: [OrderStatus; 9] = [
    OrderStatus::Pending,
    OrderStatus::Routing,
    OrderStatus::Building,
    OrderStatus::Submitted,
    OrderStatus::Confirmed,
    OrderStatus::RetryPending,
    OrderStatus::Unknown,
    OrderStatus::ExecutionFailed,
    OrderStatus::Reorged,
];

/// Their names.
pub(super) const KEYS: [&str; STATES.len()] = [
    "pending",
    "routing",
    "building",
    "submitted",
    "confirmed",
    "retry-pending",
    "unknown",
    "execution-failed",
    "reorged",
];

/// Columns of a number.
const COUNT: usize = 8;

/// A row for each state.
pub(super) fn rows(scene: &Scene<'_>, columns: usize) -> Vec<Line<'static>> {
    let depth = |status| scene.told.depth(status);
    let most = STATES.into_iter().filter_map(depth).max().unwrap_or_default();
    STATES.into_iter().map(|status| row(status, depth(status), most, columns, scene)).collect()
}

fn row(
    status: OrderStatus,
    depth: Option<u64>,
    most: u64,
    columns: usize,
    scene: &Scene<'_>,
) -> Line<'static> {
    let (theme, glyphs) = (scene.theme, scene.theme.glyphs());
    let room = columns.saturating_sub(state::COLUMNS + COUNT + 5);
    let number = depth.map_or_else(|| glyphs.nothing.to_owned(), text::count);
    let some = depth.unwrap_or_default();
    let role = if some == 0 { Role::Dim } else { state::role(status) };
    let needs_eyes = some > 0 && status == OrderStatus::Unknown;
    let mark = if needs_eyes { glyphs.alert } else { " " };
    Line::from(vec![
        theme.paint(role, format!(" {mark} {:1$}", state::short(status), state::COLUMNS)),
        theme.paint(if some == 0 { Role::Dim } else { Role::Text }, format!("{number:>COUNT$} ")),
        theme.paint(state::role(status), bar::bar(bar::linear(some, most, room), room, glyphs)),
    ])
}

/// What was over within 15 minutes.
pub(super) fn foot(told: &Told, glyphs: &Glyphs) -> String {
    let rates = told.queue.as_deref().map_or(&[][..], |queue| &queue.rates);
    rates.iter().find(|rate| rate.seconds == 900).map_or_else(String::new, |rate| {
        let (confirmed, failed) = (text::count(rate.confirmed), text::count(rate.failed));
        format!("15 min {} {confirmed}  {} {failed}", glyphs.yes, glyphs.no)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_known_by_their_names() {
        assert_eq!(STATES.map(OrderStatus::as_str), KEYS);
    }
}
