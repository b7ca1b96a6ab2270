//! What was measured: one table for people, and the same as JSON.

mod disk;
mod figure;
mod machine;
mod row;

pub(crate) use figure::{Figure, percentile};
pub(crate) use machine::Machine;
pub(crate) use row::{Row, Target};

use crate::plan::Plan;
use serde::Serialize;
use std::{
    fs, iter,
    path::{Path, PathBuf},
};

/// Everything.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) plan: Plan,
    pub(crate) rows: Vec<Row>,
}

impl Report {
    /// One line per row; in parentheses the lowest and the highest round.
    pub(crate) fn table(&self) -> String {
        let head = ["scenario", "unit", "ours", "reference", "ratio", "target", "verdict"].map(str::to_owned);
        let cells: Vec<_> = iter::once(head).chain(self.rows.iter().map(cells)).collect();
        let width = |column: usize| {
            cells.iter().map(|row: &[String; 7]| row[column].chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<_> = (0..7).map(width).collect();
        let line = |row: &[String; 7]| {
            let padded = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
            format!("| {} |\n", padded.collect::<Vec<_>>().join(" | "))
        };
        let rule = widths.iter().map(|&width| "-".repeat(width + 2)).collect::<Vec<_>>().join("|");
        let mut lines = cells.iter().map(line);
        let head = lines.next().unwrap_or_default();
        format!("{head}|{rule}|\n{}", lines.collect::<String>())
    }

    /// Writes it under this name and the time of its beginning, and as the latest of the name.
    pub(crate) fn save(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = folder();
        fs::create_dir_all(&folder)?;
        let json = serde_json::to_string_pretty(self)? + "\n";
        let path = folder.join(format!("{name}-{}.json", self.machine.at.replace(':', "")));
        fs::write(&path, &json)?;
        fs::write(folder.join(format!("{name}.json")), json)?;
        Ok(path)
    }
}

/// Where everything goes that a run writes: beside `target/tmp`, which cargo tells to benches.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench")
}

fn cells(row: &Row) -> [String; 7] {
    [
        row.scenario.clone(),
        row.unit.to_owned(),
        figure(&row.ours),
        row.reference.as_ref().map(figure).unwrap_or_default(),
        row.ratio.map(short).unwrap_or_default(),
        row.target.to_string(),
        row.verdict.to_string(),
    ]
}

fn figure(figure: &Figure) -> String {
    let Figure { median, lowest, highest, .. } = figure;
    format!("{} ({}–{})", short(*median), short(*lowest), short(*highest))
}

/// With as many decimals as say something.
fn short(number: f64) -> String {
    match number.abs() {
        0.0..10.0 => format!("{number:.2}"),
        10.0..100.0 => format!("{number:.1}"),
        _ => format!("{number:.0}"),
    }
}
