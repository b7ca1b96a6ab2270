//! The events of one filter, kept once for all its readers.

use super::{Bell, Filter, Published};
use std::{
    collections::{HashMap, VecDeque},
    ops::Range,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// Events that a feed keeps without looking whether anybody still wants them.
const KEPT_UNASKED: usize = 64;

/// How far behind a reader may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// In events.
    pub messages: usize,
    /// In bytes of their frames.
    pub bytes: u64,
}

/// How far behind a reader is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Events.
    pub messages: u64,
    /// Bytes of their frames.
    pub bytes: u64,
}

/// The events of one filter. Nothing is queued per reader: each has its place, and what all have passed is forgotten.
#[derive(Debug)]
pub(super) struct Feed {
    pub(super) filter: Arc<Filter>,
    budget: Budget,
    log: Mutex<Log>,
    /// Apart from the log, so that ringing for thousands holds up none who reads.
    seats: Mutex<HashMap<u64, Arc<Seat>>>,
    has_news: AtomicBool,
}

#[derive(Debug, Default)]
struct Log {
    entries: VecDeque<Entry>,
    /// The position of the first entry; positions count all events of the feed.
    first: u64,
    /// Bytes of all events of the feed.
    bytes: u64,
    /// Readers that were at these positions were not behind when events went missing.
    torn: Range<u64>,
    /// When there are so many entries, it is looked whether they are still wanted.
    tidy_at: usize,
    last_seat: u64,
}

#[derive(Debug)]
struct Entry {
    event: Arc<Published>,
    /// Bytes of all events of the feed before this one.
    bytes_before: u64,
}

/// A reader's place in a feed.
#[derive(Debug)]
pub struct Seat {
    feed: Arc<Feed>,
    number: u64,
    /// The position of the event that it reads next.
    next: AtomicU64,
    bell: Arc<Bell>,
    bit: u64,
}

/// What a reader finds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// It reads on.
    Kept,
    /// It is too far behind: what it should read next is forgotten.
    Lost,
    /// It was not too far behind, but events are missing that the feed never had.
    Torn,
}

impl Feed {
    pub(super) fn new(filter: Arc<Filter>, budget: Budget) -> Self {
        let (log, seats) = (Mutex::default(), Mutex::default());
        Self { filter, budget, log, seats, has_news: AtomicBool::new(false) }
    }

    /// Takes a seat at the end.
    pub(super) fn join(self: &Arc<Self>, bell: Arc<Bell>, bit: u64) -> Arc<Seat> {
        let mut log = self.log();
        log.last_seat += 1;
        let (number, next) = (log.last_seat, AtomicU64::new(log.end()));
        drop(log);
        let seat = Arc::new(Seat { feed: self.clone(), number, next, bell, bit });
        lock(&self.seats).insert(number, seat.clone());
        seat
    }

    /// Gives a seat up; tells whether it was the last.
    pub(super) fn leave(&self, seat: &Seat) -> bool {
        let mut seats = lock(&self.seats);
        seats.remove(&seat.number);
        seats.is_empty()
    }

    /// One event more; tells whether it is the first since the readers were last rung for.
    pub(super) fn push(&self, event: &Arc<Published>) -> bool {
        let size = event.frame().bytes().len() as u64;
        let mut log = self.log();
        let bytes_before = log.bytes;
        log.bytes += size;
        log.entries.push_back(Entry { event: event.clone(), bytes_before });
        if log.entries.len() >= log.tidy_at.max(KEPT_UNASKED) {
            log.forget_what_was_read(&lock(&self.seats));
        }
        log.keep_within(self.budget);
        !self.has_news.swap(true, Ordering::Relaxed)
    }

    /// Tells every reader that there is news.
    pub(super) fn ring(&self) {
        self.has_news.store(false, Ordering::Relaxed);
        lock(&self.seats).values().for_each(|seat| seat.bell.ring(seat.bit));
    }

    /// Events are missing here, for every reader.
    pub(super) fn break_off(&self) {
        let mut log = self.log();
        let (first, next) = (log.first, log.end() + 1);
        // Who was torn before, and has not looked since, still is.
        let from = if log.torn.end == first { log.torn.start } else { first };
        log.torn = from..next;
        log.first = next;
        log.entries.clear();
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        lock(&self.log)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Log {
    fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    /// Takes its time only as often as the number of entries has doubled.
    fn forget_what_was_read(&mut self, seats: &HashMap<u64, Arc<Seat>>) {
        let wanted = seats.values().map(|seat| seat.next.load(Ordering::Relaxed)).min();
        let wanted = wanted.unwrap_or_else(|| self.end());
        while self.first < wanted && self.entries.pop_front().is_some() {
            self.first += 1;
        }
        self.tidy_at = self.entries.len() * 2;
    }

    fn keep_within(&mut self, budget: Budget) {
        let is_over = |log: &Self| {
            let bytes = log.entries.front().map_or(0, |oldest| log.bytes - oldest.bytes_before);
            log.entries.len() > budget.messages || bytes > budget.bytes
        };
        while is_over(self) {
            self.entries.pop_front();
            self.first += 1;
        }
    }

    fn index(&self, position: u64) -> Option<usize> {
        usize::try_from(position.checked_sub(self.first)?).ok()
    }
}

impl Seat {
    /// How far behind it is.
    #[must_use]
    pub fn backlog(&self) -> Backlog {
        let log = self.feed.log();
        let next = self.next.load(Ordering::Relaxed).max(log.first);
        let unread = log.index(next).and_then(|index| log.entries.get(index));
        let bytes = unread.map_or(0, |entry| log.bytes - entry.bytes_before);
        Backlog { messages: log.end() - next, bytes }
    }

    /// Whether it is more than half of what is allowed behind.
    pub(super) fn is_half_behind(&self) -> bool {
        let (Backlog { messages, bytes }, budget) = (self.backlog(), self.feed.budget);
        messages > budget.messages as u64 / 2 || bytes > budget.bytes / 2
    }

    /// Reads on: at most so many events.
    pub(super) fn read(&self, most: usize, into: &mut VecDeque<Arc<Published>>) -> Reading {
        let log = self.feed.log();
        let next = self.next.load(Ordering::Relaxed);
        let Some(index) = log.index(next) else {
            return if log.torn.contains(&next) { Reading::Torn } else { Reading::Lost };
        };
        let before = into.len();
        let unread = log.entries.range(index.min(log.entries.len())..);
        into.extend(unread.take(most).map(|entry| entry.event.clone()));
        self.next.fetch_add((into.len() - before) as u64, Ordering::Relaxed);
        Reading::Kept
    }

    /// Goes to the end, and leaves out what is in between.
    pub(super) fn skip(&self) {
        self.next.store(self.feed.log().end(), Ordering::Relaxed);
    }

    pub(super) fn feed(&self) -> &Arc<Feed> {
        &self.feed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::samples;
    use futures_util::FutureExt;

    fn event(cursor: u64) -> Arc<Published> {
        let order = samples::accepted(samples::intent());
        order.events[0].cursor.set(cursor);
        Arc::new(Published::of(&Arc::new(order), 1).unwrap())
    }

    fn feed(messages: usize, bytes: u64) -> Arc<Feed> {
        Arc::new(Feed::new(Arc::default(), Budget { messages, bytes }))
    }

    fn push(feed: &Feed, cursors: impl IntoIterator<Item = u64>) {
        for cursor in cursors {
            feed.push(&event(cursor));
        }
    }

    fn read(seat: &Seat, most: usize) -> Option<Vec<u64>> {
        let mut events = VecDeque::new();
        let reading = seat.read(most, &mut events);
        (reading == Reading::Kept).then(|| events.iter().map(|event| event.cursor()).collect())
    }

    #[test]
    fn each_reader_reads_what_came_after_it_and_is_rung_for() {
        let (feed, bell) = (feed(10, 1 << 20), Arc::new(Bell::default()));
        feed.push(&event(1));
        let early = feed.join(bell.clone(), 1);
        push(&feed, 2..=4);
        let late = feed.join(bell.clone(), 2);
        feed.push(&event(5));
        feed.ring();
        assert_eq!(bell.rung().now_or_never(), Some(3));
        assert_eq!((read(&early, 2), read(&late, 9)), (Some(vec![2, 3]), Some(vec![5])));
        assert_eq!(early.backlog().messages, 2);
        assert_eq!((read(&early, 9), read(&early, 9)), (Some(vec![4, 5]), Some(vec![])));
        assert_eq!(early.backlog(), Backlog::default());
        assert!(!feed.leave(&early) && feed.leave(&late));
    }

    #[test]
    fn who_is_too_many_events_or_bytes_behind_is_told_so() {
        let size = event(1).frame().bytes().len() as u64;
        for feed in [feed(4, 1 << 20), feed(1000, size * 4)] {
            let seat = feed.join(Arc::default(), 1);
            push(&feed, 1..=4);
            assert_eq!(seat.backlog(), Backlog { messages: 4, bytes: size * 4 });
            assert!(seat.is_half_behind());
            feed.push(&event(5));
            assert_eq!(read(&seat, 9), None);
            seat.skip();
            feed.push(&event(6));
            assert_eq!(read(&seat, 9), Some(vec![6]));
        }
    }

    #[test]
    fn what_everybody_has_read_is_forgotten() {
        let feed = feed(100_000, 1 << 30);
        let (quick, slow) = (feed.join(Arc::default(), 1), feed.join(Arc::default(), 1));
        for cursor in 1..=1000 {
            feed.push(&event(cursor));
            read(&quick, 1);
            if cursor > 10 {
                read(&slow, 1);
            }
        }
        assert!(feed.log().entries.len() <= KEPT_UNASKED, "{}", feed.log().entries.len());
        assert_eq!(read(&slow, 100).map(|events| events.len()), Some(10));
    }

    #[test]
    fn a_hole_is_told_to_every_reader_until_it_skips_and_is_not_its_fault() {
        let feed = feed(4, 1 << 20);
        let reading = |seat: &Seat| seat.read(9, &mut VecDeque::new());
        let (slow, quick) = (feed.join(Arc::default(), 1), feed.join(Arc::default(), 1));
        push(&feed, 1..=3);
        read(&quick, 9);
        push(&feed, 4..=5);
        feed.break_off();
        assert_eq!((reading(&slow), reading(&quick)), (Reading::Lost, Reading::Torn));
        push(&feed, [8]);
        feed.break_off();
        assert_eq!(reading(&quick), Reading::Torn, "twice is no other thing");
        quick.skip();
        push(&feed, [9]);
        assert_eq!(read(&quick, 9), Some(vec![9]));
        push(&feed, 10..=14);
        assert_eq!(reading(&quick), Reading::Lost, "this time it is");
    }
}
