//! How a coordinator stands to its daemon.

use crate::wire::GapReason;
use std::{fmt, sync::Arc, time::Duration};
use tokio::time::Instant;

/// How a coordinator stands to its daemon, and so how far its cache can be trusted.
#[derive(Clone, Debug)]
pub struct Link {
    /// In one word.
    pub phase: Phase,
    /// Since when it is so.
    pub since: Instant,
    /// What has led to it; none when all is well.
    pub why: Option<Why>,
    /// While the socket is down: when the next attempt to connect begins. None when only
    /// [`reconnect`](super::Coordinator::reconnect) begins one.
    pub next_attempt: Option<Instant>,
    /// The store of the daemon that cursors are of.
    pub epoch: Option<Arc<str>>,
    /// Everything up to this event of all is in the cache.
    pub cursor: Option<u64>,
    /// How many events of all the cache is behind what the daemon last said.
    pub lag: u64,
}

/// How far a cache can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// On the way to a first answer.
    Connecting,
    /// The cache is as the daemon is, but for what is on its way.
    Live,
    /// The daemon is there, but the cache is behind: nothing is heard, or what was missed is being fetched.
    Stale,
    /// The socket is down; the cache is as the daemon was at the last poll.
    Polling,
    /// The daemon is out of reach, or does not want this client.
    Down,
}

/// Why a coordinator does not simply stand [`Live`](Phase::Live).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// There is no connection to the daemon's address.
    #[error("{0}")]
    Unreachable(Arc<str>),
    /// The daemon refuses the connection or the subscription, with this code.
    #[error("{code}: {detail}")]
    Refused {
        /// Stable, for programs.
        code: Arc<str>,
        /// For people.
        detail: Arc<str>,
    },
    /// The daemon closed the connection; see docs/streaming.md for the codes.
    #[error("closed with {code}: {reason}")]
    Closed {
        /// The WebSocket close code.
        code: u16,
        /// For people.
        reason: Arc<str>,
    },
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(Arc<str>),
    /// The daemon announced its restart.
    #[error("the daemon restarts")]
    Restart,
    /// Nothing was heard for so long.
    #[error("nothing was heard for {0:?}")]
    Silent(Duration),
    /// What was missed is being replayed, or a snapshot is under way.
    #[error("catching up")]
    CatchingUp,
    /// The daemon announced a gap; what the cache holds is being looked up.
    #[error("after a gap ({})", Named(.0))]
    Gap(GapReason),
    /// Somebody asked for a new connection.
    #[error("asked to connect anew")]
    Asked,
    /// The coordinator has ended.
    #[error("the coordinator has ended")]
    Ended,
}

struct Named<'a>(&'a GapReason);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            GapReason::Epoch => "another store",
            GapReason::TooOld => "too long away",
            GapReason::Ahead => "the daemon is further back",
            GapReason::Slow => "too slow",
            GapReason::Unreadable => "unreadable",
        })
    }
}

impl Link {
    /// As it stands before anything was tried.
    pub(super) fn at_start() -> Self {
        Self {
            phase: Phase::Connecting,
            since: Instant::now(),
            why: None,
            next_attempt: None,
            epoch: None,
            cursor: None,
            lag: 0,
        }
    }

    /// Takes the place of what was, and keeps since when it is so. Whether readers should look.
    pub(super) fn replace(&mut self, mut new: Self) -> bool {
        let is_news = (self.phase, &self.why, &self.epoch, self.next_attempt)
            != (new.phase, &new.why, &new.epoch, new.next_attempt);
        if new.phase == self.phase {
            new.since = self.since;
        }
        *self = new;
        is_news
    }
}
