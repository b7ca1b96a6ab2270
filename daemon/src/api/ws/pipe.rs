//! The socket of one client: frames out, messages in, and a goodbye in due form.
//!
//! Control frames go through the WebSocket library. Messages are whole frames already, which many clients share: they are
//! written as they are, without a copy. The two never mix within a frame, because one is flushed before the other begins.

use super::End;
use crate::stream::Frame;
use bytes::{Buf, Bytes};
use futures_util::{SinkExt, StreamExt};
use hyper_tungstenite::{
    HyperWebsocketStream,
    tungstenite::{Error, Message, protocol::CloseFrame},
};
use std::{
    collections::VecDeque,
    future::poll_fn,
    io::{self, IoSlice},
    pin::Pin,
    time::Duration,
};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt, copy, sink},
    time::timeout,
};

/// Frames that are written at once, and that wait here at the most before they have to be flushed.
const MAX_FRAMES: usize = 64;

/// Bytes that wait here at the most, but for the last frame.
const MAX_BYTES: usize = 256 * 1024;

/// Room for frames that an idle client keeps.
const IDLE_FRAMES: usize = 4;

/// How long the goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// The socket of one client.
pub(in crate::api) struct Pipe {
    socket: HyperWebsocketStream,
    /// How long the client may take nothing.
    stall: Duration,
    /// Frames to be written; the first one may be in part.
    queue: VecDeque<Bytes>,
    queued_bytes: usize,
    /// Whether a part of the first frame has been written.
    is_within_frame: bool,
    /// Whether the WebSocket library may have something to write: a ping, or its answer to what came.
    has_control: bool,
    sent: Sent,
}

/// What was written so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::api) struct Sent {
    pub(in crate::api) messages: u64,
    pub(in crate::api) bytes: u64,
}

impl Pipe {
    /// A client that may take nothing for so long.
    pub(in crate::api) fn new(socket: HyperWebsocketStream, stall: Duration) -> Self {
        Self {
            socket,
            stall,
            queue: VecDeque::new(),
            queued_bytes: 0,
            is_within_frame: false,
            has_control: false,
            sent: Sent::default(),
        }
    }

    /// Puts a message where the next flush takes it from.
    pub(in crate::api) fn push(&mut self, frame: &Frame) {
        self.queued_bytes += frame.bytes().len();
        self.queue.push_back(frame.bytes().clone());
    }

    /// Whether it is time to flush.
    pub(in crate::api) fn is_full(&self) -> bool {
        self.queue.len() >= MAX_FRAMES || self.queued_bytes >= MAX_BYTES
    }

    /// Has the WebSocket library ping the client with the next flush.
    pub(in crate::api) async fn ping(&mut self) -> Result<(), End> {
        self.has_control = true;
        self.socket.feed(Message::Ping(Bytes::new())).await.map_err(|error| End::of(&error))
    }

    /// Writes everything that was pushed.
    pub(in crate::api) async fn flush(&mut self) -> Result<(), End> {
        let stall = self.stall;
        loop {
            // Time begins anew with all that the client takes: it may be slow, but not dead.
            let written = timeout(stall, self.write_some()).await;
            match written.map_err(|_| End::Stalled)? {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return Err(End::of(&error)),
            }
        }
        if self.queue.capacity() > IDLE_FRAMES {
            self.queue = VecDeque::new();
        }
        Ok(())
    }

    /// The next message of the client. Cancelling it loses nothing.
    pub(in crate::api) async fn receive(&mut self) -> Result<Message, End> {
        match self.socket.next().await {
            Some(Ok(message)) => {
                self.has_control = true;
                Ok(message)
            }
            Some(Err(error)) => Err(End::of(&error)),
            None => Err(End::Left),
        }
    }

    /// What was written so far.
    pub(in crate::api) fn sent(&self) -> Sent {
        self.sent
    }

    /// Closes in due form, as far as the client takes part in it.
    pub(in crate::api) async fn say_goodbye(mut self, end: End, last: Option<Frame>) {
        if end == End::Left {
            // Nobody is there to hear it, or to send what closing could reset.
            return;
        }
        // What the client has not begun to take, it will not take now; but a frame has to be whole.
        self.queue.truncate(usize::from(self.is_within_frame));
        let goodbye = async {
            if let Some(last) = last {
                self.push(&last);
            }
            while self.write_some().await? {}
            if let Some((code, reason)) = end.close() {
                let reason = reason.into();
                self.socket.close(Some(CloseFrame { code, reason })).await?;
            }
            while self.socket.next().await.is_some_and(|received| received.is_ok()) {}
            if end == End::Closed {
                return Ok(());
            }
            // Closing over what the client still sends would reset the connection, and take the goodbye with it.
            let mut socket = self.socket.into_inner();
            socket.shutdown().await?;
            copy(&mut socket, &mut sink()).await?;
            Ok::<(), Error>(())
        };
        // Whether the client took part makes no difference any more.
        let _ = timeout(GOODBYE, goodbye).await;
    }

    /// Writes what the socket takes; tells whether there may be more.
    async fn write_some(&mut self) -> Result<bool, Error> {
        if !self.is_within_frame && (self.has_control || self.queue.is_empty()) {
            self.socket.flush().await?;
            self.has_control = false;
        }
        if self.queue.is_empty() {
            return Ok(false);
        }
        let Self { socket, queue, .. } = self;
        let written = poll_fn(|context| {
            if let (1, Some(frame)) = (queue.len(), queue.front()) {
                // A vectored write costs more in the kernel, and most often there is one frame.
                return Pin::new(socket.get_mut()).poll_write(context, frame);
            }
            let mut slices = [IoSlice::new(&[]); MAX_FRAMES];
            let count = queue.len().min(MAX_FRAMES);
            for (slice, frame) in slices.iter_mut().zip(queue.iter()) {
                *slice = IoSlice::new(frame);
            }
            Pin::new(socket.get_mut()).poll_write_vectored(context, &slices[..count])
        });
        let written = written.await?;
        if written == 0 {
            return Err(io::Error::from(io::ErrorKind::WriteZero).into());
        }
        self.note_written(written);
        Ok(!self.queue.is_empty())
    }

    fn note_written(&mut self, mut written: usize) {
        self.sent.bytes += written as u64;
        self.queued_bytes = self.queued_bytes.saturating_sub(written);
        self.is_within_frame = false;
        while written > 0
            && let Some(frame) = self.queue.front_mut()
        {
            if written < frame.len() {
                frame.advance(written);
                self.is_within_frame = true;
                return;
            }
            written -= frame.len();
            self.sent.messages += 1;
            self.queue.pop_front();
        }
    }
}
