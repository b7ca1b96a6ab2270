//! The calls into one instance that wait for their completion. Pure bookkeeping.

use orderd_sdk::abi::{Outcome, table::MAX_OPERATIONS};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Notify, oneshot};

/// Tokens count up and are never used again, so that a late completion can not hit another call.
#[derive(Default)]
pub(super) struct Operations {
    table: Mutex<Table>,
    /// Rung when nothing is in flight any more.
    empty: Notify,
}

#[derive(Default)]
struct Table {
    last: u64,
    in_flight: HashMap<u64, Waiter>,
    closed: bool,
}

enum Waiter {
    /// Somebody waits for it.
    Call(oneshot::Sender<Outcome>),
    /// Given up; the plugin still owes the completion, and the place stays taken until it comes.
    Abandoned,
}

/// What a completion was good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Completed {
    /// A call got its answer.
    Answered,
    /// Its call had been given up.
    Abandoned,
    /// Its operation has been completed before.
    Twice,
    /// There was never such an operation.
    Forged,
}

/// Nothing was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// [`MAX_OPERATIONS`] are in flight.
    Full,
    /// None is taken any more.
    Closed,
}

impl Operations {
    /// A token for a new call, and where its answer will arrive.
    pub(super) fn begin(&self) -> Result<(u64, oneshot::Receiver<Outcome>), Refused> {
        let mut table = self.table();
        if table.closed {
            return Err(Refused::Closed);
        }
        if table.in_flight.len() >= MAX_OPERATIONS {
            return Err(Refused::Full);
        }
        let (sender, receiver) = oneshot::channel();
        table.last += 1;
        let op = table.last;
        table.in_flight.insert(op, Waiter::Call(sender));
        Ok((op, receiver))
    }

    /// The plugin refused the call: nothing will come.
    pub(super) fn refused(&self, op: u64) {
        self.remove(op);
    }

    /// Nobody waits any more. True when the plugin has not completed the operation yet.
    pub(super) fn abandon(&self, op: u64) -> bool {
        match self.table().in_flight.get_mut(&op) {
            Some(waiter) => {
                *waiter = Waiter::Abandoned;
                true
            }
            None => false,
        }
    }

    /// The plugin completed an operation.
    pub(super) fn complete(&self, op: u64, outcome: Outcome) -> Completed {
        let issued = 1..=self.table().last;
        match self.remove(op) {
            Some(Waiter::Call(sender)) => {
                let _ = sender.send(outcome);
                Completed::Answered
            }
            Some(Waiter::Abandoned) => Completed::Abandoned,
            None if issued.contains(&op) => Completed::Twice,
            None => Completed::Forged,
        }
    }

    /// No completion will be accepted any more: whoever waits is told.
    pub(super) fn clear(&self) {
        let waiters = std::mem::take(&mut self.table().in_flight);
        drop(waiters);
        self.empty.notify_waiters();
    }

    /// Takes no more calls, and waits until the plugin owes nothing.
    pub(super) async fn drain(&self) {
        self.table().closed = true;
        loop {
            let mut empty = std::pin::pin!(self.empty.notified());
            empty.as_mut().enable();
            if self.len() == 0 {
                return;
            }
            empty.await;
        }
    }

    /// How many completions the plugin owes.
    pub(super) fn len(&self) -> usize {
        self.table().in_flight.len()
    }

    fn remove(&self, op: u64) -> Option<Waiter> {
        let mut table = self.table();
        let waiter = table.in_flight.remove(&op);
        if table.in_flight.is_empty() {
            self.empty.notify_waiters();
        }
        waiter
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    fn outcome() -> Outcome {
        Outcome::of(Ok(b"1".to_vec()))
    }

    #[test]
    fn each_completion_counts_once() {
        let operations = Operations::default();
        let (op, mut answer) = operations.begin().unwrap();
        assert_eq!(operations.complete(op + 1, outcome()), Completed::Forged);
        assert_eq!(operations.complete(0, outcome()), Completed::Forged);
        assert_eq!(operations.complete(op, outcome()), Completed::Answered);
        assert_eq!(operations.complete(op, outcome()), Completed::Twice);
        assert_eq!(answer.try_recv().unwrap(), outcome());
        assert!(!operations.abandon(op));
    }

    #[test]
    fn an_abandoned_call_keeps_its_place_until_the_plugin_completes_it() {
        let operations = Operations::default();
        let (op, _answer) = operations.begin().unwrap();
        assert!(operations.abandon(op));
        assert_eq!(operations.len(), 1);
        assert_eq!(operations.complete(op, outcome()), Completed::Abandoned);
        assert_eq!(operations.complete(op, outcome()), Completed::Twice);
        assert_eq!(operations.len(), 0);
    }

    #[test]
    fn a_plugin_that_never_completes_fills_its_own_table_only() {
        let operations = Operations::default();
        let calls: Vec<_> = (0..MAX_OPERATIONS).map(|_| operations.begin().unwrap()).collect();
        assert_eq!(operations.begin().err(), Some(Refused::Full));
        operations.refused(calls[0].0);
        assert!(operations.begin().is_ok());
    }

    #[tokio::test]
    async fn draining_waits_for_the_last_completion_and_lets_no_call_begin() {
        let operations = Operations::default();
        let ops = [operations.begin().unwrap().0, operations.begin().unwrap().0];
        let mut drained = std::pin::pin!(operations.drain());
        for op in ops {
            assert!(drained.as_mut().now_or_never().is_none());
            assert_eq!(operations.begin().err(), Some(Refused::Closed));
            operations.complete(op, outcome());
        }
        drained.await;
        operations.drain().await;
    }
}
