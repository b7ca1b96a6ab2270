//! The record of all actions.

use super::shelf::Shelf;
use crate::telemetry::observe;
use orderd_sdk::wire::{Action, Actions};
use std::{
    cmp::Reverse,
    io,
    path::Path,
    sync::{Mutex, PoisonError},
};

/// Actions of one kind that are remembered.
const CAPACITY: usize = 1_000;

/// Who asks for actions: it decides what theirs can push out of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// They may operate the daemon.
    Operator,
    /// They see to orders, or may not even do that.
    Client,
}

/// What was done. By default it is kept in memory alone.
#[derive(Debug)]
pub struct ActionLog {
    operators: Shelf,
    clients: Shelf,
    /// The number of the last action.
    last: Mutex<u64>,
}

impl Default for ActionLog {
    fn default() -> Self {
        Self::of(Shelf::in_memory(CAPACITY), Shelf::in_memory(CAPACITY))
    }
}

impl ActionLog {
    /// The record that is kept in this directory. It waits for the disk.
    ///
    /// # Errors
    /// When what is there cannot be read. What is there and makes no sense is left out.
    pub fn open(data_dir: &Path) -> io::Result<Self> {
        let shelf = |name| Shelf::open(data_dir.join(name), CAPACITY);
        Ok(Self::of(shelf("actions-operators")?, shelf("actions-clients")?))
    }

    fn of(operators: Shelf, clients: Shelf) -> Self {
        let last = Mutex::new(operators.last().max(clients.last()));
        Self { operators, clients, last }
    }

    /// Notes an action and gives it its number. It is on stable storage when this returns, unless the disk refuses: then
    /// it is in memory, the log says so, and [`Actions::unsaved`] counts it.
    pub async fn note(&self, rank: Rank, action: Action) {
        observe::acted(&action);
        let shelf = match rank {
            Rank::Operator => &self.operators,
            Rank::Client => &self.clients,
        };
        self.put(shelf, action);
        if let Err((count, error)) = shelf.save().await {
            observe::actions_unsaved(count, &error);
        }
    }

    /// Numbers stand on a shelf in their order.
    fn put(&self, shelf: &Shelf, action: Action) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last += 1;
        shelf.put(Action { n: *last, ..action });
    }

    /// How many there were so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest before the action of this number, at most so many.
    #[must_use]
    pub fn before(&self, before: u64, most: usize) -> Actions {
        let shelves = [&self.operators, &self.clients];
        // One more than is told, to see whether there is one.
        let mut actions: Vec<_> =
            shelves.into_iter().flat_map(|shelf| shelf.before(before, most.saturating_add(1))).collect();
        actions.sort_unstable_by_key(|action| Reverse(action.n));
        let more = actions.len() > most;
        actions.truncate(most);
        Actions { actions, more, unsaved: shelves.into_iter().map(Shelf::unsaved).sum() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orderd_sdk::{timestamp::Timestamp, wire::ActionOutcome};
    use std::fs;

    fn action(verb: &str) -> Action {
        Action {
            n: 0,
            at: Timestamp(7),
            by: "ops".to_owned(),
            address: None,
            verb: verb.to_owned(),
            target: None,
            reason: None,
            outcome: ActionOutcome::Done,
            code: None,
            detail: "done".to_owned(),
        }
    }

    fn numbers(actions: &Actions) -> Vec<u64> {
        actions.actions.iter().map(|action| action.n).collect()
    }

    #[tokio::test]
    async fn numbers_go_on_after_a_restart_and_pages_lead_back_to_the_first() {
        let folder = tempfile::tempdir().unwrap();
        for rank in [Rank::Operator, Rank::Client, Rank::Client] {
            ActionLog::open(folder.path()).unwrap().note(rank, action("cancel")).await;
        }
        let log = ActionLog::open(folder.path()).unwrap();
        log.note(Rank::Operator, action("pause")).await;
        let newest = log.before(u64::MAX, 3);
        assert_eq!((numbers(&newest), newest.more, newest.unsaved), (vec![4, 3, 2], true, 0));
        assert_eq!((newest.actions[0].verb.as_str(), log.count()), ("pause", 4));
        let oldest = log.before(2, 3);
        assert_eq!((numbers(&oldest), oldest.more), (vec![1], false));
    }

    #[tokio::test]
    async fn clients_do_not_push_out_what_operators_did() {
        let log = ActionLog::default();
        log.note(Rank::Operator, action("pause")).await;
        for _ in 0..=CAPACITY {
            log.note(Rank::Client, action("cancel")).await;
        }
        let all = log.before(u64::MAX, 10 * CAPACITY);
        assert_eq!(
            (all.actions.len(), all.more),
            (1 + CAPACITY, false),
            "the oldest of the clients' is gone"
        );
        assert_eq!(all.actions.last().map(|action| action.verb.as_str()), Some("pause"));
    }

    #[tokio::test]
    async fn what_the_disk_refuses_is_told_and_written_when_it_takes_it() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone");
        let log = ActionLog::open(&gone).unwrap();
        log.note(Rank::Operator, action("pause")).await;
        log.note(Rank::Operator, action("resume")).await;
        assert_eq!((log.before(u64::MAX, 9).unsaved, log.count()), (2, 2));
        fs::create_dir(&gone).unwrap();
        log.note(Rank::Operator, action("pause")).await;
        assert_eq!(log.before(u64::MAX, 9).unsaved, 0);
        assert_eq!(numbers(&ActionLog::open(&gone).unwrap().before(u64::MAX, 9)), [3, 2, 1]);
    }

    #[tokio::test]
    async fn those_who_act_at_once_are_all_written() {
        let folder = tempfile::tempdir().unwrap();
        let log = ActionLog::open(folder.path()).unwrap();
        let acting = (0..50).map(|_| log.note(Rank::Client, action("cancel")));
        futures_util::future::join_all(acting).await;
        let mut read = numbers(&ActionLog::open(folder.path()).unwrap().before(u64::MAX, 99));
        read.reverse();
        assert_eq!(read, (1..=50).collect::<Vec<_>>());
    }
}
