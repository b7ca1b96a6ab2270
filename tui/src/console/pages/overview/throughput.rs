//! How fast it goes: the last minutes as sparklines, and the rate of the last seconds.

use crate::console::{
    pages::Scene,
    theme::Role,
    widgets::chart::{self, Fold},
    widgets::text,
};
use orderd_sdk::wire::Rate;
use ratatui::text::{Line, Span};

/// Columns of a name and a rate before the sparkline.
const NAME: usize = 7;
const RATE: usize = 8;
/// A rate is taken over so many seconds.
const SECONDS: u64 = 10;

/// One line: a name, what it is now, and what it was.
struct Series<'a> {
    name: &'static str,
    now: Option<String>,
    numbers: &'a [u64],
    fold: Fold,
    role: Role,
}

pub(super) const TITLE: &str = "Throughput, 15 min";

/// A sparkline for each, as high as there is room for.
pub(super) fn rows(scene: &Scene<'_>, rows: usize, columns: usize) -> Vec<Line<'static>> {
    let Some(queue) = scene.told.queue.as_deref() else {
        return vec![Line::from(scene.theme.paint(Role::Dim, format!(" {}", scene.theme.glyphs().nothing)))];
    };
    let past = &queue.throughput;
    let rate = |of: fn(&Rate) -> u64| per_second(&queue.rates, of);
    let series = |name, now, numbers, role| Series { name, now, numbers, fold: Fold::Sum, role };
    let all = [
        series("in", rate(|rate| rate.accepted), &past.accepted, Role::Accent),
        series("done", rate(|rate| rate.confirmed), &past.confirmed, Role::Good),
        series("failed", rate(|rate| rate.failed), &past.failed, Role::Bad),
        series("retried", rate(|rate| rate.retried), &past.retried, Role::Warn),
        Series {
            name: "open",
            now: scene.told.open().map(text::count),
            numbers: &queue.depth_history.open,
            fold: Fold::Peak,
            role: Role::Busy,
        },
    ];
    // The last row is the scale of time.
    let high = (rows.saturating_sub(1) / all.len()).clamp(1, 3);
    let steps = past.accepted.len();
    let mut lines: Vec<_> =
        all.iter().flat_map(|series| drawn(series, steps, high, columns, scene)).collect();
    lines.push(scale(past.step_seconds * steps as u64, columns, scene));
    lines
}

fn drawn(
    series: &Series<'_>,
    steps: usize,
    high: usize,
    columns: usize,
    scene: &Scene<'_>,
) -> Vec<Line<'static>> {
    let glyphs = scene.theme.glyphs();
    let room = columns.saturating_sub(NAME + RATE + 3);
    let fitted = chart::fit(series.numbers, steps, room, series.fold);
    let most = fitted.iter().copied().max().unwrap_or_default();
    let now = series.now.as_deref().unwrap_or(glyphs.nothing);
    let line = |(below, spark): (usize, String)| {
        let (name, now) = if below == 0 { (series.name, now) } else { ("", "") };
        Line::from(vec![
            scene.theme.paint(Role::Dim, format!(" {name:NAME$}")),
            Span::raw(format!("{now:>RATE$} ")),
            scene.theme.paint(series.role, spark),
        ])
    };
    let rows = chart::rows(&fitted, most, room, high, glyphs);
    (0..high).rev().zip(rows).map(line).collect()
}

fn scale(seconds: u64, columns: usize, scene: &Scene<'_>) -> Line<'static> {
    let room = columns.saturating_sub(NAME + RATE + 3);
    let (first, last) = (format!("-{} min", seconds / 60), "now");
    let gap = room.saturating_sub(first.len());
    scene.theme.paint(Role::Dim, format!("{:1$}{first}{last:>gap$}", "", NAME + RATE + 2)).into()
}

/// Of the last seconds, how many in one: exact to a tenth.
pub(in crate::console) fn per_second(rates: &[Rate], of: fn(&Rate) -> u64) -> Option<String> {
    let rate = rates.iter().find(|rate| rate.seconds == SECONDS)?;
    let tenths = of(rate) * 10 / SECONDS;
    Some(match tenths {
        1_000.. => format!("{}/s", text::count(tenths / 10)),
        _ => format!("{}.{}/s", tenths / 10, tenths % 10),
    })
}
