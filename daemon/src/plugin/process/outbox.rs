//! What goes to a venue host: written at once by whoever has something to say, and queued where the socket takes no more.

use super::{frame::Frame, words::Instruction};
use std::{
    collections::VecDeque,
    io::{self, IoSlice},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{net::UnixStream, sync::Notify};

/// Bytes that may wait for a host which does not read.
const MOST_QUEUED: usize = 32 << 20;
/// Frames that are written with one call.
const AT_ONCE: usize = 64;
/// Memory that is kept for the next frame.
const KEPT: usize = 64 << 10;

/// The way to one host.
pub(super) struct Outbox {
    socket: Arc<UnixStream>,
    queue: Mutex<Queue>,
    more: Notify,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Queued>,
    bytes: usize,
    scratch: Vec<u8>,
    is_closed: bool,
}

/// A frame of which not everything is written.
struct Queued {
    /// The call that it begins.
    op: Option<u64>,
    bytes: Vec<u8>,
    written: usize,
}

/// Why a frame goes nowhere. Not a byte of it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsent {
    /// The host is gone.
    Closed,
    /// Too much waits already.
    Full,
}

impl Outbox {
    pub(super) fn new(socket: Arc<UnixStream>) -> Self {
        Self { socket, queue: Mutex::default(), more: Notify::new() }
    }

    /// Sends a frame, or lets it wait. Small frames without contents always find a place: each answers for one operation.
    pub(super) fn send(&self, frame: &Instruction<'_>) -> Result<(), Unsent> {
        let mut queue = self.queue();
        if queue.is_closed {
            return Err(Unsent::Closed);
        }
        if queue.bytes > MOST_QUEUED && is_large(frame) {
            return Err(Unsent::Full);
        }
        let mut bytes = std::mem::take(&mut queue.scratch);
        bytes.clear();
        frame.write_to(&mut bytes);
        let written = match queue.frames.is_empty() {
            true => self.socket.try_write(&bytes).unwrap_or(0),
            false => 0,
        };
        if written < bytes.len() {
            queue.push(Queued { op: call_of(frame), bytes, written });
            self.more.notify_one();
        } else if bytes.capacity() <= KEPT {
            queue.scratch = bytes;
        }
        Ok(())
    }

    /// Takes a call back. True when not a byte of it has been written.
    pub(super) fn withdraw(&self, op: u64) -> bool {
        let mut queue = self.queue();
        let waits = |frame: &Queued| frame.op == Some(op) && frame.written == 0;
        let Some(index) = queue.frames.iter().position(waits) else {
            return false;
        };
        if let Some(taken) = queue.frames.remove(index) {
            queue.bytes -= taken.bytes.len();
        }
        true
    }

    /// Nothing is sent any more. The calls of which not a byte was written.
    pub(super) fn close(&self) -> Vec<u64> {
        let mut queue = self.queue();
        queue.is_closed = true;
        queue.bytes = 0;
        let unsent = std::mem::take(&mut queue.frames);
        unsent.into_iter().filter(|frame| frame.written == 0).filter_map(|frame| frame.op).collect()
    }

    /// Writes what waits, as the socket takes it, until nothing can be written any more.
    pub(super) async fn drain(&self) {
        loop {
            self.more.notified().await;
            while !self.queue().frames.is_empty() {
                if self.socket.writable().await.is_err() || !self.flush() {
                    return;
                }
            }
        }
    }

    /// Writes until the socket takes no more. False when it never will again.
    fn flush(&self) -> bool {
        let mut queue = self.queue();
        while !queue.frames.is_empty() {
            let slices =
                queue.frames.iter().take(AT_ONCE).map(|frame| IoSlice::new(&frame.bytes[frame.written..]));
            let slices: Vec<_> = slices.collect();
            match self.socket.try_write_vectored(&slices) {
                Ok(count) => queue.advance(count),
                Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
            }
        }
        true
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn push(&mut self, frame: Queued) {
        self.bytes += frame.bytes.len();
        self.frames.push_back(frame);
    }

    /// So many bytes of the first frames are written.
    fn advance(&mut self, mut count: usize) {
        while let Some(first) = self.frames.front_mut() {
            let rest = first.bytes.len() - first.written;
            if count < rest {
                first.written += count;
                return;
            }
            count -= rest;
            self.bytes -= first.bytes.len();
            self.frames.pop_front();
        }
    }
}

fn call_of(frame: &Instruction<'_>) -> Option<u64> {
    let Instruction::Start { op, .. } = *frame else {
        return None;
    };
    Some(op)
}

fn is_large(frame: &Instruction<'_>) -> bool {
    let has_reply = matches!(frame, Instruction::Deliver { reply, .. } if !reply.is_empty());
    has_reply || call_of(frame).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::process::inbox::Inbox;
    use std::io::Read;

    fn start(op: u64, request: &[u8]) -> Instruction<'_> {
        Instruction::Start { op, budget_ns: 1, method: "venue.quote", target: "pool", request }
    }

    fn pair() -> (Outbox, std::os::unix::net::UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let theirs = theirs.into_std().unwrap();
        theirs.set_nonblocking(false).unwrap();
        (Outbox::new(Arc::new(ours)), theirs)
    }

    /// Calls until the first one has to wait, and a few more.
    fn fill(outbox: &Outbox, request: &[u8]) -> u64 {
        let mut op = 0;
        while outbox.queue().frames.len() < 3 {
            op += 1;
            outbox.send(&start(op, request)).unwrap();
        }
        op
    }

    #[tokio::test]
    async fn what_the_socket_does_not_take_waits_in_order_and_can_be_taken_back() {
        let (outbox, mut theirs) = pair();
        let outbox = Arc::new(outbox);
        let last = fill(&outbox, &[b'x'; 10_000]);
        outbox.send(&start(last + 1, b"late")).unwrap();
        assert!(outbox.withdraw(last));
        assert!(!outbox.withdraw(last) && !outbox.withdraw(1));
        let draining = crate::telemetry::spawn("drain", {
            let outbox = outbox.clone();
            async move { outbox.drain().await }
        });
        let reading = tokio::task::spawn_blocking(move || {
            let (mut inbox, mut ops) = (Inbox::default(), Vec::new());
            while ops.last() != Some(&(last + 1)) {
                let count = theirs.read(inbox.room()).unwrap();
                inbox.arrived(count);
                while let Some(Instruction::Start { op, .. }) = inbox.next().unwrap() {
                    ops.push(op);
                }
            }
            ops
        });
        let expected: Vec<_> = (1..=last + 1).filter(|op| *op != last).collect();
        assert_eq!(reading.await.unwrap(), expected);
        draining.abort();
        assert_eq!(outbox.queue().bytes, 0);
    }

    #[tokio::test]
    async fn a_host_that_does_not_read_is_given_only_so_much() {
        let (outbox, _theirs) = pair();
        let request = vec![b'x'; 1 << 20];
        let refused = (1..100).find(|&op| outbox.send(&start(op, &request)).is_err());
        assert!(refused.is_some_and(|op| (30..40).contains(&op)), "{refused:?}");
        assert_eq!(outbox.send(&start(100, &request)), Err(Unsent::Full));
        assert_eq!(
            outbox.send(&Instruction::Cancel { op: 1 }),
            Ok(()),
            "there is always room for what is small"
        );
        let unsent = outbox.close();
        assert!(!unsent.contains(&1) && unsent.contains(&2), "the first one was begun: {unsent:?}");
        assert_eq!(outbox.send(&Instruction::Destroy), Err(Unsent::Closed));
    }
}
