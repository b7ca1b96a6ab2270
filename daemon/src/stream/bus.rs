//! Where durable orders meet their readers.

use super::{Subscription, topic::Topic};
use crate::order::{Order, OrderId};
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Carries every durable event to those who follow its order. Orders that nobody follows cost one look-up.
#[derive(Debug, Default)]
pub struct Bus {
    followed: Mutex<HashMap<OrderId, Followed>>,
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

impl Bus {
    /// Tells the readers of an order that its events up to the last one are durable.
    ///
    /// Called by the store's writer: it encodes nothing, does no I/O, and waits at most for another thread's
    /// look-up. The store must show the order to [`Desk::load`](crate::engine::Desk::load) before it calls this:
    /// a reader that subscribes in between finds the events there.
    pub fn publish(&self, order: &Arc<Order>) {
        let topic = self.followed().get(&order.id).map(|entry| Arc::clone(&entry.topic));
        if let Some(topic) = topic {
            topic.offer(order);
        }
    }

    /// Follows an order from its event `from_seq` on.
    ///
    /// Whoever follows has to load the order *afterwards* and [offer](Subscription::offer) it: what happened
    /// before is in there, what happens later is published, and nothing can fall in between.
    #[must_use]
    pub fn follow(self: &Arc<Self>, id: OrderId, from_seq: u64) -> Subscription {
        let topic = {
            let mut followed = self.followed();
            let entry =
                followed.entry(id).or_insert_with(|| Followed { topic: Arc::new(Topic::new()), readers: 0 });
            entry.readers += 1;
            Arc::clone(&entry.topic)
        };
        Subscription::new(Arc::clone(self), id, topic, from_seq.max(1))
    }

    /// How many listen.
    #[must_use]
    pub fn load(&self) -> Load {
        let followed = self.followed();
        Load { orders: followed.len() as u64, readers: followed.values().map(|entry| entry.readers).sum() }
    }

    /// A reader of this order has gone; the last one takes the topic along.
    pub(super) fn leave(&self, id: OrderId) {
        if let Entry::Occupied(mut entry) = self.followed().entry(id) {
            entry.get_mut().readers -= 1;
            if entry.get().readers == 0 {
                entry.remove();
            }
        }
    }

    fn followed(&self) -> MutexGuard<'_, HashMap<OrderId, Followed>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{
        Fact,
        samples::{self, NOW},
    };
    use orderd_sdk::wire::{OrderMessage, OrderStatus};
    use std::sync::RwLock;

    fn order() -> Order {
        let order = samples::accepted(samples::intent());
        order.events[0].cursor.set(1);
        order
    }

    /// One event more; rounds of quotes may follow each other without end.
    fn grown(order: &Order) -> Order {
        let mut order = order.clone();
        let fact = match order.seq() {
            1 => Fact::QuotesRequested { venues: 2 },
            _ => Fact::QuotesReceived { quotes: Vec::new().into() },
        };
        order.apply(fact, NOW).unwrap();
        order.events[order.events.len() - 1].cursor.set(order.seq());
        order
    }

    fn drain(subscription: &mut Subscription) -> Vec<u64> {
        std::iter::from_fn(|| subscription.next_frame()).map(|frame| frame.seq).collect()
    }

    #[test]
    fn a_frame_is_the_message_of_its_event_and_all_readers_share_it() {
        let bus = Arc::new(Bus::default());
        let order = Arc::new(grown(&order()));
        let (mut one, mut other) = (bus.follow(order.id, 1), bus.follow(order.id, 2));
        bus.publish(&order);
        one.next_frame().unwrap();
        let (frame, same) = (one.next_frame().unwrap(), other.next_frame().unwrap());
        assert_eq!(frame, same);
        assert_eq!(frame.json.as_ptr(), same.json.as_ptr(), "encoded once");
        let message: OrderMessage = serde_json::from_str(&frame.json).unwrap();
        assert_eq!((message.seq, message.cursor, message.kind), (2, 2, OrderStatus::Routing));
        assert_eq!((message.order.seq, message.order.status), (2, OrderStatus::Routing));
        assert!(one.next_frame().is_none());
    }

    #[test]
    fn an_older_state_changes_nothing() {
        let bus = Arc::new(Bus::default());
        let old = Arc::new(order());
        let new = Arc::new(grown(&old));
        let mut subscription = bus.follow(old.id, 1);
        bus.publish(&new);
        subscription.offer(&old);
        assert_eq!(drain(&mut subscription), [1, 2]);
    }

    #[test]
    fn the_last_reader_takes_the_topic_along() {
        let bus = Arc::new(Bus::default());
        let order = order();
        let readers = [bus.follow(order.id, 1), bus.follow(order.id, 1)];
        assert_eq!(bus.load(), Load { orders: 1, readers: 2 });
        drop(readers);
        assert_eq!(bus.load(), Load::default());
        bus.publish(&Arc::new(order));
    }

    /// A publisher runs ahead while a reader subscribes, loads and reads, as the store and the API do it.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_reader_that_comes_at_any_time_reads_every_event_once() {
        const ROUNDS: u64 = 1000;
        const EVENTS: u64 = 24;
        for round in 0..ROUNDS {
            let bus = Arc::new(Bus::default());
            let stored = Arc::new(RwLock::new(Arc::new(order())));
            let id = stored.read().unwrap().id;
            let publisher = {
                let (bus, stored) = (Arc::clone(&bus), Arc::clone(&stored));
                tokio::task::spawn_blocking(move || {
                    for _ in 1..EVENTS {
                        let next = Arc::new(grown(&stored.read().unwrap().clone()));
                        *stored.write().unwrap() = Arc::clone(&next);
                        bus.publish(&next);
                    }
                })
            };
            let from = round % 3 + 1;
            let mut subscription = bus.follow(id, from);
            let loaded = Arc::clone(&stored.read().unwrap());
            subscription.offer(&loaded);
            let mut read = Vec::new();
            while read.last() != Some(&EVENTS) {
                match subscription.next_frame() {
                    Some(frame) => read.push(frame.seq),
                    None => subscription.changed().await,
                }
            }
            assert_eq!(read, (from..=EVENTS).collect::<Vec<_>>());
            publisher.await.unwrap();
        }
    }
}
