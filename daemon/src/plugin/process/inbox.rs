//! Bytes that arrive become frames: whatever the sizes in which they arrive, and within bounds whoever sends them.

use super::frame::{Frame, FrameError, LONGEST, PREFIX, split};

/// Room that a read is given at least.
const ROOM: usize = 64 << 10;

/// What has arrived and was not taken yet: never more than one frame and one read.
#[derive(Default)]
pub(crate) struct Inbox {
    bytes: Vec<u8>,
    /// Where the first frame that was not taken begins, and where what has arrived ends.
    start: usize,
    end: usize,
}

impl Inbox {
    /// Where to read to.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        let pending = self.end - self.start;
        let wanted = self.wanted().max(pending + ROOM);
        let cramped = self.bytes.len() - self.start < wanted;
        // One large frame should not be remembered for good.
        let oversized = self.bytes.len() > 4 * ROOM && self.bytes.len() / 2 > wanted;
        if cramped || oversized || pending == 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, pending);
        }
        if self.bytes.len() < wanted || oversized {
            self.bytes.resize(wanted, 0);
            self.bytes.shrink_to_fit();
        }
        &mut self.bytes[self.end..]
    }

    /// So many bytes were read.
    pub(crate) fn arrived(&mut self, count: usize) {
        self.end = (self.end + count).min(self.bytes.len());
    }

    /// Whether [`Inbox::next`] has something to say, be it an error.
    pub(crate) fn has_frame(&self) -> bool {
        self.length().is_some_and(|length| length > LONGEST || PREFIX + length <= self.end - self.start)
    }

    /// The next frame that is complete.
    pub(crate) fn next<'a, F: Frame<'a>>(&'a mut self) -> Result<Option<F>, FrameError> {
        let Some(length) = self.length() else {
            return Ok(None);
        };
        if length > LONGEST {
            return Err(FrameError::Length(length));
        }
        let from = self.start + PREFIX;
        let to = from + length;
        if to > self.end {
            return Ok(None);
        }
        self.start = to;
        split(&self.bytes[from..to]).and_then(F::read).map(Some)
    }

    /// The length of the frame that is arriving.
    fn length(&self) -> Option<usize> {
        let (length, _) = self.bytes[self.start..self.end].split_first_chunk()?;
        Some(usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX))
    }

    /// How many bytes the arriving frame takes in all. [`Inbox::next`] has refused one that is too long.
    fn wanted(&self) -> usize {
        self.length().map_or(0, |length| PREFIX + length.min(LONGEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::process::words::Notice;
    use orderd_sdk::abi::{Status, table::MAX_MESSAGE};

    fn feed(inbox: &mut Inbox, bytes: &[u8], step: usize, mut heard: impl FnMut(Notice<'_>)) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = inbox.room();
            let count = rest.len().min(step).min(room.len());
            room[..count].copy_from_slice(&rest[..count]);
            inbox.arrived(count);
            rest = &rest[count..];
            while let Some(frame) = inbox.next().unwrap() {
                heard(frame);
            }
        }
    }

    #[test]
    fn frames_arrive_whole_however_they_are_cut() {
        let large = vec![7; MAX_MESSAGE];
        let mut bytes = Vec::new();
        let frames = [&b"small"[..], &large, b"", b"last"];
        let complete = |op, reply| Notice::Complete { op, status: Status::OK, reply };
        for (op, reply) in (1..).zip(frames) {
            complete(op, reply).write_to(&mut bytes);
        }
        for step in [3, 1_000, usize::MAX] {
            let (mut inbox, mut op) = (Inbox::default(), 0);
            feed(&mut inbox, &bytes, step, |frame| {
                op += 1;
                assert_eq!(frame, complete(op, frames[usize::try_from(op).unwrap() - 1]));
            });
            assert_eq!(op, 4);
            inbox.room();
            assert!(inbox.bytes.len() <= 4 * ROOM, "what was large is given back");
        }
    }

    #[test]
    fn a_frame_that_is_too_long_is_refused_before_there_is_room_for_it() {
        let mut inbox = Inbox::default();
        let length = u32::MAX.to_le_bytes();
        inbox.room()[..4].copy_from_slice(&length);
        inbox.arrived(4);
        assert!(matches!(inbox.next::<Notice<'_>>(), Err(FrameError::Length(_))));
    }
}
