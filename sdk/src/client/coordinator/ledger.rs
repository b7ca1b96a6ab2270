//! What the coordinator knows of each order: which event it has seen last, and whether that can be relied on.
//!
//! Everything that arrives, by whichever way, is judged here by `seq`. Changes collect in a [`Batch`] until the cache
//! takes them.

use super::{
    cache::{Batch, Kept},
    counters::Counters,
    packed::{Packed, SharedParts},
};
use crate::wire::{OrderDto, OrderStatus};
use std::{collections::BTreeMap, sync::Arc};

/// What an event of an order is to the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// It is the next one, or the order was not known, or not for sure.
    Next,
    /// There is one between it and the last, and no gap was announced.
    Hole,
    /// It was seen before.
    Old,
}

/// Whether `seq` still counts the same events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// It does; something was missed.
    Kept,
    /// It does not: the daemon has another store, or an older one.
    Lost,
}

/// What is known of every order in the cache.
pub(super) struct Ledger {
    /// Orders of which more is to come.
    live: BTreeMap<Arc<str>, Entry>,
    /// Those that are over: no order is in both.
    over: BTreeMap<Arc<str>, Entry>,
    batch: Batch,
    parts: SharedParts,
    /// Grows with each gap: what was seen in an earlier round is to be confirmed.
    round: u32,
    /// What was seen before this round is of another store.
    trusted_from: u32,
    max_orders: usize,
    counters: Arc<Counters>,
}

struct Entry {
    seq: u64,
    round: u32,
    status: OrderStatus,
}

impl Ledger {
    pub(super) fn new(max_orders: usize, counters: Arc<Counters>) -> Self {
        Self {
            live: BTreeMap::new(),
            over: BTreeMap::new(),
            batch: Batch::default(),
            parts: SharedParts::default(),
            round: 0,
            trusted_from: 0,
            max_orders: max_orders.max(1),
            counters,
        }
    }

    pub(super) fn holds(&self, id: &str) -> bool {
        self.entry(id).is_some()
    }

    pub(super) fn round(&self) -> u32 {
        self.round
    }

    /// Judges an event, or an order as it stands after it.
    pub(super) fn judge(&self, id: &str, seq: u64) -> News {
        match self.entry(id) {
            None => News::Next,
            Some(entry) if entry.round < self.trusted_from => News::Next,
            Some(entry) if seq <= entry.seq => News::Old,
            Some(entry) if entry.round == self.round && seq > entry.seq + 1 => News::Hole,
            Some(_) => News::Next,
        }
    }

    /// The daemon has spoken of an order since the last gap.
    pub(super) fn confirm(&mut self, id: &str) {
        let entry = self.live.get_mut(id).or_else(|| self.over.get_mut(id));
        if let Some(entry) = entry {
            entry.round = self.round;
        }
    }

    /// Takes an order that is news, as it stood at this cursor.
    pub(super) fn put(&mut self, order: OrderDto, cursor: u64) {
        let id = self.take_out(&order.id);
        let entry = Entry { seq: order.seq, round: self.round, status: order.status };
        match is_over(order.status) {
            true => self.over.insert(id.clone(), entry),
            false => self.live.insert(id.clone(), entry),
        };
        let order = Arc::new(Packed::new(order, id, &mut self.parts));
        self.batch.put(Kept { order, cursor });
        self.make_room();
    }

    /// The daemon does not know the order, or nobody can tell how it stands.
    pub(super) fn forget(&mut self, id: &str) {
        let id = self.take_out(id);
        self.batch.remove(id);
    }

    /// Takes an order out, if it is there, and gives its id as the tables have it.
    fn take_out(&mut self, id: &str) -> Arc<str> {
        let known = self.live.remove_entry(id).or_else(|| self.over.remove_entry(id));
        known.map_or_else(|| id.into(), |(id, _)| id)
    }

    fn entry(&self, id: &str) -> Option<&Entry> {
        self.live.get(id).or_else(|| self.over.get(id))
    }

    fn entries(&self) -> impl Iterator<Item = (&Arc<str>, &Entry)> {
        self.live.iter().chain(&self.over)
    }

    fn make_room(&mut self) {
        while self.live.len() + self.over.len() > self.max_orders {
            let (victim, counter) = match self.over.first_key_value() {
                Some((id, _)) => (id.clone(), &self.counters.evicted_over),
                None => {
                    let (id, _) = self.live.first_key_value().expect("there are more than the maximum");
                    (id.clone(), &self.counters.evicted_live)
                }
            };
            counter.one_more();
            self.forget(&victim);
        }
    }

    /// Something was missed: what is held has to be confirmed. Orders of another store that can change no more would
    /// never be heard of again; they go at once.
    pub(super) fn open_round(&mut self, trust: Trust) {
        self.round += 1;
        if trust == Trust::Lost {
            self.trusted_from = self.round;
            let settled = self.entries().filter(|(_, entry)| is_settled(entry.status));
            let settled: Vec<_> = settled.map(|(id, _)| id.clone()).collect();
            settled.iter().for_each(|id| self.forget(id));
        }
    }

    /// Orders that can have changed since the last gap without anybody having said so.
    pub(super) fn unconfirmed(&self) -> Vec<Arc<str>> {
        let doubtful = |entry: &Entry| entry.round < self.round && !is_settled(entry.status);
        let doubtful = self.entries().filter(|(_, entry)| doubtful(entry));
        let mut ids: Vec<_> = doubtful.map(|(id, _)| id.clone()).collect();
        ids.sort_unstable();
        ids
    }

    /// Everything that has changed since the last gap is known by now.
    pub(super) fn confirm_all(&mut self) {
        let entries = self.live.values_mut().chain(self.over.values_mut());
        entries.for_each(|entry| entry.round = self.round);
    }

    /// What has changed since this was last asked.
    pub(super) fn take_batch(&mut self) -> Batch {
        std::mem::take(&mut self.batch)
    }

    pub(super) fn has_batch(&self) -> bool {
        !self.batch.is_empty()
    }
}

/// Whether nothing more is to come, unless somebody retries the order: what a snapshot of live orders leaves out.
pub(super) fn is_over(status: OrderStatus) -> bool {
    status == OrderStatus::Failed || is_settled(status)
}

/// Whether nothing more can come.
fn is_settled(status: OrderStatus) -> bool {
    matches!(status, OrderStatus::Finalized | OrderStatus::Cancelled | OrderStatus::Expired)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::order;

    fn ledger(max_orders: usize) -> Ledger {
        Ledger::new(max_orders, Arc::default())
    }

    fn at(id: &str, seq: u64, status: OrderStatus) -> OrderDto {
        OrderDto { id: id.into(), seq, status, ..order() }
    }

    fn ids(batch: &Batch) -> Vec<&str> {
        batch.iter().filter(|(_, held)| held.is_some()).map(|(id, _)| &**id).collect()
    }

    #[test]
    fn an_order_is_judged_by_the_last_event_that_was_seen() {
        let mut ledger = ledger(9);
        assert_eq!(ledger.judge("a", 5), News::Next, "an unknown order may come in at any event");
        ledger.put(at("a", 5, OrderStatus::Routing), 1);
        for (seq, news) in [(4, News::Old), (5, News::Old), (6, News::Next), (7, News::Hole)] {
            assert_eq!(ledger.judge("a", seq), news, "{seq}");
        }
    }

    #[test]
    fn after_a_gap_an_event_may_skip_and_after_another_store_it_may_go_back() {
        let mut ledger = ledger(9);
        ledger.put(at("a", 5, OrderStatus::Routing), 1);
        ledger.open_round(Trust::Kept);
        assert_eq!((ledger.judge("a", 9), ledger.judge("a", 5)), (News::Next, News::Old));
        ledger.open_round(Trust::Lost);
        assert_eq!(ledger.judge("a", 2), News::Next);
        ledger.put(at("a", 2, OrderStatus::Routing), 1);
        assert_eq!((ledger.judge("a", 2), ledger.judge("a", 4)), (News::Old, News::Hole));
    }

    #[test]
    fn what_can_change_and_was_not_heard_of_since_a_gap_is_doubtful() {
        use OrderStatus::{Cancelled, Confirmed, Failed, Finalized, Routing};
        let all = [Routing, Confirmed, Failed, Finalized, Cancelled];
        let mut ledger = ledger(9);
        for status in all {
            ledger.put(at(status.as_str(), 5, status), 1);
        }
        assert!(ledger.unconfirmed().is_empty());
        ledger.open_round(Trust::Kept);
        ledger.confirm("routing");
        // A failed order may have been retried, a confirmed one undone.
        assert_eq!(ledger.unconfirmed(), ["confirmed".into(), "failed".into()]);
        ledger.open_round(Trust::Lost);
        assert_eq!(ledger.unconfirmed(), ["confirmed".into(), "failed".into(), "routing".into()]);
        assert!(!ledger.holds("finalized"), "another store may have another end of it");
    }

    #[test]
    fn a_full_ledger_gives_up_the_oldest_that_are_over_and_then_the_oldest() {
        let mut ledger = ledger(2);
        for (id, status) in
            [("1", OrderStatus::Routing), ("2", OrderStatus::Failed), ("3", OrderStatus::Failed)]
        {
            ledger.put(at(id, 1, status), 1);
        }
        assert_eq!(ids(&ledger.take_batch()), ["1", "3"]);
        ledger.put(at("3", 2, OrderStatus::Pending), 2);
        ledger.put(at("4", 1, OrderStatus::Routing), 3);
        assert_eq!(ids(&ledger.take_batch()), ["3", "4"]);
        let counts = ledger.counters.counts();
        assert_eq!((counts.evicted_over, counts.evicted_live), (1, 1));
    }
}
