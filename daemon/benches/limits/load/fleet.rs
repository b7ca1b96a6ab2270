//! Many clients in one thread.

use super::{
    Aim, BUFFER_BYTES, Tally,
    client::{Client, Wish},
    poller::Poller,
};
use anyhow::{Context, bail};
use mio::Interest;
use std::{
    io,
    rc::Rc,
    time::{Duration, Instant},
};

/// Nothing here takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Clients that follow events, each with an eye on its own order of them.
pub(crate) struct Fleet {
    poller: Poller,
    buffer: Vec<u8>,
    clients: Vec<Client>,
    pub(crate) tally: Tally,
}

impl Fleet {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            poller: Poller::new()?,
            buffer: vec![0; BUFFER_BYTES],
            clients: Vec::new(),
            tally: Tally::default(),
        })
    }

    /// Lets these clients connect, so many at a time, and waits until all are greeted.
    pub(crate) fn join(&mut self, aims: &[Rc<Aim>], at_a_time: usize) -> anyhow::Result<()> {
        for aims in aims.chunks(at_a_time) {
            for aim in aims {
                self.clients.push(Client::connect(Rc::clone(aim))?);
                self.watch(self.clients.len() - 1)?;
            }
            let all = self.clients.len();
            self.run_until(|tally| tally.greeted == all).context("while connecting")?;
        }
        Ok(())
    }

    /// Closes every connection and opens it again, all at once. Does not wait.
    pub(crate) fn reconnect(&mut self, aim: &Rc<Aim>) -> anyhow::Result<()> {
        self.tally.greeted = 0;
        for number in 0..self.clients.len() {
            self.clients[number].reconnect(Rc::clone(aim))?;
            self.watch(number)?;
        }
        Ok(())
    }

    fn watch(&mut self, number: usize) -> io::Result<()> {
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poller.watch(&mut self.clients[number].socket, number, interest)
    }

    /// From now on those are counted that have seen the event with this number.
    pub(crate) fn set_goal(&mut self, goal: u64) {
        let reached = self.clients.iter().filter(|client| client.seen >= goal).count();
        self.tally.set_goal(goal, reached);
    }

    /// Reads until all of so many clients have seen the goal.
    pub(crate) fn run_to_goal(&mut self, clients: usize) -> anyhow::Result<()> {
        self.run_until(|tally| tally.reached >= clients)
    }

    /// Reads until this is true.
    pub(crate) fn run_until(&mut self, done: impl Fn(&Tally) -> bool) -> anyhow::Result<()> {
        let end = Instant::now() + PATIENCE;
        while !done(&self.tally) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                bail!("not within {PATIENCE:?}: {:?}", self.tally);
            }
            self.turn(left)?;
        }
        Ok(())
    }

    /// Reads what comes within this time.
    pub(crate) fn run_for(&mut self, time: Duration) -> anyhow::Result<()> {
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            self.turn(left)?;
        }
    }

    fn turn(&mut self, timeout: Duration) -> anyhow::Result<()> {
        self.poller.wait(timeout)?;
        for event in self.poller.ready() {
            let number = event.token().0;
            let client = &mut self.clients[number];
            let name = || format!("client {number}");
            if event.is_writable() {
                client.on_writable().with_context(name)?;
            }
            if event.is_readable()
                && client.on_readable(&mut self.buffer, &mut self.tally).with_context(name)? == Wish::Forget
            {
                self.poller.forget(&mut client.socket)?;
            }
        }
        Ok(())
    }
}
