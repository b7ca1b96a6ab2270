//! The calls into one instance that wait for their completion. Pure bookkeeping.

use orderd_sdk::abi::table::MAX_OPERATIONS;
use rustc_hash::FxHashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, oneshot};

/// Calls that wait for an `A`. Tokens count up and are never used again, so that a late completion can not hit another
/// call.
pub(super) struct Operations<A> {
    table: Mutex<Table<A>>,
    /// Rung when nothing is in flight any more.
    empty: Notify,
}

struct Table<A> {
    last: u64,
    in_flight: FxHashMap<u64, Waiter<A>>,
    closed: bool,
    tally: Tally,
}

/// How an instance does with what it owes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Completions since the beginning.
    pub(super) completed: u64,
    /// Completions it owes to nobody: those calls were given up.
    pub(super) abandoned: usize,
}

enum Waiter<A> {
    /// Somebody waits for it.
    Call(oneshot::Sender<A>),
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

impl<A> Default for Operations<A> {
    fn default() -> Self {
        let table =
            Table { last: 0, in_flight: FxHashMap::default(), closed: false, tally: Tally::default() };
        Self { table: Mutex::new(table), empty: Notify::new() }
    }
}

impl<A> Operations<A> {
    /// A token for a new call, and where its answer will arrive.
    pub(super) fn begin(&self) -> Result<(u64, oneshot::Receiver<A>), Refused> {
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
        let mut table = self.table();
        if let Some(waiter) = table.in_flight.remove(&op) {
            self.left(&mut table, &waiter);
        }
    }

    /// Nobody waits any more. True when the plugin has not completed the operation yet.
    pub(super) fn abandon(&self, op: u64) -> bool {
        let mut table = self.table();
        let Some(waiter) = table.in_flight.get_mut(&op) else {
            return false;
        };
        if let Waiter::Call(_) = std::mem::replace(waiter, Waiter::Abandoned) {
            table.tally.abandoned += 1;
        }
        true
    }

    /// The plugin completed an operation.
    pub(super) fn complete(&self, op: u64, answer: A) -> Completed {
        let mut table = self.table();
        let Some(waiter) = table.in_flight.remove(&op) else {
            return if (1..=table.last).contains(&op) { Completed::Twice } else { Completed::Forged };
        };
        table.tally.completed += 1;
        self.left(&mut table, &waiter);
        drop(table);
        match waiter {
            Waiter::Call(sender) => {
                let _ = sender.send(answer);
                Completed::Answered
            }
            Waiter::Abandoned => Completed::Abandoned,
        }
    }

    /// No completion will be accepted any more: whoever waits is told.
    pub(super) fn clear(&self) {
        let waiters = {
            let mut table = self.table();
            table.tally.abandoned = 0;
            std::mem::take(&mut table.in_flight)
        };
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

    /// How the instance does.
    pub(super) fn tally(&self) -> Tally {
        self.table().tally
    }

    /// It is in flight no more. Only when no call is taken any more does anybody wait for the last one.
    fn left(&self, table: &mut Table<A>, waiter: &Waiter<A>) {
        if let Waiter::Abandoned = waiter {
            table.tally.abandoned -= 1;
        }
        if table.closed && table.in_flight.is_empty() {
            self.empty.notify_waiters();
        }
    }

    fn table(&self) -> MutexGuard<'_, Table<A>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use orderd_sdk::abi::Outcome;

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
        assert!(operations.abandon(op));
        assert_eq!((operations.len(), operations.tally()), (1, Tally { completed: 0, abandoned: 1 }));
        assert_eq!(operations.complete(op, outcome()), Completed::Abandoned);
        assert_eq!(operations.complete(op, outcome()), Completed::Twice);
        assert_eq!((operations.len(), operations.tally()), (0, Tally { completed: 1, abandoned: 0 }));
    }

    #[test]
    fn a_plugin_that_never_completes_fills_its_own_table_only() {
        let operations = Operations::<Outcome>::default();
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
