//! The end of the daemon: wanted, or forced by a part that broke.

use std::fmt;
use tokio::sync::watch;

/// A handle to the end of the daemon. All clones are one; it happens once and cannot be taken back.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Sender<Phase>);

#[derive(Clone, Debug)]
enum Phase {
    Running,
    Stopping,
    Broken(Fault),
}

/// A part of the daemon broke that it cannot work without.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("task {task} {kind}")]
pub struct Fault {
    /// The name of its task.
    pub task: &'static str,
    /// What it did.
    pub kind: FaultKind,
}

/// How a part broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It panicked, with this message.
    Panicked(String),
    /// It ended while the daemon was running.
    Ended,
    /// It said why it cannot go on.
    Failed(String),
}

impl Shutdown {
    /// The daemon is running.
    #[must_use]
    pub fn new() -> Self {
        Self(watch::Sender::new(Phase::Running))
    }

    /// The daemon should end in good order: take nothing new, finish what is in hand.
    pub fn request(&self) {
        self.0.send_if_modified(|phase| match phase {
            Phase::Running => {
                *phase = Phase::Stopping;
                true
            }
            Phase::Stopping | Phase::Broken(_) => false,
        });
    }

    /// The daemon has to end because a part of it broke. The first fault is kept.
    pub fn fail(&self, fault: Fault) {
        self.0.send_if_modified(|phase| match phase {
            Phase::Running | Phase::Stopping => {
                *phase = Phase::Broken(fault);
                true
            }
            Phase::Broken(_) => false,
        });
    }

    /// Whether the end has begun, for whatever reason.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        !matches!(*self.0.borrow(), Phase::Running)
    }

    /// Waits for the end to begin, for whatever reason.
    pub async fn requested(&self) {
        let mut phase = self.0.subscribe();
        let ended = phase.wait_for(|phase| !matches!(phase, Phase::Running)).await;
        debug_assert!(ended.is_ok(), "the sender lives as long as this handle");
    }

    /// What broke. Once there is a fault the daemon must not report success.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        match &*self.0.borrow() {
            Phase::Broken(fault) => Some(fault.clone()),
            Phase::Running | Phase::Stopping => None,
        }
    }

    /// Waits until something breaks; for ever when nothing does.
    pub async fn broken(&self) -> Fault {
        let mut phase = self.0.subscribe();
        loop {
            if let Phase::Broken(fault) = &*phase.borrow_and_update() {
                return fault.clone();
            }
            let changed = phase.changed().await;
            debug_assert!(changed.is_ok(), "the sender lives as long as this handle");
        }
    }
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(message) => write!(f, "panicked: {message}"),
            Self::Ended => f.write_str("ended while the daemon was running"),
            Self::Failed(reason) => write!(f, "failed: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(task: &'static str) -> Fault {
        let kind = FaultKind::Ended;
        Fault { task, kind }
    }

    #[tokio::test]
    async fn a_request_reaches_every_handle_whenever_it_looks() {
        let shutdown = Shutdown::new();
        let other = shutdown.clone();
        assert!(!other.is_requested());
        let waiting = other.requested();
        tokio::join!(waiting, async { shutdown.request() });
        other.requested().await;
        assert!(other.is_requested() && other.fault().is_none());
    }

    #[tokio::test]
    async fn the_first_fault_is_kept_even_when_the_end_was_wanted() {
        let shutdown = Shutdown::new();
        shutdown.request();
        let (found, ()) = tokio::join!(shutdown.broken(), async {
            shutdown.fail(fault("store"));
            shutdown.fail(fault("engine"));
        });
        shutdown.request();
        assert_eq!((found, shutdown.fault()), (fault("store"), Some(fault("store"))));
    }
}
