//! The coordinator's task: it owns everything that changes. Whatever happens comes in as one [`Happening`], and plain
//! functions answer it: those about the socket in `stream`, the other ones in `polling`, `mending` and `interest`.

use super::{
    cache::CacheWriter,
    counters::Counters,
    follower::{FollowSlot, Followers},
    interest::Followed,
    jobs::Done,
    ledger::{Ledger, News},
    line::Line,
    link::{Link, Phase, Why},
    logs::LogSlot,
    mending::{Lookups, Mending},
    options::CoordinatorOptions,
    polling::Polling,
    position::Position,
    recall::{RecallError, Recalled},
    socket::Heard,
    submission::SubmitError,
    topics::Topics,
};
use crate::{
    client::{Client, OrdersQuery},
    wire::{ExecuteRequest, ExecuteResponse, GapReason, OrderDto},
};
use std::{future::pending, panic, sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, mpsc, oneshot, watch},
    task::{JoinError, JoinSet, yield_now},
    time::{Instant, sleep_until},
};

/// What the handles ask for.
pub(super) enum Command {
    Follow { order_id: Arc<str>, slot: FollowSlot, ready: oneshot::Sender<()> },
    Logs(LogSlot),
    Submit { key: Arc<str>, request: Arc<ExecuteRequest>, reply: Reply },
    Dismiss(Arc<str>),
    Recall { query: OrdersQuery, reply: RecallReply },
    Reconnect,
    ShutDown(oneshot::Sender<()>),
}

pub(super) type Reply = oneshot::Sender<Result<ExecuteResponse, SubmitError>>;
pub(super) type RecallReply = oneshot::Sender<Result<Recalled, RecallError>>;

/// The task's state.
pub(super) struct Task {
    pub(super) client: Client,
    pub(super) options: Arc<CoordinatorOptions>,
    pub(super) commands: mpsc::Receiver<Command>,
    /// Somebody has begun or ceased to read something.
    pub(super) interest: Arc<Notify>,
    pub(super) counters: Arc<Counters>,
    pub(super) cache: CacheWriter,
    pub(super) link: watch::Sender<Link>,
    pub(super) topics: Topics,
    pub(super) logs: Vec<LogSlot>,
    pub(super) logs_named: u64,
    pub(super) followers: Followers,
    pub(super) followed: Followed,
    pub(super) ledger: Ledger,
    pub(super) position: Position,
    pub(super) line: Line,
    pub(super) jobs: JoinSet<Done>,
    pub(super) polling: Polling,
    pub(super) mending: Mending,
    pub(super) lookups: Lookups,
    pub(super) gap: Option<GapReason>,
    /// Why there is no socket.
    pub(super) why: Option<Why>,
    /// Attempts since the cache was last live.
    pub(super) failures: u32,
    /// Connections so far.
    pub(super) connections: u64,
    /// When the daemon wants to see this client again.
    pub(super) come_back: Option<Duration>,
    pub(super) flush_at: Option<Instant>,
    pub(super) settle_at: Option<Instant>,
}

enum Happening {
    Heard(Heard),
    Command(Option<Command>),
    Done(Result<Done, JoinError>),
    Interest,
    Tick,
}

/// Whether the task goes on.
enum Flow {
    On,
    End(Option<oneshot::Sender<()>>),
}

impl Task {
    /// Runs until nobody holds a handle any more, or somebody asks for the end.
    pub(super) async fn run(mut self) {
        self.dial();
        let told = loop {
            let happening = self.next().await;
            let is_heard = matches!(happening, Happening::Heard(_));
            let flow = self.answer(happening);
            self.start_lookups();
            self.schedule_flush();
            self.publish();
            if let Flow::End(told) = flow {
                break told;
            }
            if is_heard {
                // Others on this thread, and timers, get their turn however much there is to read.
                yield_now().await;
            }
        };
        self.end().await;
        drop(told);
    }

    async fn next(&mut self) -> Happening {
        let deadline = self.deadline();
        let Self { line, commands, jobs, interest, .. } = self;
        tokio::select! {
            heard = hear(line) => Happening::Heard(heard),
            command = commands.recv() => Happening::Command(command),
            Some(done) = jobs.join_next() => Happening::Done(done),
            () = interest.notified() => Happening::Interest,
            () = until(deadline) => Happening::Tick,
        }
    }

    fn answer(&mut self, happening: Happening) -> Flow {
        match happening {
            Happening::Heard(heard) => self.hear(heard),
            Happening::Command(Some(Command::ShutDown(told))) => return Flow::End(Some(told)),
            Happening::Command(None) => return Flow::End(None),
            Happening::Command(Some(command)) => self.obey(command),
            Happening::Done(Ok(done)) => self.done(done),
            Happening::Done(Err(error)) => {
                if let Ok(panicked) = error.try_into_panic() {
                    panic::resume_unwind(panicked);
                }
            }
            Happening::Interest => self.settle_soon(),
            Happening::Tick => self.tick(),
        }
        Flow::On
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Follow { order_id, slot, ready } => {
                self.followers.add(order_id, slot);
                // What happens from now on is told; what has happened before can be read. So the reader may begin.
                let _ = ready.send(());
                self.settle_soon();
            }
            Command::Logs(slot) => self.add_log(slot),
            Command::Submit { key, request, reply } => self.submit(key, request, reply),
            Command::Dismiss(key) => self.cache.dismiss(&key),
            Command::Recall { query, reply } => self.recall(query, reply),
            Command::Reconnect => self.reconnect(),
            Command::ShutDown(_) => (),
        }
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Dialed(outcome) => self.dialed(outcome),
            Done::Polled(outcome) => self.polled(outcome),
            Done::Listed(outcome) => self.listed(outcome),
            Done::Mended(outcome) => self.mended(outcome),
            Done::LookedUp(lookup, order) => self.looked_up(lookup, order),
            Done::Recalled { round, reply, outcome } => {
                let outcome = self.recalled(round, outcome);
                let _ = reply.send(outcome);
            }
            Done::Reports(reports) => self.reported(reports),
            Done::Submitted { key, reply, outcome } => {
                let outcome = self.submitted(&key, outcome);
                // Who asked may be gone.
                let _ = reply.send(outcome);
            }
        }
    }

    /// Takes an order as it stood at this cursor, whichever way it came.
    pub(super) fn absorb(&mut self, order: OrderDto, cursor: u64) {
        self.followers.stand(&order.id, order.seq);
        if self.ledger.judge(&order.id, order.seq) == News::Old {
            self.ledger.confirm(&order.id);
        } else if self.options.filter.matches(&order) || self.followers.has(&order.id) {
            self.ledger.put(order, cursor);
        } else if self.ledger.holds(&order.id) {
            // It was among those to keep, and nothing more will be told of it.
            self.ledger.forget(&order.id);
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if is_due(self.flush_at) {
            self.flush();
        }
        if is_due(self.settle_at) {
            self.settle();
        }
        if is_due(self.polling.at) {
            self.poll();
        }
        if is_due(self.lookups.paused_until) {
            self.resume_mending();
        }
        match &self.line {
            Line::Waiting(until) if *until <= now => self.dial(),
            Line::Up(session) if session.lost_at() <= now => self.lose(Why::Silent(session.patience())),
            Line::Up(session) if is_due(session.probe_at) => self.probe(),
            Line::Up(_) => (),
            Line::Waiting(_) | Line::Dialing(_) | Line::Parked => (),
        }
    }

    /// The earliest moment at which something is to be done without anything having happened.
    fn deadline(&self) -> Option<Instant> {
        let line = match &self.line {
            Line::Waiting(until) => [Some(*until), None, None],
            Line::Up(session) => [session.stale_at(), Some(session.lost_at()), session.probe_at],
            Line::Dialing(_) | Line::Parked => [None; 3],
        };
        let own = [self.flush_at, self.settle_at, self.polling.at, self.lookups.paused_until];
        line.into_iter().chain(own).flatten().min()
    }

    fn schedule_flush(&mut self) {
        if self.flush_at.is_none() && self.ledger.has_batch() {
            match self.options.batch_window.is_zero() {
                true => self.flush(),
                false => self.flush_at = Some(Instant::now() + self.options.batch_window),
            }
        }
    }

    pub(super) fn flush(&mut self) {
        self.flush_at = None;
        if self.ledger.has_batch() {
            self.cache.apply(self.ledger.take_batch());
        }
    }

    async fn end(mut self) {
        self.flush();
        self.jobs.shutdown().await;
        if let Line::Up(session) = std::mem::replace(&mut self.line, Line::Parked) {
            session.socket.close().await;
        }
    }
}

impl Drop for Task {
    /// However it ends: nobody is to believe that the cache is still kept.
    fn drop(&mut self) {
        self.link.send_modify(|link| {
            let last = link.clone();
            let (phase, why) = (Phase::Down, Some(Why::Ended));
            link.replace(Link { phase, why, since: Instant::now(), next_attempt: None, ..last });
        });
    }
}

async fn hear(line: &mut Line) -> Heard {
    match line {
        Line::Up(session) => session.socket.next().await,
        Line::Waiting(_) | Line::Dialing(_) | Line::Parked => pending().await,
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}
