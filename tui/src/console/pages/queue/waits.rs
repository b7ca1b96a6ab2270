//! How long orders waited for their turn: a histogram.

use super::view::untold;
use crate::console::{
    pages::Scene,
    theme::Role,
    widgets::{bar, text},
};
use orderd_sdk::wire::WaitBucket;
use ratatui::text::Line;

pub(super) const TITLE: &str = "Waited for their turn, 15 min";

/// Columns of a bucket's name, of a number, and of its share.
const NAME: usize = 8;
const COUNT: usize = 7;
const SHARE: usize = 5;

/// A row for each bucket. Where there are more buckets than rows, the empty ones at the end go first.
pub(super) fn rows(scene: &Scene<'_>, rows: usize, columns: usize) -> Vec<Line<'static>> {
    let waits = scene.told.queue.as_deref().map_or(&[][..], |queue| &queue.waits);
    // Nobody has waited, or an older daemon that does not say.
    if waits.is_empty() {
        return untold(scene);
    }
    let most = waits.iter().map(|bucket| bucket.count).max().unwrap_or_default();
    let all = waits.iter().map(|bucket| u128::from(bucket.count)).sum();
    let names = names(waits);
    let mut shown: Vec<_> = waits.iter().zip(names).collect();
    while shown.len() > rows && shown.last().is_some_and(|(bucket, _)| bucket.count == 0) {
        shown.pop();
    }
    shown.into_iter().map(|(bucket, name)| row(bucket.count, &name, (most, all), columns, scene)).collect()
}

fn names(waits: &[WaitBucket]) -> Vec<String> {
    let ends = waits.iter().map(|bucket| bucket.up_to_ms);
    let before = std::iter::once(None).chain(ends.clone());
    ends.zip(before)
        .map(|bounds| match bounds {
            (Some(end), _) => format!("≤ {}", short(end)),
            (None, Some(before)) => format!("> {}", short(before)),
            (None, None) => "any".to_owned(),
        })
        .collect()
}

/// The end of a bucket; those are round numbers.
fn short(millis: u64) -> String {
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..60_000 if millis.is_multiple_of(1_000) => format!("{} s", millis / 1_000),
        60_000.. if millis.is_multiple_of(60_000) => format!("{} min", millis / 60_000),
        other => text::span(other),
    }
}

fn row(count: u64, name: &str, (most, all): (u64, u128), columns: usize, scene: &Scene<'_>) -> Line<'static> {
    let (theme, glyphs) = (scene.theme, scene.theme.glyphs());
    let room = columns.saturating_sub(NAME + COUNT + SHARE + 4);
    let drawn = bar::bar(bar::linear(count, most, room), room, glyphs);
    let percent = (u128::from(count) * 100).checked_div(all).unwrap_or_default();
    // Nothing but a share of nothing is told as none.
    let share = if count > 0 && percent == 0 { "<1%".to_owned() } else { format!("{percent}%") };
    let name = name.replace('≤', glyphs.most);
    Line::from(vec![
        theme.paint(Role::Dim, format!(" {name:>NAME$} ")),
        theme.paint(Role::Busy, format!("{drawn:room$}")),
        theme.paint(Role::Text, format!(" {:>COUNT$}", text::count(count))),
        theme.paint(Role::Dim, format!("{share:>SHARE$}")),
    ])
}
