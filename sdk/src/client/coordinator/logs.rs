//! Readers of the daemon's log, each with a filter and a subscription of its own.

use crate::{
    timestamp::Timestamp,
    wire::{LogFilter, LogLine, Subscribe, Topic},
};
use std::sync::Arc;
use tokio::sync::{Notify, OwnedSemaphorePermit, mpsc};

/// Batches of lines that a reader may be behind before lines are left out.
const INBOX: usize = 64;
/// The most that a subscription begins with: after a break, lines up to this number are made up for.
const MOST_LINES: u32 = 1000;

/// What a reader of the log is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogNews {
    /// Further lines, oldest first.
    Lines(Vec<LogLine>),
    /// At least so many lines are missing here.
    Missed(u64),
}

/// Reads the daemon's log.
#[derive(Debug)]
pub struct LogReader {
    inbox: mpsc::Receiver<LogNews>,
    interest: Arc<Notify>,
    _place: OwnedSemaphorePermit,
}

/// The coordinator's end of a reader.
#[derive(Debug)]
pub(super) struct LogSlot {
    pub(super) name: String,
    pub(super) filter: LogFilter,
    /// How many lines to begin with.
    lines: u32,
    /// The last line that came, to tell further ones from repeated ones.
    last: Option<(u64, Timestamp)>,
    missed: u64,
    inbox: mpsc::Sender<LogNews>,
}

impl LogReader {
    pub(super) fn new(
        filter: LogFilter,
        lines: u32,
        interest: Arc<Notify>,
        place: OwnedSemaphorePermit,
    ) -> (Self, LogSlot) {
        let (sender, inbox) = mpsc::channel(INBOX);
        let slot = LogSlot {
            name: String::new(),
            filter,
            lines: lines.min(MOST_LINES),
            last: None,
            missed: 0,
            inbox: sender,
        };
        (Self { inbox, interest, _place: place }, slot)
    }

    /// Waits for what comes next. None when the coordinator has ended. Nothing is lost when it is dropped before it is
    /// done.
    pub async fn next(&mut self) -> Option<LogNews> {
        self.inbox.recv().await
    }
}

impl Drop for LogReader {
    fn drop(&mut self) {
        self.inbox.close();
        self.interest.notify_one();
    }
}

impl LogSlot {
    pub(super) fn is_read(&self) -> bool {
        !self.inbox.is_closed()
    }

    /// How many lines to ask for: those to begin with, and after that whatever can be made up for.
    pub(super) fn lines(&self) -> u32 {
        if self.last.is_some() { MOST_LINES } else { self.lines }
    }

    /// The subscription that it wants.
    pub(super) fn subscribe(&self) -> Subscribe {
        let filter = serde_json::to_value(&self.filter).expect("a filter has string keys only");
        let lines = Some(self.lines().into());
        Subscribe { filter: Some(filter), lines, ..Subscribe::to(Topic::Logs, self.name.clone()) }
    }

    /// Gives lines to the reader, without those it has.
    pub(super) fn tell(&mut self, mut lines: Vec<LogLine>) {
        let last = self.last;
        let came = lines.len();
        // A daemon that was started anew counts from 1 again: then the time tells.
        lines.retain(|line| last.is_none_or(|(n, timestamp)| line.n > n || line.timestamp > timestamp));
        if last.is_some() && lines.len() == came && came == MOST_LINES as usize {
            // As many as can be asked for, and none of them known: there were others before.
            self.missed += 1;
        }
        let Some(newest) = lines.last() else { return };
        self.last = Some((newest.n, newest.timestamp));
        self.give(lines);
    }

    /// The daemon has left lines out.
    pub(super) fn miss(&mut self, lines: u64) {
        self.missed += lines;
    }

    fn give(&mut self, lines: Vec<LogLine>) {
        if self.missed > 0 && self.inbox.try_send(LogNews::Missed(self.missed)).is_ok() {
            self.missed = 0;
        }
        let count = lines.len() as u64;
        if self.missed > 0 || self.inbox.try_send(LogNews::Lines(lines)).is_err() {
            self.missed += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::Semaphore;

    fn reader() -> (LogReader, LogSlot) {
        let place = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        LogReader::new(LogFilter::default(), 100, Arc::default(), place)
    }

    fn line(n: u64, at: u64) -> LogLine {
        LogLine {
            n,
            timestamp: Timestamp(at),
            level: "INFO".into(),
            target: "orderd".into(),
            message: String::new(),
            fields: [].into(),
        }
    }

    fn next(reader: &mut LogReader) -> LogNews {
        reader.inbox.try_recv().unwrap()
    }

    #[test]
    fn lines_that_are_repeated_after_a_break_are_left_out_and_a_restart_is_not_taken_for_one() {
        let (mut reader, mut slot) = reader();
        assert_eq!(slot.lines(), 100);
        slot.tell(vec![line(7, 70), line(9, 90)]);
        assert_eq!(slot.lines(), MOST_LINES);
        slot.tell(vec![line(7, 70), line(9, 90), line(10, 100)]);
        slot.tell(vec![line(1, 200)]);
        let lines = [vec![line(7, 70), line(9, 90)], vec![line(10, 100)], vec![line(1, 200)]];
        for lines in lines {
            assert_eq!(next(&mut reader), LogNews::Lines(lines));
        }
    }

    #[test]
    fn a_slow_reader_is_told_how_much_it_missed() {
        let (mut reader, mut slot) = reader();
        let more = INBOX as u64 + 3;
        for n in 1..=more {
            slot.tell(vec![line(n, 1)]);
        }
        (0..INBOX).for_each(|_| assert!(matches!(next(&mut reader), LogNews::Lines(_))));
        slot.miss(10);
        slot.tell(vec![line(more + 11, 1)]);
        assert_eq!(next(&mut reader), LogNews::Missed(13));
        assert_eq!(next(&mut reader), LogNews::Lines(vec![line(more + 11, 1)]));
    }
}
