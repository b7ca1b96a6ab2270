//! One connection of the socket: what the daemon said of itself, and which subscriptions it was asked for.

use super::socket::Socket;
use crate::wire::{ClientMessage, Connection, Subscribe};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::time::Instant;

/// Messages within one heartbeat. The daemon closes connections that send more than 60, and its heartbeat begins at another
/// time.
const MOST_MESSAGES: u32 = 30;
/// How long a daemon may take to greet.
const GREETING_PATIENCE: Duration = Duration::from_secs(10);
/// Heartbeats without any sign of life after which the cache counts as stale, and the connection as lost.
const STALE_HEARTBEATS: u32 = 2;
const LOST_HEARTBEATS: u32 = 3;

/// One connection.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) socket: Socket,
    pub(super) greeting: Option<Greeting>,
    /// Subscriptions that were asked for and not ended.
    pub(super) names: BTreeSet<String>,
    pub(super) orders: Orders,
    pub(super) cursors: Cursors,
    /// When to ask how far a replay is.
    pub(super) probe_at: Option<Instant>,
    heard: Instant,
    budget: Budget,
}

/// What the daemon said first.
#[derive(Clone, Debug)]
pub(super) struct Greeting {
    pub(super) epoch: Arc<str>,
    /// The last event of all at that time: who has come so far has caught up.
    pub(super) cursor: u64,
    pub(super) max_filter_ids: usize,
    heartbeat: Duration,
}

/// How far the subscription that feeds the cache is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Orders {
    /// It is not answered yet.
    Asked,
    /// What was missed comes, event by event.
    Replaying,
    /// A snapshot comes.
    Snapshot,
    /// It is where the daemon is.
    Current,
}

/// What tells how far the subscription that feeds the cache is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cursors {
    /// Its events, and signs of life.
    OfEvents,
    /// Signs of life only: events come of other subscriptions too, and do not tell of which they are.
    OfSigns,
}

#[derive(Debug)]
struct Budget {
    from: Instant,
    spent: u32,
}

impl Session {
    pub(super) fn new(socket: Socket) -> Self {
        let now = Instant::now();
        Self {
            socket,
            greeting: None,
            names: BTreeSet::new(),
            orders: Orders::Asked,
            cursors: Cursors::OfEvents,
            probe_at: None,
            heard: now,
            budget: Budget { from: now, spent: 0 },
        }
    }

    /// The daemon has spoken for the first time.
    pub(super) fn greeted(&mut self, connection: &Connection) {
        self.greeting = Some(Greeting {
            epoch: connection.epoch.as_str().into(),
            cursor: connection.cursor,
            max_filter_ids: usize::try_from(connection.limits.max_filter_ids).unwrap_or(usize::MAX).max(1),
            heartbeat: Duration::from_millis(connection.heartbeat_ms.max(1)),
        });
    }

    pub(super) fn heard(&mut self) {
        self.heard = Instant::now();
    }

    /// Whether nothing was heard for so long that the cache cannot be trusted; if so, for how long at least.
    pub(super) fn silence(&self) -> Option<Duration> {
        let patience = self.greeting.as_ref()?.heartbeat * STALE_HEARTBEATS;
        (self.heard.elapsed() >= patience).then_some(patience)
    }

    /// When silence makes the cache stale; none when it has.
    pub(super) fn stale_at(&self) -> Option<Instant> {
        let at = self.heard + self.greeting.as_ref()?.heartbeat * STALE_HEARTBEATS;
        (at > Instant::now()).then_some(at)
    }

    /// How much silence makes the connection lost.
    pub(super) fn patience(&self) -> Duration {
        self.greeting.as_ref().map_or(GREETING_PATIENCE, |greeting| greeting.heartbeat * LOST_HEARTBEATS)
    }

    /// When that is.
    pub(super) fn lost_at(&self) -> Instant {
        self.heard + self.patience()
    }

    /// Begins a subscription, unless too much was said already. Whether it could.
    pub(super) fn subscribe(&mut self, subscribe: Subscribe) -> Said {
        let name = subscribe.id.clone();
        let said = self.say(ClientMessage::Subscribe(subscribe));
        if said == Said::Yes {
            self.names.insert(name);
        }
        said
    }

    /// Ends a subscription, likewise.
    pub(super) fn unsubscribe(&mut self, name: &str) -> Said {
        let said = self.say(ClientMessage::Unsubscribe { id: name.to_owned() });
        if said == Said::Yes {
            self.names.remove(name);
        }
        said
    }

    /// Asks how far the daemon is with what it sends.
    pub(super) fn probe(&mut self) -> Said {
        self.say(ClientMessage::Ping)
    }

    /// When more may be said again.
    pub(super) fn may_say_at(&self) -> Instant {
        let heartbeat = self.greeting.as_ref().map(|greeting| greeting.heartbeat);
        self.budget.from + heartbeat.unwrap_or(GREETING_PATIENCE)
    }

    fn say(&mut self, message: ClientMessage) -> Said {
        let now = Instant::now();
        if now >= self.may_say_at() {
            self.budget = Budget { from: now, spent: 0 };
        }
        if self.budget.spent >= MOST_MESSAGES {
            return Said::Later;
        }
        self.budget.spent += 1;
        self.socket.say(message);
        Said::Yes
    }
}

/// Whether a message could be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// It is on its way.
    Yes,
    /// Too many were sent lately.
    Later,
}
