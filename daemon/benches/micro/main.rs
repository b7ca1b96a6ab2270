//! What the parts cost that every order passes through, one by one: `make bench-micro`, see `docs/benchmarks.md`.

#![expect(clippy::print_stdout, reason = "the figures are the product")]

mod cpu_time;
#[path = "../limits/report/disk.rs"]
mod disk;
mod filter;
#[path = "../life/mod.rs"]
mod life;
#[path = "../limits/report/machine.rs"]
mod machine;
mod order;
#[path = "../paper/mod.rs"]
mod paper;
mod plugin;
mod record;
mod stats;
mod summary;
mod wire;

use cpu_time::CpuTime;
use criterion::measurement::WallTime;
use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

type Criterion = criterion::Criterion<CpuTime>;

/// All of them together take half a minute.
const WARM_UP: Duration = Duration::from_millis(300);
const MEASURED: Duration = Duration::from_secs(1);
const SAMPLES: usize = 30;
const RESAMPLES: usize = 10_000;

#[expect(clippy::disallowed_methods, reason = "files are dated by this clock")]
fn main() -> anyhow::Result<()> {
    let began = SystemTime::now();
    let mut criterion = criterion::Criterion::default()
        .with_measurement(CpuTime(WallTime))
        .warm_up_time(WARM_UP)
        .measurement_time(MEASURED)
        .sample_size(SAMPLES)
        .nresamples(RESAMPLES)
        .without_plots()
        .configure_from_args();
    order::bench(&mut criterion)?;
    record::bench(&mut criterion)?;
    wire::bench(&mut criterion)?;
    filter::bench(&mut criterion)?;
    stats::bench(&mut criterion)?;
    plugin::bench(&mut criterion)?;
    summary::tell(began)
}

/// Where everything goes that a run writes: beside `target/tmp`, which cargo tells to benches.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench")
}
