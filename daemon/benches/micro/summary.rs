//! What was measured, in one table and one file; the rest is in `target/criterion`.

use crate::{folder, machine::Machine};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

#[derive(Serialize)]
struct Summary {
    machine: Machine,
    rows: Vec<Row>,
}

/// One benchmark: nanoseconds of one turn, the median and where it lies with a confidence of 95 %.
#[derive(Serialize)]
struct Row {
    name: String,
    median: f64,
    lowest: f64,
    highest: f64,
}

/// Of criterion's `benchmark.json`.
#[derive(Deserialize)]
struct Benchmark {
    full_id: String,
}

/// Of criterion's `estimates.json`.
#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
    confidence_interval: Interval,
}

#[derive(Deserialize)]
struct Interval {
    lower_bound: f64,
    upper_bound: f64,
}

/// Prints and writes what criterion has found since then; nothing when it only tried whether the benchmarks run.
pub(crate) fn tell(since: SystemTime) -> anyhow::Result<()> {
    let folder = folder();
    let mut rows = Vec::new();
    for results in measured(&folder.with_file_name("criterion"), since) {
        rows.push(row(&results)?);
    }
    if rows.is_empty() {
        return Ok(());
    }
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    let machine = Machine::look()?;
    println!("\n{}\n", machine.describe());
    println!("| what | ns | 95 % |\n|---|---|---|");
    for Row { name, median, lowest, highest } in &rows {
        println!("| {name} | {median:.1} | {lowest:.1}–{highest:.1} |");
    }
    let path = folder.join("micro.json");
    fs::write(&path, serde_json::to_string_pretty(&Summary { machine, rows })? + "\n")?;
    println!("as JSON: {}", path.display());
    Ok(())
}

/// The folders with results of this run.
fn measured(folder: &Path, since: SystemTime) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let estimated = fs::metadata(path.join("estimates.json")).and_then(|file| file.modified());
        match estimated {
            Ok(at) if at >= since && path.ends_with("new") => found.push(path),
            _ if path.is_dir() => found.extend(measured(&path, since)),
            _ => {}
        }
    }
    found
}

fn row(folder: &Path) -> anyhow::Result<Row> {
    let Benchmark { full_id } = read(&folder.join("benchmark.json"))?;
    let Estimates { median: Estimate { point_estimate, confidence_interval } } =
        read(&folder.join("estimates.json"))?;
    let Interval { lower_bound, upper_bound } = confidence_interval;
    Ok(Row { name: full_id, median: point_estimate, lowest: lower_bound, highest: upper_bound })
}

fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}
