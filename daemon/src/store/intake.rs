//! Makes windows of what waits in the committer's queue: what is to be written now, with what was held of the same orders,
//! and what has been held for long enough.

use super::{
    StoreError, Urgency,
    deferred::{Deferred, HOLD, LONGEST_HOLD},
    inbox::{Arrived, Inbox},
    pace::Effort,
    port::Swept,
    sweep::Due,
    writer::Pending,
};
use std::{mem, time::Instant};
use tokio::sync::oneshot;

/// What the writer's thread does.
#[derive(Debug)]
pub(super) enum Work {
    /// Writes a change, with all others that wait.
    Change(Pending),
    /// Removes what is due, between two windows.
    Sweep(Sweep),
}

/// What is to be removed, and who waits for it.
#[derive(Debug)]
pub(super) struct Sweep {
    pub(super) due: Due,
    pub(super) answer: oneshot::Sender<Result<(Swept, Effort), StoreError>>,
}

/// Makes windows of what comes out of the queue.
pub(super) struct Intake {
    /// The most that is taken from the queue for one window, and the most orders of which something is held.
    capacity: usize,
    arrived: Vec<Arrived>,
    window: Vec<Pending>,
    sweeps: Vec<Sweep>,
    deferred: Deferred,
}

impl Intake {
    /// Nothing has come yet.
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            arrived: Vec::with_capacity(capacity),
            window: Vec::with_capacity(capacity),
            sweeps: Vec::new(),
            deferred: Deferred::default(),
        }
    }

    /// Waits for something that has to be done; false when there will never be anything.
    pub(super) fn fill(&mut self, inbox: &Inbox) -> bool {
        let mut is_open = true;
        while self.window.is_empty() && self.sweeps.is_empty() && is_open {
            is_open = inbox.receive(&mut self.arrived, self.deferred.next_due());
            let now = Instant::now();
            for Arrived { work, at } in self.arrived.drain(..) {
                match work {
                    Work::Sweep(sweep) => self.sweeps.push(sweep),
                    Work::Change(pending) => match pending.change.urgency {
                        Urgency::Soon => self.deferred.put(pending, at),
                        Urgency::Now => {
                            self.window.append(&mut self.deferred.take(pending.change.order.id));
                            self.window.push(pending);
                        }
                    },
                }
            }
            let hold = if self.window.is_empty() { HOLD } else { LONGEST_HOLD };
            let most = if is_open { self.capacity } else { 0 };
            self.window.append(&mut self.deferred.take_due(now, hold, most));
        }
        !self.window.is_empty() || !self.sweeps.is_empty()
    }

    /// What is to be written now.
    pub(super) fn window(&mut self) -> impl Iterator<Item = Pending> {
        self.window.drain(..)
    }

    /// What is to be removed after that.
    pub(super) fn sweeps(&mut self) -> Vec<Sweep> {
        mem::take(&mut self.sweeps)
    }

    /// Everything that is held, though it is not due.
    pub(super) fn held(&mut self) -> Vec<Pending> {
        self.deferred.take_due(Instant::now(), HOLD, 0)
    }
}
