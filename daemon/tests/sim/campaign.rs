//! Many seeds, on as many threads as there are cores: no seed knows of another.

use crate::{
    faults::Fault,
    plan::Plan,
    run::{Report, Seen, run},
    sabotage::Sabotage,
    trace::Wanted,
};
use std::{
    ops::Range,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

/// Lines of a story that tell what led to the end.
const LAST: usize = 60;

/// Seeds that run until one of them breaks a law.
pub(crate) struct Campaign {
    /// Faults that no seed has.
    left_out: Vec<Fault>,
    sabotage: Sabotage,
    next: AtomicU64,
    end: AtomicU64,
    outcome: Mutex<Outcome>,
}

/// What came of them.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The first seed that broke a law: always the same, however many threads there were.
    pub(crate) broken: Option<Report>,
    /// What they all have come across.
    pub(crate) seen: Seen,
}

impl Campaign {
    pub(crate) fn new(seeds: Range<u64>, left_out: &[Fault], sabotage: Sabotage) -> Self {
        Self {
            left_out: left_out.to_vec(),
            sabotage,
            next: AtomicU64::new(seeds.start),
            end: AtomicU64::new(seeds.end),
            outcome: Mutex::default(),
        }
    }

    pub(crate) fn run(self) -> Outcome {
        let threads = thread::available_parallelism().map_or(2, usize::from);
        thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(|| self.work()))));
        self.outcome.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        loop {
            let seed = self.next.fetch_add(1, Ordering::Relaxed);
            if seed >= self.end.load(Ordering::Relaxed) {
                return;
            }
            let report = run(Plan::of(seed, &self.left_out, self.sabotage), Wanted::Result);
            if report.broken.is_some() {
                self.end.fetch_min(seed, Ordering::Relaxed);
            }
            self.outcome().take(report);
        }
    }

    fn outcome(&self) -> MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outcome {
    fn take(&mut self, report: Report) {
        self.seen.faults.extend(&report.seen.faults);
        self.seen.statuses.extend(&report.seen.statuses);
        let is_first = self.broken.as_ref().is_none_or(|first| first.seed > report.seed);
        if report.broken.is_some() && is_first {
            self.broken = Some(report);
        }
    }
}

/// What is told of a seed that broke a law: how, what led to it, and how to see all of it.
pub(crate) fn tell(seed: u64, left_out: &[Fault], gaps: &str) -> String {
    let report = run(Plan::of(seed, left_out, Sabotage::None), Wanted::Trace);
    let last = report.lines.len().saturating_sub(LAST);
    let broken = report.broken.map_or_else(|| "nothing this time".to_owned(), |broken| broken.to_string());
    let gaps = if gaps.is_empty() { String::new() } else { format!(" GAPS={gaps}") };
    format!(
        "{}\n\nseed {seed} breaks a law\n  {broken}\nall of it: make sim SEED={seed}{gaps}",
        report.lines[last..].join("\n"),
    )
}
