//! Keeps a plugin's process running: whenever it ends, for whatever reason, it is started again, and never given up.

use super::{
    exit::Cause,
    incarnation::{Incarnation, Recipe},
    link::Link,
    report::ProcessReport,
};
use crate::telemetry::{Entropy, SystemEntropy, observe};
use std::{
    ops::ControlFlow,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{oneshot, watch},
    time::{Instant, sleep},
};

/// The pause before the second of several restarts; the first one is at once.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Whoever asks for the end, and waits for it.
pub(super) type EndRequest = oneshot::Receiver<oneshot::Sender<()>>;

/// What the supervisor and the callers share.
pub(super) struct Post {
    pub(super) recipe: Recipe,
    standing: watch::Sender<Standing>,
    report: Mutex<ProcessReport>,
}

/// Where the process stands.
#[derive(Clone)]
pub(super) enum Standing {
    /// It takes calls.
    Up(Arc<Link>),
    /// It has ended, and is started again at once: calls may wait for that.
    Restarting,
    /// It has ended again and again, most recently so: calls fail.
    Down(String),
    /// The plugin was ended.
    Ended,
}

impl Post {
    pub(super) fn new(recipe: Recipe, first: &Incarnation) -> Self {
        let report = ProcessReport { pid: Some(first.pid()), ..ProcessReport::default() };
        let standing = watch::Sender::new(Standing::Up(first.link.clone()));
        Self { recipe, standing, report: Mutex::new(report) }
    }

    pub(super) fn follow(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    pub(super) fn report(&self) -> ProcessReport {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn in_flight(&self) -> usize {
        match &*self.standing.borrow() {
            Standing::Up(link) => link.operations.len(),
            Standing::Restarting | Standing::Down(_) | Standing::Ended => 0,
        }
    }

    /// From now on no call begins. The process that may still have calls in hand.
    pub(super) fn close(&self) -> Option<Arc<Link>> {
        match self.standing.send_replace(Standing::Ended) {
            Standing::Up(link) => Some(link),
            Standing::Restarting | Standing::Down(_) | Standing::Ended => None,
        }
    }

    /// Unless the plugin was ended meanwhile.
    fn stand(&self, next: Standing) {
        self.standing.send_if_modified(|standing| {
            let is_open = !matches!(standing, Standing::Ended);
            if is_open {
                *standing = next;
            }
            is_open
        });
    }

    fn write(&self, change: impl FnOnce(&mut ProcessReport)) {
        change(&mut self.report.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Watches over one process after the other, until the end is asked for.
    pub(super) async fn supervise(self: Arc<Self>, first: Incarnation, mut end: EndRequest) {
        let mut crashes = Crashes { in_a_row: 0, steady: self.recipe.settings.restart_max };
        let mut current = first;
        let over = loop {
            let cause = tokio::select! {
                over = &mut end => {
                    current.end().await;
                    break over;
                }
                cause = current.watch() => cause,
            };
            self.mourn(current, cause, &mut crashes).await;
            match self.revive(&mut crashes, &mut end).await {
                ControlFlow::Continue(next) => current = next,
                ControlFlow::Break(over) => break over,
            }
        };
        self.write(|report| report.pid = None);
        if let Ok(over) = over {
            let _ = over.send(());
        }
    }

    /// A process has ended, or has to.
    async fn mourn(&self, dead: Incarnation, cause: Cause, crashes: &mut Crashes) {
        let (pid, lived) = (dead.pid(), dead.since.elapsed());
        crashes.note(lived);
        self.stand(match crashes.in_a_row {
            ..=1 => Standing::Restarting,
            _ => Standing::Down("its process has ended repeatedly".to_owned()),
        });
        let exit = dead.bury(cause).await.to_string();
        observe::plugin_died(&self.recipe.name, pid, &exit, lived);
        self.write(|report| {
            report.pid = None;
            report.last_exit = Some(exit);
        });
    }

    /// Starts the next process, as often as it takes.
    async fn revive(
        &self,
        crashes: &mut Crashes,
        end: &mut EndRequest,
    ) -> ControlFlow<Result<oneshot::Sender<()>, oneshot::error::RecvError>, Incarnation> {
        loop {
            let began = Instant::now();
            let start = async {
                sleep(crashes.pause(SystemEntropy.bits())).await;
                Incarnation::start(&self.recipe).await
            };
            let started = tokio::select! {
                over = &mut *end => return ControlFlow::Break(over),
                started = start => started,
            };
            match started {
                Ok(next) => {
                    self.stand(Standing::Up(next.link.clone()));
                    self.write(|report| {
                        report.pid = Some(next.pid());
                        report.restarts += 1;
                    });
                    observe::plugin_restarted(&self.recipe.name, next.pid(), began.elapsed());
                    return ControlFlow::Continue(next);
                }
                Err(failure) => {
                    crashes.note(Duration::ZERO);
                    observe::plugin_not_restarted(&self.recipe.name, &failure);
                    self.write(|report| report.last_exit = Some(failure.to_string()));
                    self.stand(Standing::Down(failure.to_string()));
                }
            }
        }
    }
}

/// Ends in a row.
struct Crashes {
    in_a_row: u32,
    /// Who has lived so long has not ended in a row with the one before.
    steady: Duration,
}

impl Crashes {
    fn note(&mut self, lived: Duration) {
        self.in_a_row = if lived >= self.steady { 1 } else { self.in_a_row.saturating_add(1) };
    }

    /// Nothing after the first end. Then it doubles up to the longest pause, of which the upper half is random: so that
    /// what ended together does not start together.
    fn pause(&self, random: u64) -> Duration {
        let doublings = match self.in_a_row {
            ..=1 => return Duration::ZERO,
            more => (more - 2).min(16),
        };
        let ceiling = FIRST_PAUSE.saturating_mul(1 << doublings).min(self.steady);
        let half = u64::try_from(ceiling.as_micros() / 2).unwrap_or(u64::MAX);
        Duration::from_micros(half + random % (half + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_restart_is_at_once_and_pauses_grow_to_a_limit() {
        let mut crashes = Crashes { in_a_row: 0, steady: Duration::from_secs(1) };
        for ceiling_ms in [0, 50, 100, 200, 400, 800, 1_000, 1_000] {
            crashes.note(Duration::ZERO);
            for random in [0, 7, u64::MAX] {
                let (pause, ceiling) = (crashes.pause(random), Duration::from_millis(ceiling_ms));
                assert!((ceiling / 2..=ceiling).contains(&pause), "{pause:?} of {ceiling:?}");
            }
        }
        crashes.note(Duration::from_secs(2));
        assert_eq!(crashes.pause(7), Duration::ZERO, "who has lived long is revived at once");
    }
}
