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

/// A row for each bucket.
pub(super) fn rows(scene: &Scene<'_>, rows: usize, columns: usize) -> Vec<Line<'static>> {
    let waits = scene.told.queue.as_deref().map_or(&[][..], |queue| &queue.waits);
    // Nobody has waited, or an older daemon that does not say.
    if waits.is_empty() {
        return untold(scene);
    }
    let counts = waits.iter().map(|bucket| bucket.count);
    let shown = fitted(counts.zip(names(waits)).collect(), rows);
    let most = shown.iter().map(|(count, _)| *count).max().unwrap_or_default();
    let all = shown.iter().map(|(count, _)| u128::from(*count)).sum();
    shown.into_iter().map(|(count, name)| row(count, &name, (most, all), columns, scene)).collect()
}

/// No more buckets than rows: empty ones at the end are left out first, then the shortest waits are told as one. Long waits
/// are never left out.
fn fitted(mut buckets: Vec<(u64, String)>, rows: usize) -> Vec<(u64, String)> {
    while buckets.len() > rows && buckets.last().is_some_and(|(count, _)| *count == 0) {
        buckets.pop();
    }
    let surplus = buckets.len().saturating_sub(rows.max(1));
    let shortest: u64 = buckets.drain(..surplus).map(|(count, _)| count).sum();
    if let Some((count, _)) = buckets.first_mut() {
        *count += shortest;
    }
    buckets
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_rows_are_few_no_long_wait_is_left_out_and_all_are_counted() {
        let buckets =
            |counts: &[u64]| counts.iter().map(|count| (*count, count.to_string())).collect::<Vec<_>>();
        let fitted = |counts: &[u64], rows| fitted(buckets(counts), rows);
        assert_eq!(fitted(&[5, 4, 0, 0], 3), buckets(&[5, 4, 0]));
        assert_eq!(fitted(&[5, 4, 3, 2], 3), [(9, "4".into()), (3, "3".into()), (2, "2".into())]);
        assert_eq!(fitted(&[5, 4], 0), [(9, "4".into())]);
        assert_eq!(fitted(&[], 2), []);
    }
}
