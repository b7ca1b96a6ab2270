//! Clients that hand in orders, and follow each on its own path until it is over.

use super::{
    Aim, Asking, BUFFER_BYTES, Path, Reading, Response, Resume, Tally,
    client::Client,
    http::{Connection, Heard},
    poller::Poller,
};
use crate::clock::{self, Nanos};
use anyhow::ensure;
use mio::{Interest, event::Event};
use std::{io, net::SocketAddr, rc::Rc, time::Duration};

/// No life has a longer pause.
const PATIENCE: Duration = Duration::from_secs(30);

/// Such clients, all in one thread.
pub(crate) struct Lives {
    server: SocketAddr,
    poller: Poller,
    buffer: Vec<u8>,
    traders: Vec<Trader>,
    tally: Tally,
}

/// One of them.
struct Trader {
    /// Here it hands in its orders. This stays.
    desk: Connection,
    /// Here it follows the one that is not over.
    follower: Option<Client>,
    began: Nanos,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Lived {
    /// From the first order's beginning to the last one's end.
    pub(crate) took: Nanos,
    /// Of each order, from before it was handed in until its last event was read.
    pub(crate) latencies: Vec<Nanos>,
}

impl Lives {
    pub(crate) fn connect(server: SocketAddr, clients: usize) -> io::Result<Self> {
        let (poller, buffer) = (Poller::new()?, vec![0; BUFFER_BYTES]);
        let mut lives = Self { server, poller, buffer, traders: Vec::new(), tally: Tally::default() };
        for number in 0..clients {
            let mut desk = Connection::connect(server)?;
            lives.poller.watch(&mut desk.socket, desk_of(number), Interest::READABLE)?;
            lives.traders.push(Trader { desk, follower: None, began: 0 });
        }
        Ok(lives)
    }

    /// Hands in all of it, each client the next order when its last one is over. `accepted` reads an order's id.
    pub(crate) fn run(
        &mut self,
        mut asking: Asking<'_>,
        accepted: fn(&Response<'_>) -> anyhow::Result<String>,
    ) -> anyhow::Result<Lived> {
        let (began, mut lived, mut living) = (clock::now(), Lived::default(), 0);
        for trader in &mut self.traders {
            living += usize::from(trader.begin(&mut asking)?);
        }
        while living > 0 {
            self.poller.wait(PATIENCE)?;
            ensure!(!self.poller.is_quiet(), "no order goes on within {PATIENCE:?}");
            for event in self.poller.ready() {
                let number = event.token().0 / 2;
                let trader = &mut self.traders[number];
                if event.token().0 == desk_of(number) {
                    if let Some(id) = trader.hear(&mut self.buffer, accepted)? {
                        let follower = trader.follower.insert(follow(self.server, id)?);
                        let interest = Interest::READABLE | Interest::WRITABLE;
                        self.poller.watch(&mut follower.socket, stream_of(number), interest)?;
                    }
                } else if trader.follow(event, &mut self.buffer, &mut self.tally)? {
                    lived.latencies.push(clock::now() - trader.began);
                    living -= usize::from(!trader.begin(&mut asking)?);
                }
            }
        }
        lived.took = clock::now() - began;
        Ok(lived)
    }
}

impl Trader {
    /// Hands in the next order, if there is one.
    fn begin(&mut self, asking: &mut Asking<'_>) -> io::Result<bool> {
        self.began = clock::now();
        self.desk.ask(asking)
    }

    /// The id of its order, once that is answered.
    fn hear(
        &mut self,
        buffer: &mut [u8],
        accepted: fn(&Response<'_>) -> anyhow::Result<String>,
    ) -> anyhow::Result<Option<String>> {
        let mut id = None;
        let heard = self.desk.hear(buffer, |response| {
            id = Some(accepted(response)?);
            Ok(())
        })?;
        ensure!(heard != Heard::End, "the server has closed the connection");
        Ok(id)
    }

    /// Reads on. Whether its order is over now: it follows nothing then.
    fn follow(&mut self, event: &Event, buffer: &mut [u8], tally: &mut Tally) -> anyhow::Result<bool> {
        // What is still to be told of a stream that was left is of no interest.
        let Some(follower) = &mut self.follower else {
            return Ok(false);
        };
        if event.is_writable() {
            follower.on_writable()?;
        }
        if event.is_readable() {
            follower.on_readable(buffer, tally)?;
        }
        let is_over = follower.is_over;
        if is_over {
            self.follower = None;
        }
        Ok(is_over)
    }
}

fn follow(server: SocketAddr, id: String) -> anyhow::Result<Client> {
    let (path, resume, reading) = (Path::Order(id), Resume::Afresh, Reading::Always);
    Client::connect(Rc::new(Aim { address: server, path, resume, reading }))
}

/// By which its connection is told.
fn desk_of(trader: usize) -> usize {
    2 * trader
}

/// By which its stream is told.
fn stream_of(trader: usize) -> usize {
    2 * trader + 1
}
