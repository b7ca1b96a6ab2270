//! The operations of one instance that are in flight, and the promise of exactly one completion each.

use super::{Outcome, link::HostLink, table::MAX_OPERATIONS};
use crate::plugin::{ErrorKind, PluginError};
use rustc_hash::FxHashMap;
use std::{
    collections::hash_map::Entry,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::task::AbortHandle;

pub(super) struct Operations {
    link: Arc<HostLink>,
    in_flight: Mutex<FxHashMap<u64, Stage>>,
}

enum Stage {
    /// `start` has not returned yet.
    Starting,
    /// A task works on it.
    Running(AbortHandle),
}

/// Why an operation is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// [`MAX_OPERATIONS`] are in flight.
    Busy,
    /// Its token is in flight already.
    TokenInUse,
}

impl Operations {
    pub(super) fn new(link: Arc<HostLink>) -> Self {
        Self { link, in_flight: Mutex::default() }
    }

    /// Accepts an operation: from here on its completion is owed.
    pub(super) fn accept(self: &Arc<Self>, op: u64) -> Result<Completion, Refusal> {
        let mut in_flight = self.in_flight();
        if in_flight.len() >= MAX_OPERATIONS {
            return Err(Refusal::Busy);
        }
        match in_flight.entry(op) {
            Entry::Occupied(_) => Err(Refusal::TokenInUse),
            Entry::Vacant(place) => {
                place.insert(Stage::Starting);
                Ok(Completion { operations: self.clone(), owed: Some(op) })
            }
        }
    }

    /// Says how to cancel an operation, unless it has ended meanwhile.
    pub(super) fn running(&self, op: u64, task: AbortHandle) {
        if let Some(stage) = self.in_flight().get_mut(&op) {
            *stage = Stage::Running(task);
        }
    }

    /// Cancels an operation; one that is not running is left alone.
    pub(super) fn cancel(&self, op: u64) {
        let task = match self.in_flight().get(&op) {
            Some(Stage::Running(task)) => task.clone(),
            Some(Stage::Starting) | None => return,
        };
        task.abort();
    }

    /// How many are in flight.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.in_flight().len()
    }

    fn in_flight(&self) -> MutexGuard<'_, FxHashMap<u64, Stage>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The one completion that an accepted operation is owed. Dropped unused, the operation was cancelled.
pub(super) struct Completion {
    operations: Arc<Operations>,
    owed: Option<u64>,
}

impl Completion {
    pub(super) fn send(mut self, outcome: &Outcome) {
        self.report(outcome);
    }

    fn report(&mut self, outcome: &Outcome) {
        let Some(op) = self.owed.take() else { return };
        // The token may be used again as soon as the host hears of the completion.
        self.operations.in_flight().remove(&op);
        self.operations.link.complete(op, outcome.status, &outcome.reply);
    }
}

impl Drop for Completion {
    fn drop(&mut self) {
        if self.owed.is_some() {
            self.report(&Outcome::error(&PluginError {
                kind: ErrorKind::Cancelled,
                message: "cancelled".to_owned(),
            }));
        }
    }
}
