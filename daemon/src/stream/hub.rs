//! Where durable events meet their readers.

use super::{
    Bell, Budget, Filter, Frame, Published, Reader, Seat, Subscription, feeds::Feeds, recent::Recent,
    topic::Topic,
};
use crate::order::{Order, OrderId};
use orderd_sdk::wire::Delivery;
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Events that are brought to their readers before the lock is let go.
const BATCH: usize = 256;

/// Carries every durable event to those who follow its order, or a filter that its order matches.
///
/// Publishing puts the event into memory and rings; [`run`](Self::run) does the rest, in a task of its own.
#[derive(Debug)]
pub struct Hub {
    recent: Mutex<Recent>,
    followed: Mutex<HashMap<OrderId, Followed>>,
    feeds: Mutex<Feeds>,
    /// The same as the feeds know, for those who only look.
    told: AtomicU64,
    /// Rung when there are events to be told.
    news: Bell,
    readers: AtomicU64,
}

#[derive(Debug)]
struct Followed {
    topic: Arc<Topic>,
    readers: u64,
}

/// How many listen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Orders that somebody follows.
    pub orders: u64,
    /// All who follow one.
    pub readers: u64,
}

impl Hub {
    /// A hub for what happens from now on. A reader of a filter may be so far behind as the budget says. So many of all
    /// events are `kept` in memory: for those who come back, and until the hub has brought them to their readers.
    #[must_use]
    pub fn new(budget: Budget, kept: usize) -> Arc<Self> {
        Arc::new(Self {
            recent: Mutex::new(Recent::after(0, kept)),
            followed: Mutex::default(),
            feeds: Mutex::new(Feeds::new(budget)),
            told: AtomicU64::new(0),
            news: Bell::default(),
            readers: AtomicU64::new(0),
        })
    }

    /// Takes note, before anything is published, of how far the log has come, and of its newest events, oldest first.
    pub fn begin(&self, cursor: u64, newest: Vec<Published>) {
        let mut recent = lock(&self.recent);
        recent.begin(newest.first().map_or(cursor, |oldest| oldest.cursor() - 1));
        newest.iter().for_each(|event| recent.push(event.order(), (event.seq(), event.seq())));
        lock(&self.feeds).begin(cursor);
        self.told.store(cursor, Ordering::Release);
    }

    /// Takes an order's events from index `first_new` on, which have just become durable, in the order of the log.
    ///
    /// Called by one thread of the store's at a time: it encodes nothing, does no I/O, wakes nobody but the hub and the few who follow the
    /// order, and waits at most for another thread's look-up. The store must show the order to
    /// [`Desk::load`](crate::engine::Desk::load) before it calls this: a reader that subscribes in between finds the events
    /// there.
    pub fn publish(&self, order: &Arc<Order>, first_new: usize) {
        let topic = lock(&self.followed).get(&order.id).map(|entry| Arc::clone(&entry.topic));
        if let Some(topic) = &topic {
            topic.offer(order);
        }
        let mut recent = lock(&self.recent);
        let before = recent.last();
        recent.push(order, (first_new as u64 + 1, order.seq()));
        let last = recent.last();
        drop(recent);
        let were_rung = topic.is_none_or(|topic| topic.ring_few(order.seq()));
        if !were_rung || !self.is_told(before, last) {
            self.news.ring(1);
        }
    }

    /// Whether there is nothing left for the hub to do about the events between these cursors, whose followers were rung:
    /// nobody reads a filter, and all before them is told.
    fn is_told(&self, before: u64, last: u64) -> bool {
        let Ok(mut feeds) = self.feeds.try_lock() else {
            return false;
        };
        let is_told = feeds.is_empty() && feeds.told() == before && self.told() == before;
        if is_told {
            feeds.begin(last);
            self.told.store(last, Ordering::Release);
        }
        is_told
    }

    /// Brings events to their readers, until the daemon has ended.
    pub async fn run(self: Arc<Self>) {
        loop {
            self.news.rung().await;
            while self.tell_some() {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Brings the next events to their readers; tells whether there were any.
    fn tell_some(&self) -> bool {
        let mut feeds = lock(&self.feeds);
        let events = {
            let recent = lock(&self.recent);
            match recent.since(feeds.told(), BATCH) {
                Some(events) => events,
                None => {
                    let last = recent.last();
                    drop(recent);
                    return self.recover(&mut feeds, last);
                }
            }
        };
        let mut with_news = Vec::new();
        for event in &events {
            feeds.tell(event, &mut with_news);
        }
        let told = feeds.told();
        drop(feeds);
        with_news.iter().for_each(|feed| feed.ring());
        self.ring_followers(&events);
        // Last: whoever sees this, and was not rung for, has nothing more to read.
        self.told.store(told, Ordering::Release);
        !events.is_empty()
    }

    fn ring_followers(&self, events: &[Arc<Published>]) {
        let mut last = None;
        for order in events.iter().map(|event| event.order()) {
            let (id, seq) = (order.id, order.seq());
            if last.replace((id, seq)) == Some((id, seq)) {
                continue;
            }
            let topic = lock(&self.followed).get(&id).map(|entry| Arc::clone(&entry.topic));
            if let Some(topic) = topic {
                topic.ring_rest(seq);
            }
        }
    }

    /// More was published than is kept before this task came to tell it. Whoever reads a filter is told that it has to look
    /// for it elsewhere; who follows an order finds everything in the order itself.
    fn recover(&self, feeds: &mut Feeds, last: u64) -> bool {
        feeds.break_off(last);
        lock(&self.followed).values().for_each(|entry| entry.topic.ring());
        self.told.store(last, Ordering::Release);
        true
    }

    /// Follows an order from its event `from_seq` on. News are told by the bell, with this bit.
    ///
    /// Whoever follows has to load the order *afterwards* and [offer](Subscription::offer) it: what happened
    /// before is in there, what happens later is published, and nothing can fall in between.
    #[must_use]
    pub fn follow(self: &Arc<Self>, id: OrderId, from_seq: u64, bell: Arc<Bell>, bit: u64) -> Subscription {
        let topic = {
            let mut followed = lock(&self.followed);
            let entry = followed.entry(id).or_insert_with(|| Followed { topic: Arc::default(), readers: 0 });
            entry.readers += 1;
            Arc::clone(&entry.topic)
        };
        let reader = self.readers.fetch_add(1, Ordering::Relaxed);
        topic.enter(reader, bell.clone(), bit);
        Subscription::new(Arc::clone(self), id, topic, (reader, bell), from_seq.max(1))
    }

    /// Reads the events of a filter, and tells the cursor after which they come. News are told by the bell, with this bit.
    #[must_use]
    pub fn read(
        self: &Arc<Self>,
        filter: Filter,
        delivery: Delivery,
        bell: Arc<Bell>,
        bit: u64,
    ) -> (Reader, u64) {
        let (seat, after) = lock(&self.feeds).join(filter, bell, bit);
        (Reader::new(self.clone(), seat, delivery), after)
    }

    /// Events of all orders after this cursor, at most so many, from memory; none when that does not reach back so far.
    #[must_use]
    pub fn recent(&self, cursor: u64, limit: usize) -> Option<Vec<Arc<Published>>> {
        lock(&self.recent).since(cursor, limit)
    }

    /// Every event up to this cursor was brought to its readers, and they were rung for.
    #[must_use]
    pub fn told(&self) -> u64 {
        self.told.load(Ordering::Acquire)
    }

    /// How many listen.
    #[must_use]
    pub fn load(&self) -> Load {
        let followed = lock(&self.followed);
        Load { orders: followed.len() as u64, readers: followed.values().map(|entry| entry.readers).sum() }
    }

    /// The frame of the event at this cursor: the one that all its readers share when the event is remembered, which is made
    /// like this when nobody has made it yet. While nobody reads a filter, there is nobody to share it with.
    pub(super) fn share(&self, cursor: u64, make: &dyn Fn() -> Frame) -> Frame {
        if lock(&self.feeds).is_empty() {
            return make();
        }
        let event = lock(&self.recent).at(cursor).cloned();
        event.map_or_else(make, |event| event.frame_or(make).clone())
    }

    /// A reader leaves out what it has not read; returns the cursor after which it goes on.
    pub(super) fn skip(&self, seat: &Seat) -> u64 {
        let feeds = lock(&self.feeds);
        seat.skip();
        feeds.told()
    }

    pub(super) fn quit(&self, seat: &Seat) {
        lock(&self.feeds).leave(seat);
    }

    /// A reader of this order has gone; the last one takes the topic along.
    pub(super) fn leave(&self, id: OrderId) {
        if let Entry::Occupied(mut entry) = lock(&self.followed).entry(id) {
            entry.get_mut().readers -= 1;
            if entry.get().readers == 0 {
                entry.remove();
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
