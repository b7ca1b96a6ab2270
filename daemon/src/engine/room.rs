//! Whether a lane has room for one more attempt.
//!
//! So many sequences of an account may be signed and in no block. An attempt takes a place among them when it begins, not
//! when it is signed: an order that would have to wait for its signature waits before venues are asked, so that their
//! prices are fresh when it is signed. Places that come free while an attempt is prepared are given away ahead: else slow
//! venues would keep a fast chain waiting.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What one attempt has seen counts for this part of the expectation.
const WEIGHT: usize = 8;

/// The places of one lane.
#[derive(Debug)]
pub(super) struct Room {
    most: usize,
    inner: Mutex<Inner>,
    /// Told when there is room that was asked for in vain. All lanes share it.
    freed: Arc<Notify>,
}

#[derive(Debug)]
struct Inner {
    /// Sequences that are signed and in no block, as the lane says.
    pending: usize,
    /// Attempts that have begun and are not signed yet.
    begun: usize,
    /// Places that have come free since the start.
    freed: usize,
    /// How many come free while an attempt is prepared, by what the last ones have seen, times [`WEIGHT`].
    expected: usize,
    /// Somebody has found no room since there was some.
    is_wanted: bool,
}

/// The place of an attempt that is not signed yet. It is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    room: Arc<Room>,
    /// Places that had come free when it began.
    freed: usize,
}

impl Room {
    /// For so many at the most, with so many signed before.
    pub(super) fn new(most: usize, pending: usize, freed: Arc<Notify>) -> Arc<Self> {
        let inner = Inner { pending, begun: 0, freed: 0, expected: 0, is_wanted: false };
        Arc::new(Self { most, inner: Mutex::new(inner), freed })
    }

    /// Whether there is any. Whoever finds none is told when there is.
    pub(super) fn is_there(&self) -> bool {
        let mut inner = self.inner();
        let is_there = inner.has_room(self.most);
        inner.is_wanted |= !is_there;
        is_there
    }

    /// Takes a place; there has to be room, which nobody else takes.
    pub(super) fn enter(self: &Arc<Self>) -> Ticket {
        let mut inner = self.inner();
        inner.begun += 1;
        Ticket { room: self.clone(), freed: inner.freed }
    }

    /// So many sequences are signed and in no block now.
    pub(super) fn note(&self, pending: usize) {
        self.change(|inner| {
            inner.freed += inner.pending.saturating_sub(pending);
            inner.pending = pending;
        });
    }

    fn change(&self, change: impl FnOnce(&mut Inner)) {
        let mut inner = self.inner();
        change(&mut inner);
        if inner.is_wanted && inner.has_room(self.most) {
            inner.is_wanted = false;
            drop(inner);
            self.freed.notify_one();
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn has_room(&self, most: usize) -> bool {
        self.pending + self.begun < most + self.expected / WEIGHT
    }
}

impl Ticket {
    /// The attempt is prepared and waits for its signature.
    pub(super) fn is_prepared(&self) {
        self.room.change(|inner| {
            let seen = inner.freed - self.freed;
            inner.expected = inner.expected - inner.expected / WEIGHT + seen;
        });
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.room.change(|inner| inner.begun -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[test]
    fn an_attempt_has_its_place_from_its_beginning_until_what_was_signed_is_in_a_block() {
        let room = Room::new(2, 1, Arc::default());
        assert!(room.is_there());
        let attempt = room.enter();
        assert!(!room.is_there());
        room.note(2);
        drop(attempt);
        assert!(!room.is_there(), "two are signed");
        room.note(1);
        assert!(room.is_there());
    }

    #[test]
    fn whoever_has_found_no_room_is_told_once_there_is_some() {
        let freed = Arc::new(Notify::new());
        let room = Room::new(1, 0, freed.clone());
        let told = || freed.notified().now_or_never().is_some();
        let attempt = room.enter();
        room.note(0);
        assert!(!told(), "nobody has asked");
        assert!(!room.is_there());
        room.note(1);
        drop(attempt);
        assert!(!told(), "it was signed");
        room.note(0);
        assert!(told());
        drop(room.enter());
        assert!(!told(), "nobody has asked again");
    }

    #[test]
    fn what_comes_free_while_an_attempt_is_prepared_is_given_away_ahead() {
        let room = Room::new(4, 0, Arc::default());
        let begun = |room: &Arc<Room>| -> Vec<Ticket> {
            std::iter::from_fn(|| room.is_there().then(|| room.enter())).collect()
        };
        for _ in 0..40 {
            let attempt = room.enter();
            (0..6).for_each(|_| {
                room.note(1);
                room.note(0);
            });
            attempt.is_prepared();
        }
        assert_eq!(begun(&room).len(), 4 + 6);
        for _ in 0..40 {
            room.enter().is_prepared();
        }
        assert_eq!(begun(&room).len(), 4, "the chain has stopped");
    }

    #[test]
    fn a_block_that_empties_a_full_lane_is_no_promise_of_another() {
        let room = Room::new(4, 3, Arc::default());
        let last = room.enter();
        room.note(0);
        last.is_prepared();
        let begun = std::iter::from_fn(|| room.is_there().then(|| room.enter()));
        assert_eq!(begun.collect::<Vec<_>>().len(), 3);
    }
}
