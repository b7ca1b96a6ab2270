//! The feeds of all filters that somebody reads, and which of them an event belongs to.

use super::{Bell, Budget, Filter, Published, Seat, feed::Feed};
use crate::order::OrderId;
use std::{collections::HashMap, sync::Arc};

/// One feed per filter, however many read it.
#[derive(Debug)]
pub(super) struct Feeds {
    budget: Budget,
    feeds: HashMap<Arc<Filter>, Arc<Feed>>,
    /// The feeds whose filters name orders, by order: an event looks at those of its own order only.
    by_order: HashMap<OrderId, Vec<Arc<Feed>>>,
    /// The others: every event looks at each of them.
    broad: Vec<Arc<Feed>>,
    /// The cursor of the last event that all of them have.
    told: u64,
}

impl Feeds {
    /// No feed.
    pub(super) fn new(budget: Budget) -> Self {
        Self { budget, feeds: HashMap::new(), by_order: HashMap::new(), broad: Vec::new(), told: 0 }
    }

    /// Whether nobody reads a filter.
    pub(super) fn is_empty(&self) -> bool {
        self.feeds.is_empty()
    }

    /// The log has come so far, and no feed has anything of it.
    pub(super) fn begin(&mut self, told: u64) {
        self.told = told;
    }

    /// A seat in the feed of this filter, and the cursor after which it reads.
    pub(super) fn join(&mut self, filter: Filter, bell: Arc<Bell>, bit: u64) -> (Arc<Seat>, u64) {
        let feed = match self.feeds.get(&filter) {
            Some(feed) => feed.clone(),
            None => self.open(filter),
        };
        (feed.join(bell, bit), self.told)
    }

    fn open(&mut self, filter: Filter) -> Arc<Feed> {
        let filter = Arc::new(filter);
        let feed = Arc::new(Feed::new(filter.clone(), self.budget));
        match filter.ids().is_empty() {
            true => self.broad.push(feed.clone()),
            false => {
                for id in filter.ids() {
                    self.by_order.entry(*id).or_default().push(feed.clone());
                }
            }
        }
        self.feeds.insert(filter, feed.clone());
        feed
    }

    /// Gives a seat up. The last one of a feed takes it along.
    pub(super) fn leave(&mut self, seat: &Seat) {
        let feed = seat.feed();
        if !feed.leave(seat) {
            return;
        }
        let is_other = |other: &Arc<Feed>| !Arc::ptr_eq(other, feed);
        self.feeds.remove(&feed.filter);
        self.broad.retain(is_other);
        for id in feed.filter.ids() {
            if let Some(feeds) = self.by_order.get_mut(id) {
                feeds.retain(is_other);
                if feeds.is_empty() {
                    self.by_order.remove(id);
                }
            }
        }
    }

    /// Puts an event into the feeds that it belongs to, and notes which have news.
    pub(super) fn tell(&mut self, event: &Arc<Published>, with_news: &mut Vec<Arc<Feed>>) {
        let named = self.by_order.get(&event.order().id).into_iter().flatten();
        for feed in named.chain(&self.broad).filter(|feed| feed.filter.admits_event(event)) {
            if feed.push(event) {
                with_news.push(feed.clone());
            }
        }
        self.told = event.cursor();
    }

    /// Events up to this cursor are missing from every feed.
    pub(super) fn break_off(&mut self, told: u64) {
        for feed in self.feeds.values() {
            feed.break_off();
            feed.ring();
        }
        self.told = told;
    }

    /// The cursor of the last event that all of them have.
    pub(super) fn told(&self) -> u64 {
        self.told
    }
}
