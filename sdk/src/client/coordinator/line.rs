//! The way to the socket: when it is opened, and what follows when it ends.

use super::{
    backoff::chance,
    jobs::Done,
    link::{Link, Phase, Why},
    session::{Orders, Session},
    socket::{DialError, Socket, dial},
    task::Task,
};
use tokio::time::Instant;

/// Close codes after which a client does not come back by itself.
const LASTING_CODES: [u16; 2] = [4310, 4401];

/// Where it stands.
pub(super) enum Line {
    /// The next attempt is then.
    Waiting(Instant),
    /// It has begun then.
    Dialing(Instant),
    Up(Box<Session>),
    /// Only [`Command::Reconnect`] goes on.
    Parked,
}

impl Task {
    pub(super) fn dial(&mut self) {
        self.line = Line::Dialing(Instant::now());
        let client = self.client.clone();
        self.jobs.spawn(async move { Done::Dialed(dial(&client).await.map(Box::new)) });
    }

    pub(super) fn dialed(&mut self, outcome: Result<Box<Socket>, DialError>) {
        match outcome {
            Ok(socket) => {
                self.counters.reconnects.add(u64::from(self.connections > 0));
                self.connections += 1;
                self.polling.stop();
                self.line = Line::Up(Box::new(Session::new(*socket)));
            }
            Err(DialError::Passing(why)) => self.lose(why),
            Err(DialError::Lasting(why)) => self.park(why),
        }
    }

    pub(super) fn reconnect(&mut self) {
        self.failures = 0;
        match &self.line {
            Line::Dialing(_) => (),
            Line::Waiting(_) | Line::Parked => self.dial(),
            Line::Up(_) => {
                self.lose(Why::Asked);
                self.dial();
            }
        }
    }

    /// The connection is over.
    pub(super) fn ended(&mut self, why: Why) {
        if matches!(why, Why::Closed { code, .. } if LASTING_CODES.contains(&code)) {
            self.park(why);
        } else {
            self.lose(why);
        }
    }

    /// There is no socket; comes back after a while, and polls meanwhile.
    pub(super) fn lose(&mut self, why: Why) {
        let now = Instant::now();
        let (wait, why) = match self.come_back.take() {
            Some(after) => (after, Why::Restart),
            None => (self.options.backoff.delay(self.failures, chance()), why),
        };
        self.failures = self.failures.saturating_add(1);
        // What was just live is polled when that is due; what was not, at once.
        let poll_at = if matches!(self.line, Line::Up(_)) { now + self.options.poll } else { now };
        self.polling.at.get_or_insert(poll_at);
        self.line = Line::Waiting(now + wait);
        self.why = Some(why);
    }

    /// There is no socket, and there will be none before somebody asks for it.
    pub(super) fn park(&mut self, why: Why) {
        self.polling.stop();
        self.line = Line::Parked;
        self.why = Some(why);
    }

    pub(super) fn publish(&self) {
        let (phase, why) = self.standing();
        let next_attempt = match self.line {
            Line::Waiting(at) | Line::Dialing(at) => Some(at),
            Line::Up(_) | Line::Parked => None,
        };
        let new = Link {
            phase,
            why,
            next_attempt,
            since: Instant::now(),
            epoch: self.position.epoch.clone(),
            cursor: self.position.cursor,
            lag: self.position.lag(),
        };
        self.link.send_if_modified(|link| link.replace(new));
    }

    fn standing(&self) -> (Phase, Option<Why>) {
        match &self.line {
            Line::Parked => (Phase::Down, self.why.clone()),
            Line::Waiting(_) | Line::Dialing(_) => match &self.polling.outcome {
                None => (Phase::Connecting, self.why.clone()),
                Some(Ok(())) if self.mending.is_whole() => (Phase::Polling, self.why.clone()),
                Some(Ok(())) => (Phase::Stale, self.why.clone()),
                Some(Err(why)) => (Phase::Down, Some(why.clone())),
            },
            Line::Up(session) if session.greeting.is_none() => (Phase::Connecting, None),
            Line::Up(session) => match (session.silence(), session.orders) {
                (Some(silence), _) => (Phase::Stale, Some(Why::Silent(silence))),
                (None, Orders::Current) if self.mending.is_whole() => (Phase::Live, None),
                (None, _) => (Phase::Stale, Some(self.gap.map_or(Why::CatchingUp, Why::Gap))),
            },
        }
    }
}
