//! A server with its clients, and what can be done to both.

use crate::{
    clock::Nanos,
    load::{Aim, Fleet, Path, Reading, Resume, Subscribing},
    server::{Child, Kind, Launch},
};
use std::{rc::Rc, time::Duration};

/// Connects at a time, so that nobody is refused while a session is set up.
const JOIN_AT_A_TIME: usize = 250;
/// Between two events: the machine comes to rest.
const PAUSE: Duration = Duration::from_millis(10);

/// Orders that take turns in having events, where clients follow all.
const LIVES: usize = 64;

/// How events are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// On the path of one order.
    Order,
    /// On the stream of many subscriptions, all orders.
    Stream,
    /// On the stream of many subscriptions, one order.
    StreamOfOne,
    /// On the reference.
    Bare,
}

/// A server with its clients.
pub(super) struct Session {
    pub(super) server: Child,
    pub(super) fleet: Fleet,
    /// Clients that read.
    pub(super) readers: usize,
}

/// The ways on which the daemon's clients follow.
pub(super) const OURS: [Way; 2] = [Way::Order, Way::Stream];

impl Way {
    /// As the report calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Stream => "stream",
            Self::StreamOfOne => "stream of one",
            Self::Bare => "bare",
        }
    }

    pub(super) fn launch(self) -> Launch {
        let (kind, orders) = match self {
            Self::Order | Self::StreamOfOne => (Kind::Daemon, 1),
            Self::Stream => (Kind::Daemon, LIVES),
            Self::Bare => (Kind::Bare, LIVES),
        };
        Launch { kind, orders, send_buffer: None }
    }

    /// Follows the order with this number, or whatever comes.
    pub(super) fn aim(self, server: &Child, order: usize) -> Aim {
        let stream = |ids| Path::Stream(Subscribing { ids, epoch: server.epoch.clone() });
        let path = match self {
            Self::Order => Path::Order(server.orders[order].clone()),
            Self::Stream => stream(Vec::new()),
            Self::StreamOfOne => stream(vec![server.orders[order].clone()]),
            Self::Bare => Path::Bare,
        };
        Aim { address: server.address, path, resume: Resume::Afresh, reading: Reading::Always }
    }
}

impl Session {
    /// A server without clients.
    pub(super) fn start(launch: &Launch) -> anyhow::Result<Self> {
        Ok(Self { server: Child::start(launch)?, fleet: Fleet::new()?, readers: 0 })
    }

    /// A server and so many clients who follow the same order.
    pub(super) fn of(way: Way, clients: usize) -> anyhow::Result<Self> {
        let mut session = Self::start(&way.launch())?;
        let aim = Rc::new(way.aim(&session.server, 0));
        session.join(&vec![aim; clients])?;
        Ok(session)
    }

    /// More clients, all of which read.
    pub(super) fn join(&mut self, aims: &[Rc<Aim>]) -> anyhow::Result<()> {
        self.readers += aims.len();
        self.fleet.join(aims, JOIN_AT_A_TIME)
    }

    /// More clients, none of which reads.
    pub(super) fn join_stalled(&mut self, aims: &[Rc<Aim>]) -> anyhow::Result<()> {
        self.fleet.join(aims, JOIN_AT_A_TIME)
    }

    /// Publishes so many events at once; how long until every client that reads has the last of them.
    pub(super) fn burst(&mut self, events: usize) -> anyhow::Result<Nanos> {
        let arrivals = self.arrivals(events)?;
        Ok(arrivals.last().copied().unwrap_or_default())
    }

    /// Publishes one event; how long until each client that reads has it, the first one first.
    pub(super) fn pulse(&mut self) -> anyhow::Result<Vec<Nanos>> {
        let arrivals = self.arrivals(1)?;
        self.fleet.run_for(PAUSE)?;
        Ok(arrivals)
    }

    fn arrivals(&mut self, events: usize) -> anyhow::Result<Vec<Nanos>> {
        self.server.prepare(events)?;
        self.fleet.set_goal(self.server.cursor + events as u64);
        self.server.publish(events)?;
        self.fleet.run_to_goal(self.readers)?;
        let published = self.server.published_at()?;
        Ok(self.fleet.tally.arrivals.iter().map(|arrival| arrival.saturating_sub(published)).collect())
    }
}
