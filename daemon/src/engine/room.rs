//! Whether a lane has room for one more attempt.
//!
//! So many sequences of an account may be signed and in no block. An attempt takes a place among them when it begins, not
//! when it is signed: an order that would have to wait for its signature waits before venues are asked, so that their
//! prices are fresh when it is signed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

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
    /// Somebody has found no room since there was some.
    is_wanted: bool,
}

/// The place of an attempt that is not signed yet. It is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Ticket(Arc<Room>);

impl Room {
    /// For so many at the most, with so many signed before.
    pub(super) fn new(most: usize, pending: usize, freed: Arc<Notify>) -> Arc<Self> {
        let inner = Mutex::new(Inner { pending, begun: 0, is_wanted: false });
        Arc::new(Self { most, inner, freed })
    }

    /// Whether there is any. Whoever finds none is told when there is.
    pub(super) fn is_there(&self) -> bool {
        let mut inner = self.inner();
        let is_there = inner.taken() < self.most;
        inner.is_wanted |= !is_there;
        is_there
    }

    /// Takes a place; there has to be room, which nobody else takes.
    pub(super) fn enter(self: &Arc<Self>) -> Ticket {
        self.inner().begun += 1;
        Ticket(self.clone())
    }

    /// So many sequences are signed and in no block now.
    pub(super) fn note(&self, pending: usize) {
        self.change(|inner| inner.pending = pending);
    }

    fn change(&self, change: impl FnOnce(&mut Inner)) {
        let mut inner = self.inner();
        change(&mut inner);
        if inner.is_wanted && inner.taken() < self.most {
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
    fn taken(&self) -> usize {
        self.pending + self.begun
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.change(|inner| inner.begun -= 1);
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
}
