//! The log, as a source of messages.

use super::Pipe;
use crate::{
    stream::Frame,
    telemetry::{LogTail, LogTailFilter},
};
use orderd_sdk::wire::{GapReason, LogMessage, Signal};

/// Lines of one message.
const MAX_LINES: usize = 100;

/// Tells lines of the log, those that were there first.
pub(super) struct Lines {
    id: String,
    filter: LogTailFilter,
    /// How many of the last lines are still to be told before those that follow.
    first: Option<usize>,
    /// The line after which the next ones come.
    next: u64,
}

impl Lines {
    /// Begins with so many of the last lines.
    pub(super) fn new(id: String, filter: LogTailFilter, lines: usize) -> Self {
        Self { id, filter, first: Some(lines), next: 0 }
    }

    /// Puts what is ready into the pipe. `told` is the cursor that a gap names: no event is missing at one.
    pub(super) fn pull(&mut self, tail: &LogTail, told: u64, pipe: &mut Pipe) {
        let read = match self.first.take() {
            Some(lines) => tail.last(lines, &self.filter),
            None => tail.after(self.next, &self.filter, MAX_LINES),
        };
        self.next = read.next;
        if read.missed > 0 {
            let (id, reason, missed) = (self.id.clone(), GapReason::Slow, Some(read.missed));
            pipe.push(&Frame::encode(&Signal::Gap { id, reason, cursor: told, missed }));
        }
        if !read.lines.is_empty() {
            pipe.push(&Frame::encode(&LogMessage { id: self.id.clone(), lines: read.lines }));
        }
    }
}
