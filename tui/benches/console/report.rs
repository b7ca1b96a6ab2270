//! Figures beside their bounds.

use rustix::time::{ClockId, clock_gettime};
use std::{fmt, time::Duration};

/// What was measured.
#[derive(Default)]
pub(crate) struct Report(Vec<Line>);

struct Line {
    name: String,
    median: Figure,
    worst: Figure,
    most: Figure,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Figure {
    Bytes(u64),
    Time(Duration),
    Count(u64),
}

/// Runs of each measurement.
const RUNS: usize = 41;

impl Report {
    pub(crate) fn bytes(&mut self, name: &str, most: u64, bytes: u64) {
        let figure = Figure::Bytes(bytes);
        self.0.push(Line { name: name.into(), median: figure, worst: figure, most: Figure::Bytes(most) });
    }

    /// A time by the clock on the wall.
    pub(crate) fn real(&mut self, name: &str, most: Duration, time: Duration) {
        let figure = Figure::Time(time);
        self.0.push(Line { name: name.into(), median: figure, worst: figure, most: Figure::Time(most) });
    }

    pub(crate) fn count(&mut self, name: &str, most: u64, count: u64) {
        let figure = Figure::Count(count);
        self.0.push(Line { name: name.into(), median: figure, worst: figure, most: Figure::Count(most) });
    }

    /// The processor time of `run`, each time after `prepare`, and not of that. What else the machine does makes no great
    /// difference to it.
    pub(crate) fn time<S>(
        &mut self,
        name: &str,
        most: Duration,
        scene: &mut S,
        mut prepare: impl FnMut(&mut S, u64),
        mut run: impl FnMut(&mut S, u64),
    ) {
        let mut times: Vec<_> = (0..RUNS as u64)
            .map(|round| {
                prepare(scene, round);
                let began = spent();
                run(scene, round);
                Figure::Time(spent().saturating_sub(began))
            })
            .collect();
        times.sort_unstable();
        let (median, worst) = (times[RUNS / 2], times[RUNS - 1]);
        self.0.push(Line { name: name.into(), median, worst, most: Figure::Time(most) });
    }
}

/// What this thread has had so far.
pub(crate) fn spent() -> Duration {
    let spent = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(spent.tv_sec.unsigned_abs(), u32::try_from(spent.tv_nsec).unwrap_or_default())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<56} {:>12} {:>12} {:>12}", "console, 100,000 orders", "median", "worst", "at most")?;
        for Line { name, median, worst, most } in &self.0 {
            let verdict = if median > most { "  OVER" } else { "" };
            writeln!(f, "{name:<56} {median:>12} {worst:>12} {most:>12}{verdict}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Bytes(bytes) if *bytes < 1 << 20 => format!("{bytes} B"),
            Self::Bytes(bytes) => format!("{}.{} MiB", bytes >> 20, ((bytes & 0xf_ffff) * 10) >> 20),
            Self::Count(count) => count.to_string(),
            Self::Time(time) => format!("{}.{:03} ms", time.as_micros() / 1000, time.as_micros() % 1000),
        };
        f.pad(&text)
    }
}
