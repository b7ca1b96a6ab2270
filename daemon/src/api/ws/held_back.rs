//! A socket on which the answer to a handshake waits for the stream's first messages, so that all of it goes out at once: a
//! client that opens a stream for each of its orders wakes up once less, and so does the network.

use super::Handover;
use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A socket that holds back what is written from when a stream was left in its handover until that is taken. From then on it
/// goes out before anything else, with the first write or flush.
pub(in crate::api) struct HeldBack<S> {
    socket: S,
    handover: Handover,
    held: Vec<u8>,
}

impl<S: AsyncWrite + Unpin> HeldBack<S> {
    pub(in crate::api) fn new(socket: S, handover: Handover) -> Self {
        Self { socket, handover, held: Vec::new() }
    }

    /// Writes what is held back, and with it as much as goes of this; gives how much of this was written.
    fn poll_write_all_held(
        &mut self,
        context: &mut Context<'_>,
        more: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        loop {
            let mut slices = Vec::with_capacity(1 + more.len());
            slices.push(IoSlice::new(&self.held));
            slices.extend_from_slice(more);
            let written = ready!(Pin::new(&mut self.socket).poll_write_vectored(context, &slices))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            let of_held = written.min(self.held.len());
            self.held.drain(..of_held);
            if self.held.is_empty() {
                self.held = Vec::new();
                return Poll::Ready(Ok(written - of_held));
            }
        }
    }

    fn poll_write_held(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.held.is_empty() {
            true => Poll::Ready(Ok(())),
            false => self.poll_write_all_held(context, &[]).map_ok(drop),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for HeldBack<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for HeldBack<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.handover.is_left() {
            slices.iter().for_each(|slice| self.held.extend_from_slice(slice));
            return Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()));
        }
        if !self.held.is_empty() {
            let written = ready!(self.poll_write_all_held(context, slices))?;
            if written > 0 {
                return Poll::Ready(Ok(written));
            }
        }
        match slices {
            // A vectored write costs more in the kernel.
            [one] => Pin::new(&mut self.socket).poll_write(context, one),
            many => Pin::new(&mut self.socket).poll_write_vectored(context, many),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.handover.is_left() {
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_write_held(context))?;
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_write_held(context))?;
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt as _;

    /// A socket that takes at most so much at once, and knows what it took.
    struct Taken {
        writes: Vec<Vec<u8>>,
        most: usize,
    }

    impl AsyncWrite for Taken {
        fn poll_write(
            self: Pin<&mut Self>,
            context: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.poll_write_vectored(context, &[IoSlice::new(bytes)])
        }

        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            _context: &mut Context<'_>,
            slices: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            let mut bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
            bytes.truncate(self.most);
            let count = bytes.len();
            self.writes.push(bytes);
            Poll::Ready(Ok(count))
        }

        fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// A socket on which the answer to a handshake was written and flushed, and whose stream was taken then.
    async fn answered(most: usize) -> HeldBack<Taken> {
        let handover = Handover::of(([127, 0, 0, 1], 1).into());
        let mut socket = HeldBack::new(Taken { writes: Vec::new(), most }, handover.clone());
        handover.put(|_| async {});
        socket.write_all(b"answer ").await.unwrap();
        socket.flush().await.unwrap();
        assert!(socket.socket.writes.is_empty());
        handover.take().unwrap().await;
        socket
    }

    #[tokio::test]
    async fn what_is_written_while_a_stream_is_left_goes_out_at_once_with_its_first_message() {
        let mut socket = answered(usize::MAX).await;
        socket.write_all(b"greeting").await.unwrap();
        socket.write_all(b"!").await.unwrap();
        socket.flush().await.unwrap();
        assert_eq!(socket.socket.writes, [b"answer greeting".to_vec(), b"!".to_vec()]);
    }

    #[tokio::test]
    async fn nothing_is_lost_or_doubled_wherever_a_write_ends() {
        for most in 1..=16 {
            let mut socket = answered(most).await;
            socket.write_all(b"greeting").await.unwrap();
            assert_eq!(socket.socket.writes.concat(), b"answer greeting", "{most} at once");
        }
    }

    #[tokio::test]
    async fn a_stream_that_says_nothing_has_its_answer_out_with_a_flush_or_its_end() {
        let mut flushed = answered(3).await;
        flushed.flush().await.unwrap();
        let mut ended = answered(3).await;
        ended.shutdown().await.unwrap();
        for socket in [flushed, ended] {
            assert_eq!(socket.socket.writes.concat(), b"answer ");
        }
    }
}
