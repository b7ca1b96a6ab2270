//! What operators have to do with the queue: they hold it up, let it go on, and see who works on it.

use super::Unwatched;
use async_trait::async_trait;
use orderd_sdk::wire::{Pause, Queue, Workers};
use std::io;

/// Whether attempts are begun. What was begun goes on in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gate {
    /// They are.
    #[default]
    Open,
    /// They are not: orders are accepted, and wait.
    Closed,
}

/// Where operators see to the queue.
#[async_trait]
pub trait QueueDesk: Send + Sync {
    /// Since when no attempt is begun, and why; none while the queue runs.
    fn paused(&self) -> Option<Pause>;

    /// Counts the changes of that.
    fn changes(&self) -> u64;

    /// Who carries out attempts.
    fn workers(&self) -> Workers;

    /// Has no attempt begun any more. It is on stable storage when this returns. Whoever paused the queue before is kept,
    /// with their reason.
    ///
    /// # Errors
    /// When it could not be written down: the queue is paused all the same, until the daemon ends.
    async fn pause(&self, by: &str, reason: Option<String>) -> Result<Pause, NotKept>;

    /// Has attempts begun again. It is on stable storage when this returns.
    ///
    /// # Errors
    /// When it could not be written down: the queue is still paused.
    async fn resume(&self, by: &str) -> Result<(), NotKept>;
}

/// Whether the queue runs could not be written down.
#[derive(Debug, thiserror::Error)]
#[error("it could not be written down")]
pub struct NotKept(#[from] io::Error);

/// The same report, with what the desk knows of the queue.
#[must_use]
pub fn with_desk(report: Queue, desk: &dyn QueueDesk) -> Queue {
    Queue { paused: desk.paused(), workers: desk.workers(), ..report }
}

/// A queue that nobody sees to.
#[async_trait]
impl QueueDesk for Unwatched {
    fn paused(&self) -> Option<Pause> {
        None
    }

    fn changes(&self) -> u64 {
        0
    }

    fn workers(&self) -> Workers {
        Workers::default()
    }

    async fn pause(&self, _: &str, _: Option<String>) -> Result<Pause, NotKept> {
        Err(NotKept(io::ErrorKind::Unsupported.into()))
    }

    async fn resume(&self, _: &str) -> Result<(), NotKept> {
        Err(NotKept(io::ErrorKind::Unsupported.into()))
    }
}
