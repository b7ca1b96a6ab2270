//! Whether a lane has room for one more attempt.
//!
//! So many sequences of an account may be signed and in no block. An attempt takes a place among them when it begins, not
//! when it is signed: an order that would have to wait for its signature waits before venues are asked, so that their
//! prices are fresh when it is signed. Places that come free while an attempt is prepared are given away ahead: else slow
//! venues would keep a fast chain waiting. How many these are grows with how many are taken: what one attempt has seen
//! come free says what a lane can do only if it was full then, and else more is tried.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What one attempt has seen counts for this part of the expectation, and one block for this part of how full a lane is.
const WEIGHT: usize = 8;
/// So many times what has been seen to come free is expected at the most, however empty the lane was.
const MOST_GROWTH: usize = 2;

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
    /// How many came free while an attempt was prepared, by what the last ones have seen, times [`WEIGHT`].
    seen: usize,
    /// How many sequences were pending before places came free, by the last times, times [`WEIGHT`].
    taken: usize,
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
        let inner = Inner { pending, begun: 0, freed: 0, seen: 0, taken: 0, is_wanted: false };
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
            if pending < inner.pending {
                inner.freed += inner.pending - pending;
                inner.taken = next_mean(inner.taken, inner.pending);
            }
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
        self.pending + self.begun < most + self.expected(most)
    }

    /// How many places come free while an attempt is prepared, of `most` that are taken. What is in a block has waited for
    /// the same time however many there were, so that as many times more come free as more wait (Little's law).
    fn expected(&self, most: usize) -> usize {
        let of_more = self.seen.saturating_mul(most) / self.taken.max(1);
        let seen = self.seen / WEIGHT;
        of_more.clamp(seen, seen * MOST_GROWTH)
    }
}

/// A mean over the last values, times [`WEIGHT`], with one value more.
fn next_mean(mean: usize, value: usize) -> usize {
    mean - mean / WEIGHT + value
}

impl Ticket {
    /// The attempt is prepared and waits for its signature.
    pub(super) fn is_prepared(&self) {
        self.room.change(|inner| {
            let seen = inner.freed - self.freed;
            inner.seen = next_mean(inner.seen, seen);
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
        sees(&room, 40, || (0..3).for_each(|_| empties(&room, [4, 2])));
        assert_eq!(begun(&room), 4 + 6);
        sees(&room, 40, || {});
        assert_eq!(begun(&room), 4, "the chain has stopped");
    }

    #[test]
    fn a_lane_that_is_never_full_is_given_more_at_most_twice_what_comes_free() {
        let room = Room::new(60, 0, Arc::default());
        sees(&room, 60, || empties(&room, [40, 0]));
        assert_eq!(begun(&room), 60 + 60, "of forty that waited, all came free");
        sees(&room, 60, || empties(&room, [10, 0]));
        assert_eq!(begun(&room), 60 + 20);
        sees(&room, 60, || empties(&room, [60, 40]));
        assert_eq!(begun(&room), 60 + 20, "it is full, and has no more to give");
    }

    #[test]
    fn a_block_that_empties_a_full_lane_is_no_promise_of_another() {
        let room = Room::new(4, 3, Arc::default());
        let last = room.enter();
        room.note(0);
        last.is_prepared();
        assert_eq!(begun(&room), 3);
    }

    /// That many attempts are prepared, one after the other, and this happens during each.
    fn sees(room: &Arc<Room>, attempts: usize, happens: impl Fn()) {
        for _ in 0..attempts {
            let attempt = room.enter();
            happens();
            attempt.is_prepared();
        }
    }

    /// So many are pending, and then only so many.
    fn empties(room: &Room, [before, after]: [usize; 2]) {
        room.note(before);
        room.note(after);
    }

    /// How many attempts can begin now, and what is pending.
    fn begun(room: &Arc<Room>) -> usize {
        let attempts: Vec<_> = std::iter::from_fn(|| room.is_there().then(|| room.enter())).collect();
        attempts.len() + room.inner().pending
    }
}
