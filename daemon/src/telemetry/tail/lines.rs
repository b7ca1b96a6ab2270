//! The ring of the last lines.

use super::LogTailFilter;
use crate::telemetry::{Clock, SystemClock};
use orderd_sdk::{timestamp::Timestamp, wire::LogLine};
use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tracing::Level;

/// Lines that are kept at the most.
const MAX_LINES: usize = 4_096;

/// Bytes of all kept lines at the most.
const MAX_BYTES: usize = 1024 * 1024;

/// What a line takes apart from its texts, and what each of its fields does, roughly.
const BYTES_PER_LINE: usize = 160;
const BYTES_PER_FIELD: usize = 24;

/// The last lines of the log. Cloning shares them.
#[derive(Clone, Default)]
pub struct LogTail(Arc<Mutex<Ring>>);

/// Lines that were read, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tail {
    /// The lines.
    pub lines: Vec<LogLine>,
    /// Read on from here: everything up to this line was looked at.
    pub next: u64,
    /// Lines that had fallen out before they were looked at, whether they were meant or not.
    pub missed: u64,
}

/// The field that `tracing` gives the message.
const MESSAGE: &str = "message";

/// Something was logged. It is put together when somebody reads it: most lines fall out unread.
pub(super) struct Entry {
    pub(super) level: Level,
    pub(super) target: &'static str,
    /// The values of its fields, the message among them, one after the other.
    pub(super) texts: String,
    /// Their names, and where in the texts each value ends.
    pub(super) fields: Vec<(&'static str, usize)>,
}

#[derive(Default)]
struct Ring {
    kept: VecDeque<Arc<Kept>>,
    bytes: usize,
    /// The `n` of the last line of all.
    last: u64,
}

struct Kept {
    n: u64,
    timestamp: Timestamp,
    entry: Entry,
}

impl LogTail {
    /// The lines after the one numbered `n`, at most `limit` of those that are meant. An `n` that is not reached yet
    /// counts as the last.
    #[must_use]
    pub fn after(&self, n: u64, filter: &LogTailFilter, limit: usize) -> Tail {
        let ring = self.ring();
        let first = ring.last - ring.kept.len() as u64 + 1;
        let n = n.min(ring.last);
        let missed = (first - 1).saturating_sub(n);
        let skipped = usize::try_from(n.saturating_sub(first - 1)).unwrap_or(usize::MAX);
        let meant = ring.kept.iter().skip(skipped).filter(|kept| kept.is_meant(filter));
        let lines: Vec<_> = meant.take(limit).cloned().collect();
        let next = match lines.last() {
            Some(line) if lines.len() == limit => line.n,
            None if limit == 0 => n.max(first - 1),
            Some(_) | None => ring.last,
        };
        drop(ring);
        Tail { lines: told(&lines), next, missed }
    }

    /// The last so many lines of those that are meant.
    #[must_use]
    pub fn last(&self, lines: usize, filter: &LogTailFilter) -> Tail {
        let ring = self.ring();
        let meant = ring.kept.iter().rev().filter(|kept| kept.is_meant(filter));
        let mut lines: Vec<_> = meant.take(lines).cloned().collect();
        let next = ring.last;
        drop(ring);
        lines.reverse();
        Tail { lines: told(&lines), next, missed: 0 }
    }

    /// Takes a line; the oldest give way to it.
    pub(super) fn push(&self, entry: Entry) {
        let mut ring = self.ring();
        ring.last += 1;
        // The time is taken here, so that times come in the order of lines.
        let kept = Kept { n: ring.last, timestamp: SystemClock.now(), entry };
        ring.keep(kept);
    }

    /// Whoever logs waits for this lock: nothing is copied or written under it.
    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    fn keep(&mut self, kept: Kept) {
        self.bytes += kept.entry.bytes();
        self.kept.push_back(Arc::new(kept));
        while self.kept.len() > MAX_LINES || self.bytes > MAX_BYTES {
            let Some(oldest) = self.kept.pop_front() else {
                return;
            };
            self.bytes -= oldest.entry.bytes();
        }
    }
}

impl Kept {
    fn is_meant(&self, filter: &LogTailFilter) -> bool {
        filter.matches(self.entry.level, self.entry.target)
    }

    fn line(&self) -> LogLine {
        let Entry { level, target, texts, fields } = &self.entry;
        let mut line = LogLine {
            n: self.n,
            timestamp: self.timestamp,
            level: level.as_str().to_owned(),
            target: (*target).to_owned(),
            message: String::new(),
            fields: BTreeMap::new(),
        };
        let mut begin = 0;
        for (name, end) in fields {
            let value = texts[begin..*end].to_owned();
            begin = *end;
            match *name {
                MESSAGE => line.message = value,
                name => drop(line.fields.insert(name.to_owned(), value)),
            }
        }
        line
    }
}

impl Entry {
    /// What it takes, roughly.
    fn bytes(&self) -> usize {
        BYTES_PER_LINE + BYTES_PER_FIELD * self.fields.capacity() + self.texts.capacity()
    }
}

impl fmt::Debug for LogTail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogTail").finish_non_exhaustive()
    }
}

fn told(lines: &[Arc<Kept>]) -> Vec<LogLine> {
    lines.iter().map(|kept| kept.line()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(level: Level, message: impl Into<String>) -> Entry {
        let texts = message.into();
        Entry { level, target: "orderd", fields: vec![(MESSAGE, texts.len())], texts }
    }

    /// Lines 1 to `last`; every tenth is a warning.
    fn tail_of(last: usize) -> LogTail {
        let tail = LogTail::default();
        for n in 1..=last {
            let level = if n % 10 == 0 { Level::WARN } else { Level::INFO };
            tail.push(entry(level, n.to_string()));
        }
        tail
    }

    fn numbers(tail: &Tail) -> Vec<u64> {
        tail.lines.iter().map(|line| line.n).collect()
    }

    fn warnings() -> LogTailFilter {
        LogTailFilter::new(Some("warn"), None).unwrap()
    }

    #[test]
    fn an_empty_tail_has_nothing_at_any_place() {
        let (tail, all) = (LogTail::default(), LogTailFilter::default());
        for read in [tail.after(0, &all, 10), tail.after(7, &all, 10), tail.last(10, &all)] {
            assert_eq!(read, Tail::default());
        }
    }

    #[test]
    fn lines_are_counted_and_read_on_where_one_left_off() {
        let (tail, all) = (tail_of(25), LogTailFilter::default());
        let first = tail.after(0, &all, 20);
        assert_eq!((numbers(&first), first.next, first.missed), ((1..=20).collect(), 20, 0));
        assert_eq!((first.lines[9].level.as_str(), first.lines[9].message.as_str()), ("WARN", "10"));
        let rest = tail.after(first.next, &all, 20);
        assert_eq!((numbers(&rest), rest.next, rest.missed), ((21..=25).collect(), 25, 0));
        assert_eq!(tail.after(25, &all, 20), Tail { next: 25, ..Tail::default() });
        assert_eq!(tail.after(99, &all, 20), Tail { next: 25, ..Tail::default() });
        assert_eq!(tail.after(3, &all, 0), Tail { next: 3, ..Tail::default() });
    }

    #[test]
    fn what_is_not_meant_is_looked_at_once() {
        let tail = tail_of(25);
        let read = tail.after(0, &warnings(), 1);
        assert_eq!((numbers(&read), read.next), (vec![10], 10));
        let read = tail.after(10, &warnings(), 5);
        assert_eq!((numbers(&read), read.next), (vec![20], 25));
        let read = tail.last(1, &warnings());
        assert_eq!((numbers(&read), read.next), (vec![20], 25));
        assert_eq!(numbers(&tail.last(3, &LogTailFilter::default())), [23, 24, 25]);
    }

    #[test]
    fn the_oldest_lines_fall_out_and_that_is_told() {
        let (tail, all) = (tail_of(MAX_LINES + 10), LogTailFilter::default());
        let read = tail.after(0, &all, 2);
        assert_eq!((numbers(&read), read.next, read.missed), (vec![11, 12], 12, 10));
        assert_eq!(tail.after(4, &all, 2).missed, 6);
        assert_eq!(tail.after(10, &all, 2).missed, 0);
        assert_eq!(tail.after(0, &all, 0), Tail { next: 10, missed: 10, lines: vec![] });
        assert_eq!(tail.last(usize::MAX, &all).lines.len(), MAX_LINES);
    }

    #[test]
    fn long_lines_are_bounded_in_bytes() {
        let tail = LogTail::default();
        let most = MAX_BYTES / (64 * 1024);
        for _ in 0..3 * most {
            tail.push(entry(Level::INFO, "x".repeat(64 * 1024)));
        }
        let read = tail.after(0, &LogTailFilter::default(), usize::MAX);
        assert_eq!((read.lines.len(), read.missed), (most - 1, 2 * most as u64 + 1));
        tail.push(entry(Level::INFO, "x".repeat(2 * MAX_BYTES)));
        let read = tail.after(0, &LogTailFilter::default(), usize::MAX);
        assert_eq!((read.lines.len(), read.next, read.missed), (0, read.missed, 3 * most as u64 + 1));
    }

    #[test]
    fn no_line_is_counted_twice_when_many_log_at_once() {
        let tail = LogTail::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..500).for_each(|_| tail.push(entry(Level::INFO, "x"))));
            }
        });
        let read = tail.after(0, &LogTailFilter::default(), usize::MAX);
        assert_eq!(numbers(&read), (1..=2000).collect::<Vec<_>>());
        assert!(read.lines.is_sorted_by_key(|line| line.timestamp));
    }
}
