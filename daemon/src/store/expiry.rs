//! Idempotency keys are forgotten after a time, a few at each claim of a new one.
//!
//! The time of a claim is that of its order's first event, and now is the newest event that the writer has seen: the
//! store needs no clock. A key whose order is live is kept, however old it is.

use super::{
    StoreError,
    ledger::Ledger,
    records::{self, CLAIM, Owner},
    tree::{self, Direction, Tree},
};
use orderd_sdk::timestamp::Timestamp;
use sled::IVec;
use std::{
    ops::{Bound, ControlFlow},
    time::Duration,
};

/// How long a key is kept, when nothing else was said.
pub(super) const DEFAULT_TTL: Duration = Duration::from_hours(24);
/// Keys looked at for each that is claimed: a key outlives its time by a quarter of it, as long as keys come evenly.
const LOOKS_PER_CLAIM: usize = 4;

/// Which keys are still kept.
#[derive(Debug)]
pub(super) struct Expiry {
    ttl_ms: u64,
    now: Timestamp,
    /// The last record that was looked at.
    last: Option<IVec>,
}

impl Expiry {
    pub(super) fn new(ttl: Duration) -> Self {
        let ttl_ms = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
        Self { ttl_ms, now: Timestamp::default(), last: None }
    }

    /// Something happened at this time.
    pub(super) fn tick(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
    }

    /// Who owns a key, unless its time is over.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub(super) fn find_owner<T: Tree>(
        &self,
        ledger: &Ledger<T>,
        key: &str,
    ) -> Result<Option<Owner>, StoreError> {
        let owner = ledger.find_owner(key)?;
        Ok(owner.filter(|owner| !self.is_over(ledger, owner)))
    }

    fn is_over<T: Tree>(&self, ledger: &Ledger<T>, owner: &Owner) -> bool {
        self.now.millis_since(owner.accepted) > self.ttl_ms && !ledger.board().is_live(owner.order)
    }

    /// Looks at some more keys, round and round; those whose time is over. What cannot be read is left alone: it is
    /// told to whoever asks for it.
    pub(super) fn expired<T: Tree>(&mut self, ledger: &Ledger<T>, claimed: usize) -> Vec<String> {
        let mut left = claimed * LOOKS_PER_CLAIM;
        let mut over = Vec::new();
        if left == 0 {
            return over;
        }
        let (first, end) = tree::all_of(CLAIM);
        let start = self.last.take().map_or(first, Bound::Excluded);
        let mut last = None;
        let scanned = ledger.tree().scan(&(start, end), Direction::Up, &mut |record_key, record| {
            if left == 0 {
                return Ok(ControlFlow::Break(()));
            }
            left -= 1;
            last = Some(IVec::from(record_key));
            let key = String::from_utf8_lossy(&record_key[1..]).into_owned();
            if records::read_owner(&key, record).is_ok_and(|owner| self.is_over(ledger, &owner)) {
                over.push(key);
            }
            Ok(ControlFlow::Continue(()))
        });
        // At the end of the keys the next round begins.
        self.last = if left == 0 && scanned.is_ok() { last } else { None };
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        history::DEFAULT_EVENTS,
        memory::MemoryTree,
        port::Receipt,
        recent::Recent,
        samples::{self, accepted, accepted_later, after, step},
        writer::{Pending, Writer},
    };
    use std::sync::Arc;

    const KEYS: u64 = 100;

    #[test]
    fn keys_that_nobody_asks_for_are_removed_a_few_at_a_time() {
        let ledger =
            Arc::new(Ledger::open(MemoryTree::default(), Recent::default(), DEFAULT_EVENTS).unwrap());
        let mut writer = Writer::new(ledger.clone(), Box::new(|_| ()), Expiry::new(DEFAULT_TTL));
        let mut write = |change| {
            let pending = Pending { change, receipt: Receipt::pending().0 };
            writer.write(std::iter::once(pending)).resolve();
        };
        for number in 0..KEYS {
            let over = after(&accepted(number), samples::expired());
            write(samples::with_claim(step(&over, 2), &number.to_string(), 1));
        }
        assert_eq!(count(&ledger), KEYS);
        let later = DEFAULT_TTL.as_millis() as u64 + 1;
        for number in KEYS..KEYS * 2 {
            let before = count(&ledger);
            write(samples::with_claim(step(&accepted_later(number, later), 1), &number.to_string(), 1));
            assert!(count(&ledger) + LOOKS_PER_CLAIM as u64 > before, "more than a few at once");
        }
        assert_eq!(count(&ledger), KEYS, "only the new ones are there");
    }

    fn count(ledger: &Ledger<MemoryTree>) -> u64 {
        let mut count = 0;
        let mut visit = |_: &[u8], _: &[u8]| {
            count += 1;
            Ok(ControlFlow::Continue(()))
        };
        ledger.tree().scan(&tree::all_of(CLAIM), Direction::Up, &mut visit).unwrap();
        count
    }
}
