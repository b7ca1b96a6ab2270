//! A socket on which the answer to a handshake waits for the stream's first messages, so that all of it goes out at once: a
//! client that opens a stream for each of its orders wakes up once less, and so does the network.

use super::{linger::Lingering, ws::Handover};
use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A socket that holds back what is written from when a stream was left in its handover until that is taken. From then on it
/// goes out before anything else, with the first write or flush.
pub(super) struct HeldBack {
    socket: Lingering,
    handover: Handover,
    held: Vec<u8>,
}

impl HeldBack {
    pub(super) fn new(socket: Lingering, handover: Handover) -> Self {
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

impl AsyncRead for HeldBack {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl AsyncWrite for HeldBack {
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
    use std::{io::Read as _, net::TcpStream};
    use tokio::{io::AsyncWriteExt as _, net::TcpListener};

    async fn pair() -> (HeldBack, Handover, TcpStream) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (socket, peer) = listener.accept().await.unwrap();
        let handover = Handover::of(peer);
        (HeldBack::new(Lingering::new(socket), handover.clone()), handover, client)
    }

    /// What has come so far.
    fn arrived(client: &mut TcpStream) -> Vec<u8> {
        client.set_nonblocking(true).unwrap();
        let mut bytes = vec![0; 1024];
        let count = client.read(&mut bytes).unwrap_or_default();
        client.set_nonblocking(false).unwrap();
        bytes.truncate(count);
        bytes
    }

    fn rest(client: &mut TcpStream) -> String {
        let mut rest = String::new();
        client.read_to_string(&mut rest).unwrap();
        rest
    }

    #[tokio::test]
    async fn what_is_written_while_a_stream_is_left_goes_out_with_its_first_message() {
        let (mut socket, handover, mut client) = pair().await;
        handover.put(|_| async {});
        socket.write_all(b"answer ").await.unwrap();
        socket.flush().await.unwrap();
        assert!(arrived(&mut client).is_empty());
        handover.take().unwrap().await;
        socket.write_all(b"greeting").await.unwrap();
        socket.write_all(b"!").await.unwrap();
        drop(socket);
        assert_eq!(rest(&mut client), "answer greeting!");
    }

    #[tokio::test]
    async fn a_stream_that_says_nothing_has_its_answer_out_with_a_flush_or_its_end() {
        for ends in [false, true] {
            let (mut socket, handover, mut client) = pair().await;
            handover.put(|_| async {});
            socket.write_all(b"answer").await.unwrap();
            handover.take().unwrap().await;
            match ends {
                false => socket.flush().await.unwrap(),
                true => socket.shutdown().await.unwrap(),
            }
            let mut answer = [0; 6];
            client.read_exact(&mut answer).unwrap();
            assert_eq!(&answer, b"answer");
        }
    }
}
