//! The crash matrix: the daemon dies at every named point in turn, on a real EVM node with real exchanges, and an
//! ordinary daemon takes over. Whatever the point, no order is lost or executed twice, and nothing has a hole.
//!
//! `ORDERD_MATRIX=TEXT` runs only the cases whose name holds the text.

mod case;
mod cases;
mod play;
mod scene;
mod stage;

use anyhow::{Result, ensure};
use case::Case;
use futures_util::{StreamExt as _, stream};
use std::{collections::BTreeSet, env, time::Instant};

/// Cases side by side. Most of a case is waiting for blocks and for the disk.
const SIDE_BY_SIDE: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_death_at_any_point_loses_nothing_and_doubles_nothing() -> Result<()> {
    let begin = Instant::now();
    let wanted = env::var_os("ORDERD_MATRIX").map(|text| text.to_string_lossy().into_owned());
    let cases = cases::all(&cases::points().await?);
    let chosen =
        cases.into_iter().filter(|case| wanted.as_ref().is_none_or(|text| case.name().contains(text)));
    let run = |case: Case| async move { (case.name(), case.run().await) };
    let results: Vec<_> = stream::iter(chosen).map(run).buffer_unordered(SIDE_BY_SIDE).collect().await;
    let failed: Vec<_> = results
        .iter()
        .filter_map(|(name, result)| result.as_ref().err().map(|error| format!("{name}: {error:#}")))
        .collect();
    println!("{} cases, {} failed, {:?}", results.len(), failed.len(), begin.elapsed());
    ensure!(!results.is_empty(), "no case has such a name");
    ensure!(failed.is_empty(), "{}", failed.join("\n\n"));
    Ok(())
}

#[tokio::test]
async fn every_point_is_in_a_case_or_has_a_reason_not_to_be() -> Result<()> {
    let points = cases::points().await?;
    let covered: BTreeSet<_> = cases::all(&points).into_iter().map(|case| case.point).collect();
    for point in &points {
        let excused = cases::excuse(point).is_some();
        ensure!(covered.contains(point) != excused, "{point} is in a case and excused, or neither");
    }
    for (prefix, _) in cases::EXCUSED {
        ensure!(points.iter().any(|point| point.starts_with(prefix)), "{prefix} excuses nothing");
    }
    Ok(())
}

/// The list of points is made from one that could forget a method which has a default.
#[tokio::test]
async fn every_method_of_a_chain_has_its_points() -> Result<()> {
    let points = cases::points().await?;
    let source = include_str!("../../../sdk/src/plugin/chain.rs");
    let (_, body) = source.split_once("pub trait Chain").expect("the trait is there");
    let (body, _) = body.split_once("\n}").expect("the trait ends");
    let methods: BTreeSet<_> =
        body.split("async fn ").skip(1).filter_map(|text| text.split('(').next()).collect();
    ensure!(methods.len() >= 12, "{methods:?}");
    for method in methods {
        for side in ["before", "after"] {
            ensure!(points.contains(&format!("chain.{method}.{side}")), "{method} has no points");
        }
    }
    Ok(())
}
