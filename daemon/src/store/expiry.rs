//! Idempotency keys are forgotten after a time, a few at each claim of a new one and at each sweep.
//!
//! The time of a claim is that of its order's first event, and now is the newest event that the writer has seen, or the
//! last sweep: the store needs no clock. A key whose order is live is kept, however old it is.

use super::{
    StoreError,
    ledger::Ledger,
    port::Left,
    records::{CLAIM, Owner},
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
pub(super) const LOOKS_PER_CLAIM: usize = 4;
/// Keys that a claim of new ones has read, because their time seems to be over.
pub(super) const MOST_PER_CLAIM: usize = 256;

/// Which keys are still kept.
#[derive(Debug)]
pub(super) struct Expiry {
    ttl_ms: u64,
    now: Timestamp,
    /// The last record that was looked at.
    last: Option<IVec>,
    /// The last instant at which a sweep came to the end of the keys.
    swept: Option<Timestamp>,
}

impl Expiry {
    pub(super) fn new(ttl: Duration) -> Self {
        let ttl_ms = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
        Self { ttl_ms, now: Timestamp::default(), last: None, swept: None }
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
        match ledger.find_owner(key)? {
            Some(owner) if self.is_over(ledger, &owner) => Ok(None),
            Some(owner) if !ledger.exists(owner.order)? => Ok(None),
            owner => Ok(owner),
        }
    }

    fn is_over<T: Tree>(&self, ledger: &Ledger<T>, owner: &Owner) -> bool {
        self.is_past(owner.accepted) && !ledger.board().is_live(owner.order)
    }

    fn is_past(&self, accepted: Timestamp) -> bool {
        self.now.millis_since(accepted) > self.ttl_ms
    }

    /// Looks at so many more keys, round and round; those whose time is over, at most so many, and whether there may be
    /// more of them. What cannot be read is left alone: it is told to whoever asks for it.
    pub(super) fn expired<T: Tree>(
        &mut self,
        ledger: &Ledger<T>,
        looks: usize,
        most: usize,
    ) -> (Vec<String>, Left) {
        let mut past = self.past(ledger, looks, most);
        let is_full = past.len() == most;
        past.retain(|key| {
            let owner = ledger.find_owner(key);
            owner.is_ok_and(|owner| owner.is_some_and(|owner| self.is_over(ledger, &owner)))
        });
        // Keys of live orders stay, however many there are: when there were no others, that is it for now.
        let left = if is_full && !past.is_empty() { Left::Something } else { Left::Nothing };
        (past, left)
    }

    /// The same for the sweeps of one instant, but only until one of them has come to the end: behind it there may be many
    /// keys that were just removed, and nothing else.
    pub(super) fn swept<T: Tree>(
        &mut self,
        ledger: &Ledger<T>,
        at: Timestamp,
        looks: usize,
        most: usize,
    ) -> (Vec<String>, Left) {
        if self.swept == Some(at) {
            return (Vec::new(), Left::Nothing);
        }
        let found = self.expired(ledger, looks, most);
        if self.last.is_none() {
            self.swept = Some(at);
        }
        found
    }

    /// Keys whose time is over as the index says: those of live orders are not left out.
    fn past<T: Tree>(&mut self, ledger: &Ledger<T>, mut looks: usize, most: usize) -> Vec<String> {
        let mut past = Vec::new();
        if looks == 0 {
            return past;
        }
        let (first, end) = tree::all_of(CLAIM);
        let start = self.last.take().map_or(first, Bound::Excluded);
        let (mut last, mut is_end) = (None, true);
        let looked = ledger.tree().times(&(start, end), Direction::Up, &mut |key, accepted| {
            if looks == 0 || past.len() == most {
                is_end = false;
                return Ok(ControlFlow::Break(()));
            }
            looks -= 1;
            last = Some(IVec::from(key));
            if self.is_past(accepted) {
                past.push(String::from_utf8_lossy(&key[1..]).into_owned());
            }
            Ok(ControlFlow::Continue(()))
        });
        // At the end of the keys the next round begins.
        self.last = last.filter(|_| looked.is_ok() && !is_end);
        past
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        CommitSink, StoreError,
        history::DEFAULT_EVENTS,
        memory::MemoryTree,
        port::Receipt,
        recent::Recent,
        samples::{self, accepted, accepted_later, after, step},
        tree::{Batch, KeyRange, TimeVisitor, Visitor},
        writer::{Pending, Writer},
    };
    use std::sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    };

    const KEYS: u64 = 100;

    /// Counts what is read.
    #[derive(Default)]
    struct Counting {
        tree: MemoryTree,
        read: AtomicU64,
    }

    impl Tree for Counting {
        fn get(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
            let found = self.tree.get(key)?;
            self.read.fetch_add(u64::from(found.is_some()), Ordering::Relaxed);
            Ok(found)
        }

        fn scan(&self, range: &KeyRange, way: Direction, visit: &mut Visitor<'_>) -> Result<(), StoreError> {
            self.tree.scan(range, way, &mut |key, value| {
                self.read.fetch_add(1, Ordering::Relaxed);
                visit(key, value)
            })
        }

        fn times(
            &self,
            range: &KeyRange,
            way: Direction,
            visit: &mut TimeVisitor<'_>,
        ) -> Result<(), StoreError> {
            self.tree.times(range, way, visit)
        }

        fn time(&self, key: &[u8]) -> Result<Option<Timestamp>, StoreError> {
            self.tree.time(key)
        }

        fn apply(&self, batch: Batch) -> Result<(), StoreError> {
            self.tree.apply(batch)
        }

        fn tidy(&self, bytes: usize) -> Result<Left, StoreError> {
            self.tree.tidy(bytes)
        }
    }

    fn silent() -> CommitSink {
        Box::new(|_| ())
    }

    #[test]
    fn keys_that_nobody_asks_for_are_removed_a_few_at_a_time_and_no_other_is_read() {
        let ledger = Arc::new(Ledger::open(Counting::default(), Recent::default(), DEFAULT_EVENTS).unwrap());
        let mut writer = Writer::new(ledger.clone(), Expiry::new(DEFAULT_TTL));
        let mut write = |change| {
            let pending = Pending { change, receipt: Receipt::pending().0 };
            writer.write(std::iter::once(pending)).tell(&silent());
        };
        let read = || ledger.tree().read.load(Ordering::Relaxed);
        for number in 0..KEYS {
            let over = after(&accepted(number), samples::expired());
            write(samples::with_claim(step(&over, 2), &number.to_string(), 1));
        }
        assert_eq!((count(&ledger), read()), (KEYS, 0));
        let later = DEFAULT_TTL.as_millis() as u64 + 1;
        for number in KEYS..KEYS * 2 {
            let before = count(&ledger);
            write(samples::with_claim(step(&accepted_later(number, later), 1), &number.to_string(), 1));
            assert!(count(&ledger) + LOOKS_PER_CLAIM as u64 > before, "more than a few at once");
        }
        assert_eq!(count(&ledger), KEYS, "only the new ones are there");
        assert_eq!(read(), KEYS, "each that was removed, once");
    }

    #[test]
    fn the_sweeps_of_one_instant_go_through_the_keys_once() {
        let ledger = Arc::new(Ledger::open(Counting::default(), Recent::default(), DEFAULT_EVENTS).unwrap());
        let mut writer = Writer::new(ledger.clone(), Expiry::new(DEFAULT_TTL));
        for number in 0..5 {
            let over = after(&accepted(number), samples::expired());
            let change = samples::with_claim(step(&over, 2), &number.to_string(), 1);
            writer.write(std::iter::once(Pending { change, receipt: Receipt::pending().0 })).tell(&silent());
        }
        let at = samples::NOW.plus_millis(DEFAULT_TTL.as_millis() as u64 + 1);
        let mut expiry = Expiry::new(DEFAULT_TTL);
        expiry.tick(at);
        let mut sweep = |at| expiry.swept(&ledger, at, 9, 3);
        assert_eq!(sweep(at), (["0", "1", "2"].map(str::to_owned).to_vec(), Left::Something));
        assert_eq!(sweep(at), (["3", "4"].map(str::to_owned).to_vec(), Left::Nothing));
        assert_eq!(sweep(at), (vec![], Left::Nothing), "the end was reached");
        assert_eq!(sweep(at.plus_millis(1)).0.len(), 3, "another instant");
    }

    fn count(ledger: &Ledger<Counting>) -> u64 {
        let mut count = 0;
        let mut visit = |_: &[u8], _| {
            count += 1;
            Ok(ControlFlow::Continue(()))
        };
        ledger.tree().times(&tree::all_of(CLAIM), Direction::Up, &mut visit).unwrap();
        count
    }
}
