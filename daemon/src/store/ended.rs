//! Orders that are over and were asked for, kept in memory within a bound, so that asking again need not read.
//!
//! Who fills it has to know that what it read is durable and the newest; the board does.

use crate::order::{Order, OrderId};
use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// What an order takes in memory for each byte of its record, about.
const GROWTH: usize = 4;
/// What it takes besides.
const OVERHEAD: usize = 512;

/// Orders that are over, each as of its last event.
#[derive(Debug, Default)]
pub(super) struct Ended {
    orders: HashMap<OrderId, Kept>,
    /// In the order in which they are given up, unless they were asked for meanwhile.
    queue: VecDeque<OrderId>,
    bytes: usize,
    most: usize,
}

#[derive(Debug)]
struct Kept {
    order: Arc<Order>,
    bytes: usize,
    /// Whether it was asked for since it was put into the queue.
    asked: AtomicBool,
}

impl Ended {
    /// None yet, and never more than take so many bytes, about.
    pub(super) fn within(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// The order, if it is kept.
    pub(super) fn get(&self, id: OrderId) -> Option<&Arc<Order>> {
        let kept = self.orders.get(&id)?;
        kept.asked.store(true, Ordering::Relaxed);
        Some(&kept.order)
    }

    /// Keeps an order, in place of others where there is no room. Its record is so large.
    pub(super) fn put(&mut self, order: Arc<Order>, record: usize) {
        let (id, bytes) = (order.id, record * GROWTH + OVERHEAD);
        self.forget(id);
        if bytes > self.most {
            return;
        }
        while self.bytes + bytes > self.most {
            self.give_one_up();
        }
        self.bytes += bytes;
        self.queue.push_back(id);
        self.orders.insert(id, Kept { order, bytes, asked: AtomicBool::new(false) });
    }

    /// Keeps this order no longer.
    pub(super) fn forget(&mut self, id: OrderId) {
        if let Some(kept) = self.orders.remove(&id) {
            self.bytes -= kept.bytes;
            self.queue.retain(|queued| *queued != id);
        }
    }

    /// Gives the next one up that was not asked for lately; each that was gets another turn, once.
    fn give_one_up(&mut self) {
        while let Some(id) = self.queue.pop_front() {
            let was_asked = self.orders.get_mut(&id).is_some_and(|kept| std::mem::take(kept.asked.get_mut()));
            if was_asked {
                self.queue.push_back(id);
            } else if let Some(kept) = self.orders.remove(&id) {
                self.bytes -= kept.bytes;
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::{accepted, id};

    const RECORD: usize = 100;
    const EACH: usize = RECORD * GROWTH + OVERHEAD;

    fn put(ended: &mut Ended, numbers: impl IntoIterator<Item = u64>) {
        for number in numbers {
            ended.put(Arc::new(accepted(number)), RECORD);
        }
    }

    fn kept(ended: &Ended) -> Vec<u64> {
        (0..20).filter(|number| ended.orders.contains_key(&id(*number))).collect()
    }

    #[test]
    fn those_that_nobody_asks_for_make_room() {
        let mut ended = Ended::within(3 * EACH);
        put(&mut ended, 1..=3);
        assert!(ended.get(id(1)).is_some());
        put(&mut ended, 4..=5);
        assert_eq!(kept(&ended), [1, 4, 5]);
        put(&mut ended, 6..=7);
        assert_eq!(kept(&ended), [5, 6, 7], "being asked for once does not last for ever");
        (5..=7).for_each(|number| assert!(ended.get(id(number)).is_some()));
        put(&mut ended, [8]);
        assert_eq!(kept(&ended), [6, 7, 8], "room is found although all were asked for");
    }

    #[test]
    fn it_stays_within_its_bytes() {
        let mut ended = Ended::within(3 * EACH);
        ended.put(Arc::new(accepted(1)), 3 * RECORD);
        put(&mut ended, (1..=9).chain(1..=9));
        assert_eq!((ended.bytes, ended.orders.len(), ended.queue.len()), (3 * EACH, 3, 3));
        ended.put(Arc::new(accepted(10)), 100 * RECORD);
        assert_eq!(kept(&ended), [7, 8, 9], "what has no room drives nobody out");
        (0..20).for_each(|number| ended.forget(id(number)));
        assert_eq!((ended.bytes, ended.orders.len(), ended.queue.len()), (0, 0, 0));
    }

    #[test]
    fn the_last_that_was_put_is_what_is_got() {
        let mut ended = Ended::within(3 * EACH);
        let (old, new) = (Arc::new(accepted(1)), Arc::new(accepted(1)));
        ended.put(old, RECORD);
        ended.put(new.clone(), RECORD);
        assert!(Arc::ptr_eq(ended.get(id(1)).unwrap(), &new));
        ended.forget(id(1));
        assert!(ended.get(id(1)).is_none());
    }
}
