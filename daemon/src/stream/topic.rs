//! One followed order: its newest state, its events as they go out, and who waits for more.

use super::{Bell, Frame};
use crate::order::{Order, View};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// So many readers are told by whoever publishes. More are left to the hub.
pub(super) const FEW: usize = 4;

/// One followed order. It is as large as the order's own history, and goes with its last reader.
#[derive(Debug, Default)]
pub(super) struct Topic {
    inner: Mutex<Inner>,
    /// Apart from the rest, so that ringing for thousands holds up none who reads.
    bells: Mutex<Bells>,
}

#[derive(Debug, Default)]
struct Bells {
    /// By reader.
    of: HashMap<u64, (Arc<Bell>, u64)>,
    /// All of them were rung for the events up to this one.
    rung: u64,
}

#[derive(Debug, Default)]
struct Inner {
    /// The newest durable state.
    newest: Option<Arc<Order>>,
    /// Its events that were asked for so far; the event with `seq` n stands at index n - 1.
    frames: Vec<Option<Numbered>>,
    /// The order as the newest of them shows it, while more events are to come.
    view: Option<View>,
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
        lock(&self.bells).of.insert(reader, (bell, bit));
    }

    pub(super) fn leave(&self, reader: u64) {
        lock(&self.bells).of.remove(&reader);
    }

    /// Tells every reader that there is news.
    pub(super) fn ring(&self) {
        lock(&self.bells).ring();
    }

    /// The same for the events up to this one, only if the readers are few. Whether they were rung.
    pub(super) fn ring_few(&self, seq: u64) -> bool {
        let mut bells = lock(&self.bells);
        let are_few = bells.of.len() <= FEW;
        if are_few {
            bells.ring();
            bells.rung = seq;
        }
        are_few
    }

    /// The same, unless that was done.
    pub(super) fn ring_rest(&self, seq: u64) {
        let mut bells = lock(&self.bells);
        if bells.rung < seq {
            bells.ring();
            bells.rung = seq;
        }
    }

    /// The event with this number, if it has happened. The first reader to ask has it made for all, and those that follow
    /// it along with it: each needs what all before it have done to the order. `share` has a frame made, unless others have
    /// made one of the event at this cursor.
    pub(super) fn frame(
        &self,
        seq: u64,
        share: impl Fn(u64, &dyn Fn() -> Frame) -> Frame,
    ) -> Option<Numbered> {
        let index = usize::try_from(seq.checked_sub(1)?).ok()?;
        let mut inner = lock(&self.inner);
        if let Some(Some(known)) = inner.frames.get(index) {
            return Some(known.clone());
        }
        let order = inner.newest.clone()?;
        let count = order.events.len();
        // Who has read everything asks too, each time.
        if index >= count {
            return None;
        }
        if inner.frames.len() < count {
            inner.frames.resize(count, None);
        }
        let known = inner.view.take().filter(|view| view.seq() < seq);
        let mut view = known.unwrap_or_else(|| View::before(&order, seq));
        view.pass_over(&order, seq);
        while let Some(told) = view.tell_next(&order) {
            let (seq, cursor) = (told.seq(), told.cursor());
            let place = usize::try_from(seq - 1).ok().and_then(|index| inner.frames.get_mut(index))?;
            let frame = || share(cursor, &|| Frame::encode(&told));
            place.get_or_insert_with(|| Numbered { seq, cursor, frame: frame() });
        }
        inner.view = Some(view).filter(|_| !order.is_at_rest());
        inner.frames.get(index)?.clone()
    }
}

impl Bells {
    fn ring(&self) {
        self.of.values().for_each(|(bell, bit)| bell.ring(*bit));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
