//! One followed order: its newest state, its events as they go out, and who waits for more.

use super::{Bell, Frame};
use crate::order::Order;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// One followed order. It is as large as the order's own history, and goes with its last reader.
#[derive(Debug, Default)]
pub(super) struct Topic {
    inner: Mutex<Inner>,
    /// By reader. Apart from the rest, so that ringing for thousands holds up none who reads.
    bells: Mutex<HashMap<u64, (Arc<Bell>, u64)>>,
}

#[derive(Debug, Default)]
struct Inner {
    /// The newest durable state.
    newest: Option<Arc<Order>>,
    /// Its events that were asked for so far; the event with `seq` n stands at index n - 1.
    frames: Vec<Option<Numbered>>,
}

/// A frame and the cursor of its event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// The event's number in its order.
    pub seq: u64,
    /// The event's place among the events of all orders.
    pub cursor: u64,
    /// An [`OrderMessage`](orderd_sdk::wire::OrderMessage).
    pub frame: Frame,
}

impl Topic {
    /// Takes note of a durable state, unless a newer one is known already.
    pub(super) fn offer(&self, order: &Arc<Order>) {
        let mut inner = lock(&self.inner);
        if inner.newest.as_ref().is_none_or(|known| known.seq() < order.seq()) {
            inner.newest = Some(order.clone());
        }
    }

    /// Whoever reads here is told so by this bell.
    pub(super) fn enter(&self, reader: u64, bell: Arc<Bell>, bit: u64) {
        lock(&self.bells).insert(reader, (bell, bit));
    }

    pub(super) fn leave(&self, reader: u64) {
        lock(&self.bells).remove(&reader);
    }

    /// Tells every reader that there is news.
    pub(super) fn ring(&self) {
        lock(&self.bells).values().for_each(|(bell, bit)| bell.ring(*bit));
    }

    /// The event with this number, if it has happened. The first reader to ask has it made for all: `shared` knows
    /// frames that others have made of an event at this cursor.
    pub(super) fn frame(&self, seq: u64, shared: impl FnOnce(u64) -> Option<Frame>) -> Option<Numbered> {
        let index = usize::try_from(seq.checked_sub(1)?).ok()?;
        let mut inner = lock(&self.inner);
        if let Some(Some(known)) = inner.frames.get(index) {
            return Some(known.clone());
        }
        let order = inner.newest.clone()?;
        let cursor = order.events.get(index)?.cursor.get();
        let frame = shared(cursor).or_else(|| Frame::of_event(&order, seq))?;
        let made = Numbered { seq, cursor, frame };
        if inner.frames.len() <= index {
            inner.frames.resize(index + 1, None);
        }
        inner.frames[index] = Some(made.clone());
        Some(made)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
