//! The live lifecycle: which orders have gone from which state to which, newest first.
//!
//! It is made of what changes in the cache, which tells how an order stands now and not what happened in between. So a
//! change of several steps is told as one, with their number, and nothing is made up.

use super::seen::{Glimpse, Seen};
use orderd_sdk::{
    client::{Cache, Changed, Packed},
    timestamp::Timestamp,
    wire::OrderStatus,
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

/// Changes that are kept.
const MOST: usize = 500;
/// Over so many seconds the rate is taken.
const RATE_SECONDS: u64 = 10;

/// An order has come to another state.
#[derive(Clone, Debug)]
pub struct Transition {
    /// Counts them: 1, 2, 3, …
    pub number: u64,
    /// The order, as it stood then.
    pub order: Arc<Packed>,
    /// How it was before.
    pub before: Before,
    /// Events between that and now, this one included; none when that is not known.
    pub events: Option<u64>,
    /// Milliseconds since the event before, as far as that was seen.
    pub took_ms: Option<u64>,
}

/// How an order was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// It was not there.
    New,
    /// This console had not seen it.
    Unseen,
    /// In this state.
    Was(OrderStatus),
}

/// The last changes.
#[derive(Debug, Default)]
pub struct Feed {
    ring: VecDeque<Arc<Transition>>,
    /// All that were ever added.
    total: u64,
    seen: Seen,
    /// When the first news came. What happened before is no news.
    began: Option<Timestamp>,
    /// Events by second, the last [`RATE_SECONDS`] of them.
    events: BTreeMap<u64, u64>,
}

impl Feed {
    /// Takes in what has changed in the cache.
    pub fn take(&mut self, changed: &Changed, cache: &Cache, now: Timestamp) {
        self.began.get_or_insert(now);
        let mut found = Vec::new();
        match changed {
            Changed::Ids(ids) => {
                for id in ids {
                    match cache.packed(id) {
                        Some(order) => found.extend(self.look(&order, now)),
                        None => self.seen.forget(id),
                    }
                }
            }
            Changed::All => {
                let mut there = Vec::with_capacity(cache.len());
                cache.scan(|order| there.push(Arc::clone(order)));
                self.seen.keep(&there.iter().map(|order| &**order.id()).collect());
                found.extend(there.iter().filter_map(|order| self.look(order, now)));
            }
        }
        self.events = self.events.split_off(&now.unix_seconds().saturating_sub(RATE_SECONDS));
        found.sort_by_key(|found| found.order.updated_at);
        found.into_iter().for_each(|found| self.add(found));
    }

    /// The changes, newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Arc<Transition>> {
        self.ring.iter().rev()
    }

    /// How many there ever were.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// What is known of all orders that the console has seen.
    #[must_use]
    pub fn seen(&self) -> &Seen {
        &self.seen
    }

    /// Events a second over the last ten whole seconds, in tenths.
    #[must_use]
    pub fn tenths_per_second(&self, now: Timestamp) -> u64 {
        let second = now.unix_seconds();
        self.events.range(second.saturating_sub(RATE_SECONDS)..second).map(|(_, count)| count).sum::<u64>()
            * 10
            / RATE_SECONDS
    }

    fn look(&mut self, order: &Arc<Packed>, now: Timestamp) -> Option<Transition> {
        let before = self.seen.put(Glimpse::of(order), order.id());
        let began = self.began.unwrap_or(now);
        let transition = match before {
            None if order.updated_at < began => return None,
            None => appeared(order, began),
            Some(before) if order.seq() <= u64::from(before.seq) => return None,
            Some(before) => changed(order, before),
        };
        *self.events.entry(now.unix_seconds()).or_default() += transition.events.unwrap_or(1);
        let is_shown = transition.before != Before::Was(order.status)
            || before.is_some_and(|before| u32::from(before.attempts) != order.attempts);
        is_shown.then_some(transition)
    }

    fn add(&mut self, transition: Transition) {
        self.total += 1;
        if self.ring.len() == MOST {
            self.ring.pop_front();
        }
        self.ring.push_back(Arc::new(Transition { number: self.total, ..transition }));
    }
}

/// An order that had not been seen.
fn appeared(order: &Arc<Packed>, began: Timestamp) -> Transition {
    let is_new = order.created_at >= began;
    Transition {
        number: 0,
        order: Arc::clone(order),
        before: if is_new { Before::New } else { Before::Unseen },
        events: is_new.then(|| order.seq()),
        took_ms: (is_new && order.seq() > 1).then(|| order.updated_at.millis_since(order.created_at)),
    }
}

fn changed(order: &Arc<Packed>, before: Glimpse) -> Transition {
    Transition {
        number: 0,
        order: Arc::clone(order),
        before: Before::Was(before.status),
        events: Some(order.seq() - u64::from(before.seq)),
        took_ms: Some(order.updated_at.millis_since(before.at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::samples::{START, order};
    use orderd_sdk::{
        client::{self, CoordinatorOptions},
        wire::OrderDto,
    };

    /// A feed beside a cache that the test fills.
    struct Desk {
        feed: Feed,
        cache: Cache,
        filled: client::Feed,
    }

    impl Desk {
        /// Orders that change one after the other after the console began.
        fn new(orders: impl IntoIterator<Item = OrderDto>) -> Self {
            let (filled, cache) = client::Feed::new(&CoordinatorOptions::default());
            let mut desk = Self { feed: Feed::default(), cache, filled };
            desk.feed.take(&Changed::All, &desk.cache, START);
            orders.into_iter().for_each(|order| desk.change(order));
            desk
        }

        fn change(&mut self, order: OrderDto) {
            let id = order.id.as_str().into();
            self.filled.put(order);
            self.tell(&Changed::Ids(vec![id]));
        }

        fn tell(&mut self, changed: &Changed) {
            self.filled.flush();
            self.feed.take(changed, &self.cache, START.plus_millis(9_000));
        }

        fn told(&self) -> Vec<(Before, OrderStatus, Option<u64>, Option<u64>)> {
            let changes = self.feed.newest();
            changes.map(|to| (to.before, to.order.status, to.events, to.took_ms)).collect()
        }
    }

    /// Order `number`, so many seconds after the console began.
    fn at(number: u64, seq: u64, status: OrderStatus, seconds: u64) -> OrderDto {
        let updated_at = START.plus_millis(seconds * 1_000);
        OrderDto { seq, status, created_at: START, updated_at, ..order(number) }
    }

    #[test]
    fn a_change_is_told_with_where_it_came_from_and_the_steps_that_were_passed_over() {
        let desk = Desk::new([
            at(1, 1, OrderStatus::Pending, 1),
            at(1, 5, OrderStatus::Submitted, 3),
            at(1, 6, OrderStatus::Confirmed, 4),
        ]);
        let submitted = Before::Was(OrderStatus::Submitted);
        let pending = Before::Was(OrderStatus::Pending);
        assert_eq!(
            desk.told(),
            [
                (submitted, OrderStatus::Confirmed, Some(1), Some(1_000)),
                (pending, OrderStatus::Submitted, Some(4), Some(2_000)),
                (Before::New, OrderStatus::Pending, Some(1), None),
            ]
        );
    }

    #[test]
    fn what_was_there_before_is_no_news_and_what_is_told_twice_is_told_once() {
        let old = OrderDto { updated_at: Timestamp(START.0 - 1), ..at(1, 4, OrderStatus::Building, 0) };
        let mut desk = Desk::new([old, at(2, 2, OrderStatus::Routing, 1)]);
        desk.tell(&Changed::All);
        assert_eq!((desk.told().len(), desk.feed.total()), (1, 1));
    }

    #[test]
    fn an_order_of_before_that_changes_unseen_is_not_said_to_be_new() {
        let old = OrderDto { created_at: Timestamp(START.0 - 9), ..at(1, 8, OrderStatus::Confirmed, 1) };
        assert_eq!(Desk::new([old]).told(), [(Before::Unseen, OrderStatus::Confirmed, None, None)]);
    }

    #[test]
    fn an_attempt_after_another_is_a_change_though_the_state_is_the_same_but_a_word_is_none() {
        let again = OrderDto { attempts: 1, ..at(1, 9, OrderStatus::RetryPending, 2) };
        let word = OrderDto { seq: 10, ..again.clone() };
        let desk = Desk::new([at(1, 3, OrderStatus::RetryPending, 1), again, word]);
        assert_eq!(desk.feed.total(), 2);
        assert_eq!(desk.feed.tenths_per_second(START.plus_millis(10_000)), 10, "but it is an event");
        assert_eq!(desk.feed.tenths_per_second(START.plus_millis(20_000)), 0, "that was long ago");
    }

    #[test]
    fn after_everything_was_read_anew_what_has_changed_is_told_and_what_is_gone_is_forgotten() {
        let unknown = |number, seq, seconds| at(number, seq, OrderStatus::Unknown, seconds);
        let mut desk = Desk::new([unknown(1, 4, 1), unknown(2, 4, 2), at(3, 9, OrderStatus::Failed, 2)]);
        assert_eq!((desk.feed.seen().unknown().len(), desk.feed.seen().failed()), (2, 1));
        for number in [1, 3] {
            desk.filled.remove(&order(number).id);
        }
        desk.filled.put(unknown(2, 5, 7));
        desk.filled.put(at(4, 2, OrderStatus::Routing, 8));
        desk.tell(&Changed::All);
        assert_eq!(desk.told()[0].1, OrderStatus::Routing);
        assert_eq!(desk.feed.seen().failed(), 0);
        let since = desk.feed.seen().unknown();
        assert_eq!(since.len(), 1);
        assert_eq!(since[0].1, START.plus_millis(2_000), "it was unknown before already");
        desk.change(at(2, 6, OrderStatus::Confirmed, 9));
        assert!(desk.feed.seen().unknown().is_empty());
    }

    #[test]
    fn an_order_that_the_cache_lets_go_of_is_forgotten() {
        let mut desk = Desk::new([at(1, 9, OrderStatus::Failed, 2)]);
        let id = order(1).id;
        desk.filled.remove(&id);
        desk.tell(&Changed::Ids(vec![id.into()]));
        assert_eq!((desk.feed.seen().failed(), desk.feed.total()), (0, 1));
    }

    #[test]
    fn only_so_many_changes_are_kept() {
        let most = MOST as u64 + 5;
        let desk = Desk::new((0..most).map(|number| at(number, 1, OrderStatus::Pending, 1)));
        assert_eq!((desk.feed.newest().count(), desk.feed.total()), (MOST, most));
        assert_eq!(desk.feed.newest().next().map(|newest| newest.number), Some(most));
    }
}
