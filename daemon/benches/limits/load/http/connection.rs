//! One client: a connection, and the request that it waits for.

use super::{Asking, Response, response};
use crate::{
    clock::{self, Nanos},
    load::socket,
};
use anyhow::{bail, ensure};
use mio::net::TcpStream;
use std::{
    io::{self, Read, Write},
    mem,
    net::SocketAddr,
};

pub(in crate::load) struct Connection {
    pub(in crate::load) socket: TcpStream,
    state: State,
    /// The beginning of an answer that has not come as a whole.
    unread: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Free,
    /// For the answer to what was asked then.
    Waiting(Nanos),
    /// The server has gone.
    Lost,
}

/// What has become of a client's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::load) enum Heard {
    /// Nothing yet.
    Nothing,
    /// It was answered, after so long.
    Answer(Nanos),
    /// It will not be answered: the server has gone.
    End,
}

impl Connection {
    pub(in crate::load) fn connect(to: SocketAddr) -> io::Result<Self> {
        Ok(Self { socket: socket::connected(to)?, state: State::Free, unread: Vec::new() })
    }

    /// Sends the next request, if there is one and a server; whether an answer is to be waited for.
    pub(in crate::load) fn ask(&mut self, asking: &mut Asking<'_>) -> io::Result<bool> {
        if self.state == State::Lost {
            return Ok(false);
        }
        let Some(request) = asking.next() else {
            return Ok(false);
        };
        self.state = State::Waiting(clock::now());
        match self.socket.write_all(request) {
            Err(error) if has_gone(&error) => {
                self.state = State::Lost;
                Ok(false)
            }
            // It is short, and nothing else is under way: there is room for it.
            written => written.map(|()| true),
        }
    }

    /// Reads what is there, through a buffer that all clients share.
    pub(in crate::load) fn hear(
        &mut self,
        buffer: &mut [u8],
        mut hear: impl FnMut(&Response<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<Heard> {
        loop {
            let read = match self.socket.read(buffer) {
                Ok(0) => return Ok(self.end()),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Heard::Nothing),
                Err(error) if has_gone(&error) => return Ok(self.end()),
                Err(error) => return Err(error.into()),
            };
            let kept = mem::take(&mut self.unread);
            let joined = (!kept.is_empty()).then(|| [&kept, &buffer[..read]].concat());
            let bytes = joined.as_deref().unwrap_or(&buffer[..read]);
            let Some((response, length)) = response::read(bytes)? else {
                self.unread = bytes.to_vec();
                continue;
            };
            let State::Waiting(asked) = mem::replace(&mut self.state, State::Free) else {
                bail!("answered without having been asked");
            };
            ensure!(length == bytes.len(), "more was answered than was asked");
            hear(&response)?;
            return Ok(Heard::Answer(clock::now() - asked));
        }
    }

    pub(in crate::load) fn is_lost(&self) -> bool {
        self.state == State::Lost
    }

    fn end(&mut self) -> Heard {
        match mem::replace(&mut self.state, State::Lost) {
            State::Waiting(_) => Heard::End,
            State::Free | State::Lost => Heard::Nothing,
        }
    }
}

fn has_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
}
