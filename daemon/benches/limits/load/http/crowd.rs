//! Many clients in one thread.

use super::{
    Asking, Response,
    connection::{Connection, Heard},
};
use crate::{
    clock::{self, Nanos},
    load::{BUFFER_BYTES, poller::Poller},
};
use anyhow::ensure;
use mio::Interest;
use std::{io, net::SocketAddr, time::Duration};

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Clients, each of which asks again when it has its answer.
pub(crate) struct Crowd {
    poller: Poller,
    buffer: Vec<u8>,
    clients: Vec<Connection>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// From the first request to the last answer.
    pub(crate) took: Nanos,
    /// Of each answer.
    pub(crate) latencies: Vec<Nanos>,
    /// Clients whose connection the server has ended.
    pub(crate) lost: usize,
}

impl Crowd {
    /// So many clients, all connected.
    pub(crate) fn connect(to: SocketAddr, clients: usize) -> io::Result<Self> {
        let (poller, buffer) = (Poller::new()?, vec![0; BUFFER_BYTES]);
        let mut crowd = Self { poller, buffer, clients: Vec::new() };
        for number in 0..clients {
            let mut client = Connection::connect(to)?;
            crowd.poller.watch(&mut client.socket, number, Interest::READABLE)?;
            crowd.clients.push(client);
        }
        Ok(crowd)
    }

    /// Asks all of it, and waits for every answer.
    ///
    /// # Errors
    /// When `hear` does not like an answer, or a client loses its connection.
    pub(crate) fn run(
        &mut self,
        asking: Asking<'_>,
        hear: impl FnMut(&Response<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<Asked> {
        let asked = self.run_while_connected(asking, hear)?;
        ensure!(asked.lost == 0, "the server has closed {} connections", asked.lost);
        Ok(asked)
    }

    /// The same, but a client that loses its connection just asks no more.
    pub(crate) fn run_while_connected(
        &mut self,
        mut asking: Asking<'_>,
        mut hear: impl FnMut(&Response<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<Asked> {
        let (began, mut asked, mut waiting) = (clock::now(), Asked::default(), 0);
        for client in &mut self.clients {
            waiting += usize::from(client.ask(&mut asking)?);
        }
        while waiting > 0 {
            self.poller.wait(PATIENCE)?;
            ensure!(!self.poller.is_quiet(), "no answer within {PATIENCE:?}");
            for event in self.poller.ready() {
                let client = &mut self.clients[event.token().0];
                match client.hear(&mut self.buffer, &mut hear)? {
                    Heard::Nothing => continue,
                    Heard::Answer(latency) => asked.latencies.push(latency),
                    Heard::End => {}
                }
                waiting -= 1;
                waiting += usize::from(client.ask(&mut asking)?);
            }
        }
        asked.took = clock::now() - began;
        asked.lost = self.clients.iter().filter(|client| client.is_lost()).count();
        Ok(asked)
    }

    /// What is answered to one request.
    pub(crate) fn fetch(&mut self, request: Vec<u8>) -> anyhow::Result<Vec<u8>> {
        let mut body = Vec::new();
        self.run(Asking::each(&[request]), |response| {
            response.expect(200)?;
            body = response.body.to_vec();
            Ok(())
        })?;
        Ok(body)
    }

    /// Does nothing for some time.
    pub(crate) fn rest(&mut self, time: Duration) -> io::Result<()> {
        self.poller.wait(time)
    }
}
