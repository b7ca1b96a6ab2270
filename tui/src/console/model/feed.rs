//! The live lifecycle: which orders have gone from which state to which, newest first.
//!
//! It is made of what changes in the cache, which tells how an order stands now and not what happened in between. So a
//! change of several steps is told as one, with their number, and nothing is made up.

use super::seen::{Glimpse, Seen};
use crate::console::msg::OrderNews;
use orderd_sdk::{
    client::Held,
    timestamp::Timestamp,
    wire::{OrderDto, OrderStatus},
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
    pub order: Arc<OrderDto>,
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
    /// Takes in what has changed.
    pub fn take(&mut self, news: &OrderNews, now: Timestamp) {
        self.began.get_or_insert(now);
        let mut found = Vec::new();
        match news {
            OrderNews::Some(orders) => {
                for (id, held) in orders {
                    match held {
                        Some(held) => found.extend(self.look(id, held, now)),
                        None => self.seen.forget(id),
                    }
                }
            }
            OrderNews::All(orders) => {
                self.seen.keep(&orders.iter().map(|held| held.id.as_str()).collect());
                for held in orders {
                    found.extend(self.look(&Arc::from(held.id.as_str()), held, now));
                }
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

    fn look(&mut self, id: &Arc<str>, held: &Held, now: Timestamp) -> Option<Transition> {
        let before = self.seen.put(Arc::clone(id), Glimpse::of(held));
        let began = self.began.unwrap_or(now);
        let transition = match before {
            None if held.updated_at < began => return None,
            None => appeared(held, began),
            Some(before) if held.seq <= u64::from(before.seq) => return None,
            Some(before) => changed(held, before),
        };
        *self.events.entry(now.unix_seconds()).or_default() += transition.events.unwrap_or(1);
        let is_shown = transition.before != Before::Was(held.status)
            || before.is_some_and(|before| u32::from(before.attempts) != held.attempts);
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
fn appeared(held: &Held, began: Timestamp) -> Transition {
    let is_new = held.created_at >= began;
    Transition {
        number: 0,
        order: Arc::clone(&held.order),
        before: if is_new { Before::New } else { Before::Unseen },
        events: is_new.then_some(held.seq),
        took_ms: (is_new && held.seq > 1).then(|| held.updated_at.millis_since(held.created_at)),
    }
}

fn changed(held: &Held, before: Glimpse) -> Transition {
    Transition {
        number: 0,
        order: Arc::clone(&held.order),
        before: Before::Was(before.status),
        events: Some(held.seq - u64::from(before.seq)),
        took_ms: Some(held.updated_at.millis_since(before.at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::samples::{START, held, order};

    /// Order `number`, so many seconds after the console began.
    fn at(number: u64, seq: u64, status: OrderStatus, seconds: u64) -> OrderDto {
        let updated_at = START.plus_millis(seconds * 1_000);
        OrderDto { seq, status, created_at: START, updated_at, ..order(number) }
    }

    fn one(order: OrderDto) -> OrderNews {
        OrderNews::Some(vec![(order.id.as_str().into(), Some(held(order)))])
    }

    fn feed(news: impl IntoIterator<Item = OrderNews>) -> Feed {
        let mut feed = Feed::default();
        feed.take(&OrderNews::All(Vec::new()), START);
        news.into_iter().for_each(|news| feed.take(&news, START.plus_millis(9_000)));
        feed
    }

    fn told(feed: &Feed) -> Vec<(Before, OrderStatus, Option<u64>, Option<u64>)> {
        let changes = feed.newest();
        changes.map(|to| (to.before, to.order.status, to.events, to.took_ms)).collect()
    }

    #[test]
    fn a_change_is_told_with_where_it_came_from_and_the_steps_that_were_passed_over() {
        let feed = feed([
            one(at(1, 1, OrderStatus::Pending, 1)),
            one(at(1, 5, OrderStatus::Submitted, 3)),
            one(at(1, 6, OrderStatus::Confirmed, 4)),
        ]);
        let submitted = Before::Was(OrderStatus::Submitted);
        let pending = Before::Was(OrderStatus::Pending);
        assert_eq!(
            told(&feed),
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
        let routed = at(2, 2, OrderStatus::Routing, 1);
        let feed = feed([one(old), one(routed.clone()), one(routed)]);
        assert_eq!(told(&feed).len(), 1);
        assert_eq!(feed.total(), 1);
    }

    #[test]
    fn an_order_of_before_that_changes_unseen_is_not_said_to_be_new() {
        let old = OrderDto { created_at: Timestamp(START.0 - 9), ..at(1, 8, OrderStatus::Confirmed, 1) };
        assert_eq!(told(&feed([one(old)])), [(Before::Unseen, OrderStatus::Confirmed, None, None)]);
    }

    #[test]
    fn an_attempt_after_another_is_a_change_though_the_state_is_the_same_but_a_word_is_none() {
        let again = OrderDto { attempts: 1, ..at(1, 9, OrderStatus::RetryPending, 2) };
        let feed = feed([
            one(at(1, 3, OrderStatus::RetryPending, 1)),
            one(again),
            one(OrderDto { attempts: 1, ..at(1, 10, OrderStatus::RetryPending, 2) }),
        ]);
        assert_eq!(feed.total(), 2);
        assert_eq!(feed.tenths_per_second(START.plus_millis(10_000)), 10, "but it is an event");
        assert_eq!(feed.tenths_per_second(START.plus_millis(20_000)), 0, "that was long ago");
    }

    #[test]
    fn after_everything_was_read_anew_what_has_changed_is_told_and_what_is_gone_is_forgotten() {
        let unknown = |number, seq, seconds| at(number, seq, OrderStatus::Unknown, seconds);
        let mut feed =
            feed([one(unknown(1, 4, 1)), one(unknown(2, 4, 2)), one(at(3, 9, OrderStatus::Failed, 2))]);
        assert_eq!((feed.seen().unknown().len(), feed.seen().failed()), (2, 1));
        let all = vec![held(unknown(2, 5, 7)), held(at(4, 2, OrderStatus::Routing, 8))];
        feed.take(&OrderNews::All(all), START.plus_millis(9_000));
        assert_eq!(told(&feed)[0].1, OrderStatus::Routing);
        assert_eq!(feed.seen().failed(), 0);
        let since = feed.seen().unknown();
        assert_eq!(since.len(), 1);
        assert_eq!(since[0].1, START.plus_millis(2_000), "it was unknown before already");
        feed.take(&one(at(2, 6, OrderStatus::Confirmed, 9)), START.plus_millis(9_000));
        assert!(feed.seen().unknown().is_empty());
    }

    #[test]
    fn only_so_many_changes_are_kept() {
        let feed = feed((0..MOST as u64 + 5).map(|number| one(at(number, 1, OrderStatus::Pending, 1))));
        assert_eq!((feed.newest().count(), feed.total()), (MOST, MOST as u64 + 5));
        assert_eq!(feed.newest().next().map(|newest| newest.number), Some(feed.total()));
    }
}
