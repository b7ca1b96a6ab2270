//! One client: a socket, and how far it has seen.

use super::{
    Aim, Reading, Tally,
    aim::{Path, Resume},
    frame::{self, Frame},
    socket,
};
use anyhow::{Context, bail};
use mio::net::TcpStream;
use std::{
    io::{self, Read, Write},
    mem,
    rc::Rc,
};

pub(super) struct Client {
    pub(super) socket: TcpStream,
    aim: Rc<Aim>,
    state: State,
    /// The beginning of what has not come as a whole yet.
    unread: Vec<u8>,
    /// The `seq` or `cursor` of the last event.
    pub(super) seen: u64,
    /// Whether the order that it follows has been executed, for good.
    pub(super) is_over: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Connecting,
    Upgrading,
    /// Greeted or not yet.
    Open,
    Stalled,
}

/// What the poller should do about a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Go,
    /// Never tell it anything again.
    Forget,
}

impl Client {
    pub(super) fn connect(aim: Rc<Aim>) -> anyhow::Result<Self> {
        let socket = socket::connect(aim.address, aim.reading)?;
        Ok(Self { socket, aim, state: State::Connecting, unread: Vec::new(), seen: 0, is_over: false })
    }

    /// Connects anew, and goes on from what it has seen.
    pub(super) fn reconnect(&mut self, aim: Rc<Aim>) -> anyhow::Result<()> {
        self.socket = socket::connect(aim.address, aim.reading)?;
        if aim.resume == Resume::Afresh {
            self.seen = 0;
        }
        (self.aim, self.state) = (aim, State::Connecting);
        self.unread.clear();
        Ok(())
    }

    pub(super) fn on_writable(&mut self) -> anyhow::Result<()> {
        if self.state != State::Connecting {
            return Ok(());
        }
        if let Some(error) = self.socket.take_error()? {
            return Err(error).context("cannot connect");
        }
        self.state = State::Upgrading;
        Ok(self.socket.write_all(self.aim.request(self.seen).as_bytes())?)
    }

    /// Reads what is there, through a buffer that all clients share.
    pub(super) fn on_readable(&mut self, buffer: &mut [u8], tally: &mut Tally) -> anyhow::Result<Wish> {
        while self.state != State::Stalled {
            let read = match self.socket.read(buffer) {
                Ok(0) => bail!("the server has closed the connection"),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Wish::Go),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            tally.read(read);
            self.take(&buffer[..read], tally)?;
            if read < buffer.len() {
                return Ok(Wish::Go);
            }
        }
        Ok(Wish::Forget)
    }

    fn take(&mut self, bytes: &[u8], tally: &mut Tally) -> anyhow::Result<()> {
        let mut kept = mem::take(&mut self.unread);
        let mut rest = match kept.is_empty() {
            true => bytes,
            false => {
                kept.extend_from_slice(bytes);
                &kept
            }
        };
        if self.state == State::Upgrading {
            let Some(end) = rest.windows(4).position(|window| window == b"\r\n\r\n") else {
                self.unread = rest.to_vec();
                return Ok(());
            };
            self.begin(&rest[..end])?;
            rest = &rest[end + 4..];
        }
        while let Some(frame) = frame::take(&mut rest) {
            self.hear(&frame, tally)?;
        }
        self.unread = rest.to_vec();
        Ok(())
    }

    fn begin(&mut self, head: &[u8]) -> anyhow::Result<()> {
        if !head.starts_with(b"HTTP/1.1 101 ") {
            bail!("refused: {}", String::from_utf8_lossy(head));
        }
        self.state = State::Open;
        if let Some(message) = self.aim.subscribe(self.seen) {
            self.socket.write_all(&message)?;
        }
        Ok(())
    }

    fn hear(&mut self, frame: &Frame<'_>, tally: &mut Tally) -> anyhow::Result<()> {
        let message = match frame {
            Frame::Text(message) => *message,
            Frame::Close => bail!("the server has said goodbye"),
            Frame::Other => return Ok(()),
        };
        match frame::kind(message) {
            b"subscribed" => self.greeted(message, tally)?,
            b"connection" | b"ping" => {}
            b"gap" | b"error" | b"failed" | b"cancelled" | b"expired" => {
                bail!("told {}", String::from_utf8_lossy(message))
            }
            kind => {
                self.event(message, tally)?;
                self.is_over = kind == b"finalized";
            }
        }
        Ok(())
    }

    fn greeted(&mut self, message: &[u8], tally: &mut Tally) -> anyhow::Result<()> {
        let cursor = frame::number(message, br#""cursor":"#).context("no cursor")?;
        match (&self.aim.path, self.aim.resume) {
            // What follows are the events after that one.
            (Path::Bare, _) | (Path::Stream(_), Resume::Afresh) => self.seen = cursor,
            (Path::Stream(_), Resume::FromLast) if !frame::has(message, br#""recovered":true"#) => {
                bail!("not resumed: {}", String::from_utf8_lossy(message))
            }
            // Its history follows, from the beginning or from what was seen.
            (Path::Stream(_), Resume::FromLast) | (Path::Order(_), _) => {}
        }
        tally.greeted += 1;
        if self.aim.reading == Reading::Stalls {
            self.state = State::Stalled;
        }
        Ok(())
    }

    /// Events come one by one, without a hole.
    fn event(&mut self, message: &[u8], tally: &mut Tally) -> anyhow::Result<()> {
        let number = frame::number(message, self.aim.member()).context("an event without a number")?;
        if number != self.seen + 1 {
            bail!("event {number} came after {}", self.seen);
        }
        self.seen = number;
        tally.event(number);
        Ok(())
    }
}
