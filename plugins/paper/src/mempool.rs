//! Transactions that wait for their inclusion. Nothing here survives a restart.

use crate::transaction::{Transaction, TxHash};
use rustc_hash::FxHashSet;
use std::collections::{BTreeMap, HashMap, VecDeque};
use tokio::time::Instant;

/// How many transactions wait at most.
pub(crate) const MAX_PENDING: usize = 20_000;

/// A transaction that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pending {
    pub(crate) transaction: Transaction,
    pub(crate) hash: TxHash,
    /// From then on it may be included; never where it is stuck until another takes its place.
    pub(crate) due: Option<Instant>,
}

/// Why a transaction may not wait here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoRoom {
    #[error("another transaction waits at this sequence, and is not outbid")]
    Outbid,
    #[error("too many transactions wait")]
    Full,
}

#[derive(Debug, Default)]
pub(crate) struct Mempool {
    accounts: HashMap<String, BTreeMap<u64, Pending>>,
    hashes: FxHashSet<TxHash>,
    /// When to look at which account. Due times only grow, so it stays sorted; it may hold more than waits.
    alarms: VecDeque<(Instant, String)>,
}

impl Mempool {
    pub(crate) fn len(&self) -> usize {
        self.hashes.len()
    }

    pub(crate) fn contains(&self, hash: &TxHash) -> bool {
        self.hashes.contains(hash)
    }

    /// Takes a transaction in, in place of one at its sequence that it outbids.
    pub(crate) fn insert(&mut self, pending: Pending) -> Result<(), NoRoom> {
        let Transaction { from, sequence, bump, .. } = &pending.transaction;
        let rival = self.accounts.get(from).and_then(|waiting| waiting.get(sequence));
        match rival {
            Some(rival) if rival.transaction.bump >= *bump => return Err(NoRoom::Outbid),
            Some(rival) => {
                self.hashes.remove(&rival.hash);
            }
            None if self.hashes.len() >= MAX_PENDING => return Err(NoRoom::Full),
            None => {}
        }
        self.hashes.insert(pending.hash);
        match self.accounts.get_mut(from) {
            Some(waiting) => drop(waiting.insert(*sequence, pending)),
            None => drop(self.accounts.insert(from.clone(), BTreeMap::from([(*sequence, pending)]))),
        }
        Ok(())
    }

    /// Takes out the transaction of an account at this sequence, if it is due.
    pub(crate) fn take_due(&mut self, from: &str, sequence: u64, now: Instant) -> Option<Pending> {
        let waiting = self.accounts.get_mut(from)?;
        if waiting.get(&sequence)?.due.is_none_or(|due| due > now) {
            return None;
        }
        let pending = waiting.remove(&sequence)?;
        if waiting.is_empty() {
            self.accounts.remove(from);
        }
        self.hashes.remove(&pending.hash);
        Some(pending)
    }

    /// Puts back what [`Mempool::take_due`] took.
    pub(crate) fn put_back(&mut self, pending: Pending) {
        self.hashes.insert(pending.hash);
        let waiting = self.accounts.entry(pending.transaction.from.clone()).or_default();
        waiting.insert(pending.transaction.sequence, pending);
    }

    /// Remembers to look at an account then. Not before any alarm that is set already; false when there are too
    /// many of them.
    #[must_use]
    pub(crate) fn set_alarm(&mut self, at: Instant, from: &str) -> bool {
        let room = self.alarms.len() < 2 * MAX_PENDING;
        if room {
            let position = self.alarms.partition_point(|(earlier, _)| *earlier <= at);
            self.alarms.insert(position, (at, from.to_owned()));
        }
        room
    }

    /// An account to look at by now.
    pub(crate) fn take_alarm(&mut self, now: Instant) -> Option<String> {
        self.alarms.pop_front_if(|(at, _)| *at <= now).map(|(_, from)| from)
    }

    /// When to look next.
    pub(crate) fn next_alarm(&self) -> Option<Instant> {
        self.alarms.front().map(|(at, _)| *at)
    }
}
