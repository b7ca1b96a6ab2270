//! What was asked for of orders that are over, kept in memory within a bound, so that asking again need not read: an
//! order, or how it is shown.
//!
//! Who fills it has to know that what it read is durable and the newest; the board does.

use super::port::{Seen, Show};
use crate::order::{Order, OrderId};
use rustc_hash::FxHashMap;
use std::{
    collections::VecDeque,
    mem,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// What an order takes in memory for each byte of its record, about.
const GROWTH: usize = 4;
/// What either takes besides its own bytes: its places in the map and in the queue, and what allocators round up.
const OVERHEAD: usize = 384;
/// So many that were asked for get another turn before one is given up, asked for or not: whoever waits for the board
/// waits for that.
const TURNS: usize = 64;
/// Of what was forgotten there may be so many places in the queue, and as many as of what is kept.
const SPARE: usize = 64;

/// What one can ask for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ask {
    /// The order.
    Order,
    /// How it is shown.
    Shown(Show),
}

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Form {
    Order,
    Shown,
}

impl Ask {
    pub(super) fn form(self) -> Form {
        match self {
            Self::Order => Form::Order,
            Self::Shown(_) => Form::Shown,
        }
    }

    /// What is asked for of this order.
    pub(super) fn of(self, order: Arc<Order>) -> Seen {
        match self {
            Self::Order => Seen::Order(order),
            Self::Shown(show) => Seen::Shown(show(&order)),
        }
    }
}

/// Orders that are over, each as of its last event.
#[derive(Debug, Default)]
pub(super) struct Ended {
    kept: FxHashMap<Key, Kept>,
    /// In the order in which they are given up, unless they were asked for meanwhile. A turn that is not the last one of
    /// its key is over.
    queue: VecDeque<(Key, u64)>,
    last_turn: u64,
    bytes: usize,
    most: usize,
}

type Key = (OrderId, Form);

#[derive(Debug)]
struct Kept {
    seen: Seen,
    bytes: usize,
    turn: u64,
    /// Whether it was asked for since it was put into the queue.
    asked: AtomicBool,
}

impl Ended {
    /// None yet, and never more than take so many bytes, about.
    pub(super) fn within(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// What was asked for of this order, if it is kept.
    pub(super) fn get(&self, id: OrderId, form: Form) -> Option<&Seen> {
        let kept = self.kept.get(&(id, form))?;
        kept.asked.store(true, Ordering::Relaxed);
        Some(&kept.seen)
    }

    /// Keeps what was read of an order, in place of others where there is no room. Its record is so large.
    pub(super) fn put(&mut self, id: OrderId, seen: Seen, record: usize) {
        let (form, own) = match &seen {
            Seen::Order(_) => (Form::Order, record * GROWTH),
            Seen::Shown(shown) => (Form::Shown, shown.len()),
        };
        let (key, bytes) = ((id, form), own + OVERHEAD);
        self.remove(key);
        if bytes > self.most {
            return;
        }
        while self.bytes + bytes > self.most {
            self.give_one_up();
        }
        self.bytes += bytes;
        let turn = self.enqueue(key);
        self.kept.insert(key, Kept { seen, bytes, turn, asked: AtomicBool::new(false) });
    }

    /// Keeps nothing of this order any longer.
    pub(super) fn forget(&mut self, id: OrderId) {
        self.remove((id, Form::Order));
        self.remove((id, Form::Shown));
    }

    fn remove(&mut self, key: Key) {
        if let Some(kept) = self.kept.remove(&key) {
            self.bytes -= kept.bytes;
        }
    }

    /// The turn that the key has at the end of the queue.
    fn enqueue(&mut self, key: Key) -> u64 {
        if self.queue.len() > 2 * self.kept.len() + SPARE {
            let kept = &self.kept;
            self.queue.retain(|(key, turn)| kept.get(key).is_some_and(|kept| kept.turn == *turn));
        }
        self.last_turn += 1;
        self.queue.push_back((key, self.last_turn));
        self.last_turn
    }

    /// Gives the next one up that was not asked for lately; a few that were get another turn, once.
    fn give_one_up(&mut self) {
        let mut turns = 0;
        while let Some((key, turn)) = self.queue.pop_front() {
            let Some(kept) = self.kept.get_mut(&key).filter(|kept| kept.turn == turn) else {
                continue;
            };
            if turns == TURNS || !mem::take(kept.asked.get_mut()) {
                return self.remove(key);
            }
            self.queue.push_back((key, turn));
            turns += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::{accepted, id};
    use bytes::Bytes;

    const RECORD: usize = 100;
    const EACH: usize = RECORD * GROWTH + OVERHEAD;

    fn put(ended: &mut Ended, numbers: impl IntoIterator<Item = u64>) {
        for number in numbers {
            ended.put(id(number), Seen::Order(Arc::new(accepted(number))), RECORD);
        }
    }

    fn kept(ended: &Ended) -> Vec<u64> {
        (0..200).filter(|number| ended.kept.contains_key(&(id(*number), Form::Order))).collect()
    }

    #[test]
    fn those_that_nobody_asks_for_make_room() {
        let mut ended = Ended::within(3 * EACH);
        put(&mut ended, 1..=3);
        assert!(ended.get(id(1), Form::Order).is_some());
        put(&mut ended, 4..=5);
        assert_eq!(kept(&ended), [1, 4, 5]);
        put(&mut ended, 6..=7);
        assert_eq!(kept(&ended), [5, 6, 7], "being asked for once does not last for ever");
        (5..=7).for_each(|number| assert!(ended.get(id(number), Form::Order).is_some()));
        put(&mut ended, [8]);
        assert_eq!(kept(&ended), [6, 7, 8], "room is found although all were asked for");
    }

    #[test]
    fn room_is_found_without_looking_at_all_that_were_asked_for() {
        let most = 2 * TURNS as u64;
        let mut ended = Ended::within(2 * TURNS * EACH);
        put(&mut ended, 0..most);
        (0..most).for_each(|number| assert!(ended.get(id(number), Form::Order).is_some()));
        put(&mut ended, [most]);
        let gone = TURNS as u64;
        assert_eq!(kept(&ended), (0..=most).filter(|number| *number != gone).collect::<Vec<_>>());
    }

    #[test]
    fn it_stays_within_its_bytes() {
        let mut ended = Ended::within(3 * EACH);
        ended.put(id(1), Seen::Order(Arc::new(accepted(1))), 2 * RECORD);
        put(&mut ended, (1..=9).chain(1..=9));
        assert_eq!((ended.bytes, ended.kept.len()), (3 * EACH, 3));
        ended.put(id(10), Seen::Order(Arc::new(accepted(10))), 100 * RECORD);
        assert_eq!(kept(&ended), [7, 8, 9], "what has no room drives nobody out");
        for _ in 0..1_000 {
            put(&mut ended, [1]);
            ended.forget(id(1));
        }
        assert!(ended.queue.len() <= 2 * 3 + SPARE + 1, "{} turns", ended.queue.len());
        (0..20).for_each(|number| ended.forget(id(number)));
        assert_eq!((ended.bytes, ended.kept.len()), (0, 0));
    }

    #[test]
    fn an_order_and_how_it_is_shown_are_kept_and_forgotten_together() {
        let mut ended = Ended::within(3 * EACH);
        let shown = Bytes::from_static(b"how it is shown");
        put(&mut ended, [1]);
        ended.put(id(1), Seen::Shown(shown.clone()), RECORD);
        assert!(matches!(ended.get(id(1), Form::Order), Some(Seen::Order(_))));
        assert!(matches!(ended.get(id(1), Form::Shown), Some(Seen::Shown(found)) if *found == shown));
        assert_eq!(
            ended.bytes,
            EACH + shown.len() + OVERHEAD,
            "what is shown counts as it is, not as its record"
        );
        ended.forget(id(1));
        assert!(ended.get(id(1), Form::Order).is_none() && ended.get(id(1), Form::Shown).is_none());
    }

    #[test]
    fn the_last_that_was_put_is_what_is_got() {
        let mut ended = Ended::within(3 * EACH);
        let (old, new) = (Arc::new(accepted(1)), Arc::new(accepted(1)));
        ended.put(id(1), Seen::Order(old), RECORD);
        ended.put(id(1), Seen::Order(new.clone()), RECORD);
        assert!(
            matches!(ended.get(id(1), Form::Order), Some(Seen::Order(order)) if Arc::ptr_eq(order, &new))
        );
    }
}
