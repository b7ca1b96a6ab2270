//! A socket that is closed so that the last reply arrives.
//!
//! A reply may go out before its request was read to the end: the body is too large, the head makes no sense.
//! Closing then makes the kernel reset the connection, and the reply is lost on its way. So what the client still
//! sends is read and thrown away, within bounds, before the socket goes.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

/// What is thrown away at the most.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// How long a client may go on sending.
const MAX_TIME: Duration = Duration::from_secs(2);

/// A socket that lingers when it is shut down while the client is still sending.
pub(super) struct Lingering {
    socket: TcpStream,
    state: State,
}

enum State {
    Open,
    /// Shut down for writing.
    Shut,
    /// The client was still sending after that.
    Draining {
        bytes: usize,
        deadline: Pin<Box<Sleep>>,
    },
}

impl Lingering {
    pub(super) fn new(socket: TcpStream) -> Self {
        let state = State::Open;
        Self { socket, state }
    }

    /// Reads and throws away; done when the client ends, or has nothing under way, or exceeds the bounds.
    fn poll_drain(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut waste = [0; 16 * 1024];
        loop {
            let mut waste = ReadBuf::new(&mut waste);
            let read = Pin::new(&mut self.socket).poll_read(context, &mut waste);
            let bytes = waste.filled().len();
            match (read, &mut self.state) {
                (Poll::Ready(Ok(())), State::Draining { bytes: before, .. }) if bytes > 0 => *before += bytes,
                (Poll::Ready(Ok(())), _) if bytes > 0 => {
                    let deadline = Box::pin(sleep(MAX_TIME));
                    self.state = State::Draining { bytes, deadline };
                }
                (Poll::Pending, State::Draining { deadline, .. }) => return deadline.as_mut().poll(context),
                (Poll::Ready(_) | Poll::Pending, _) => return Poll::Ready(()),
            }
            if matches!(&self.state, State::Draining { bytes, .. } if *bytes > MAX_BYTES) {
                return Poll::Ready(());
            }
        }
    }
}

impl AsyncRead for Lingering {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl AsyncWrite for Lingering {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if matches!(this.state, State::Open) {
            ready!(Pin::new(&mut this.socket).poll_shutdown(context))?;
            this.state = State::Shut;
        }
        this.poll_drain(context).map(Ok)
    }
}
