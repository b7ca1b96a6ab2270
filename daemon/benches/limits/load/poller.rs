//! Which of many sockets have something for their clients.

use mio::{Events, Interest, Poll, Token, event::Event, net::TcpStream};
use std::{io, time::Duration};

const EVENTS_AT_ONCE: usize = 1024;

pub(super) struct Poller {
    poll: Poll,
    ready: Events,
}

impl Poller {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { poll: Poll::new()?, ready: Events::with_capacity(EVENTS_AT_ONCE) })
    }

    /// From now on tells about this socket, whenever there is something new.
    pub(super) fn watch(&self, socket: &mut TcpStream, token: usize, interest: Interest) -> io::Result<()> {
        self.poll.registry().register(socket, Token(token), interest)
    }

    /// Tells nothing about it any more.
    pub(super) fn forget(&self, socket: &mut TcpStream) -> io::Result<()> {
        self.poll.registry().deregister(socket)
    }

    /// Waits until any is ready, but not longer than this.
    pub(super) fn wait(&mut self, timeout: Duration) -> io::Result<()> {
        loop {
            match self.poll.poll(&mut self.ready, Some(timeout)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                polled => return polled,
            }
        }
    }

    /// Those that the last wait has found.
    pub(super) fn ready(&self) -> impl Iterator<Item = &Event> {
        self.ready.iter()
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.ready.is_empty()
    }
}
