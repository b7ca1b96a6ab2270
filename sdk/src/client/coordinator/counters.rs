//! What has happened so far, in numbers.

use crate::wire::GapReason;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What a coordinator has counted since it was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages that came over the socket.
    pub messages: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Messages that nobody could read.
    pub malformed: u64,
    /// Events that told nothing new.
    pub duplicates: u64,
    /// Events whose predecessor was neither seen nor announced as missing.
    pub holes: u64,
    /// Gaps that the daemon announced, by reason.
    pub gaps: Gaps,
    /// Connections after the first one.
    pub reconnects: u64,
    /// Answers to the question what has changed.
    pub polls: u64,
    /// Whole snapshots, over the socket or by listing.
    pub snapshots: u64,
    /// Orders that were looked up one by one.
    pub lookups: u64,
    /// Orders that gave way to others in a full cache and were over.
    pub evicted_over: u64,
    /// Orders that did so and were not over.
    pub evicted_live: u64,
}

/// Gaps that the daemon announced, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// [`GapReason::Epoch`].
    pub epoch: u64,
    /// [`GapReason::TooOld`].
    pub too_old: u64,
    /// [`GapReason::Ahead`].
    pub ahead: u64,
    /// [`GapReason::Slow`].
    pub slow: u64,
    /// [`GapReason::Unreadable`].
    pub unreadable: u64,
}

/// The numbers while they are counted.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) messages: Counter,
    pub(super) bytes: Counter,
    pub(super) malformed: Counter,
    pub(super) duplicates: Counter,
    pub(super) holes: Counter,
    epoch: Counter,
    too_old: Counter,
    ahead: Counter,
    slow: Counter,
    unreadable: Counter,
    pub(super) reconnects: Counter,
    pub(super) polls: Counter,
    pub(super) snapshots: Counter,
    pub(super) lookups: Counter,
    pub(super) evicted_over: Counter,
    pub(super) evicted_live: Counter,
}

/// One number.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, more: u64) {
        self.0.fetch_add(more, Relaxed);
    }

    pub(super) fn one_more(&self) {
        self.add(1);
    }

    fn now(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Counters {
    pub(super) fn gap(&self, reason: GapReason) {
        let counter = match reason {
            GapReason::Epoch => &self.epoch,
            GapReason::TooOld => &self.too_old,
            GapReason::Ahead => &self.ahead,
            GapReason::Slow => &self.slow,
            GapReason::Unreadable => &self.unreadable,
        };
        counter.one_more();
    }

    pub(super) fn counts(&self) -> Counts {
        Counts {
            messages: self.messages.now(),
            bytes: self.bytes.now(),
            malformed: self.malformed.now(),
            duplicates: self.duplicates.now(),
            holes: self.holes.now(),
            gaps: Gaps {
                epoch: self.epoch.now(),
                too_old: self.too_old.now(),
                ahead: self.ahead.now(),
                slow: self.slow.now(),
                unreadable: self.unreadable.now(),
            },
            reconnects: self.reconnects.now(),
            polls: self.polls.now(),
            snapshots: self.snapshots.now(),
            lookups: self.lookups.now(),
            evicted_over: self.evicted_over.now(),
            evicted_live: self.evicted_live.now(),
        }
    }
}
