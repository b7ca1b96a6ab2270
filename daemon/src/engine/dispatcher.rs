//! Decides who works on which order: turns every message into a decision, in one task, without waiting for anybody.

use super::{
    Floor, Gate,
    admission::Admission,
    approvals::ApprovalKey,
    benches::Benches,
    execute::{Outcome, attempt, expire},
    job::{Halt, Job},
    room::Ticket,
    signal::{Switch, until},
};
use crate::{
    order::{Lane, OrderId, Step},
    telemetry::{observe, spawn},
};
use futures_util::FutureExt as _;
use orderd_sdk::timestamp::Timestamp;
use std::{
    collections::BTreeMap,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, mpsc, watch},
    time::Instant,
};

/// Messages that are taken before anything else is looked at.
const AT_ONCE: usize = 64;

/// Hands messages to the dispatcher.
#[derive(Clone)]
pub(super) struct DispatcherHandle {
    inbox: mpsc::Sender<Message>,
    waiting: Arc<AtomicU64>,
    busy: Arc<AtomicU64>,
}

pub(super) enum Message {
    /// An order that is new, has come back, or was found at the start.
    Place(Job),
    /// An approval is in the chain, or was given up.
    ApprovalEnded(ApprovalKey),
    /// A client wants something of an order; perhaps it is here.
    Heed(OrderId),
    /// An order that waits for its next attempt need not wait any longer.
    Hurry(OrderId),
    /// A worker is done.
    Worked(Lane, OrderId, Result<Outcome, Halt>),
}

pub(super) struct Dispatcher {
    floor: Arc<Floor>,
    admission: Arc<Admission>,
    inbox: mpsc::Receiver<Message>,
    gate: watch::Receiver<Gate>,
    benches: Benches,
    delayed: BTreeMap<(Timestamp, OrderId), Job>,
    blocked: BTreeMap<ApprovalKey, Vec<Job>>,
    running: usize,
    /// Rung when a lane has room that orders wait for.
    freed: Arc<Notify>,
    per_lane: usize,
    draining: bool,
}

impl DispatcherHandle {
    /// A handle, and where the dispatcher finds its messages. The capacity must hold every order that may be open.
    pub(super) fn channel(capacity: usize) -> (Self, mpsc::Receiver<Message>) {
        let (inbox, messages) = mpsc::channel(capacity);
        (Self { inbox, waiting: Arc::default(), busy: Arc::default() }, messages)
    }

    /// How many orders wait for a worker.
    pub(super) fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// How many workers have an attempt in hand.
    pub(super) fn busy(&self) -> u64 {
        self.busy.load(Ordering::Relaxed)
    }

    pub(super) async fn place(&self, job: Job) {
        self.send(Message::Place(job)).await;
    }

    pub(super) async fn heed(&self, id: OrderId) {
        self.send(Message::Heed(id)).await;
    }

    pub(super) async fn hurry(&self, id: OrderId) {
        self.send(Message::Hurry(id)).await;
    }

    pub(super) async fn approval_ended(&self, key: ApprovalKey) {
        self.send(Message::ApprovalEnded(key)).await;
    }

    /// Nobody listens any more only when the daemon closes; what the message was about is in the log.
    async fn send(&self, message: Message) {
        self.inbox.send(message).await.ok();
    }
}

impl Dispatcher {
    pub(super) fn new(
        floor: Arc<Floor>,
        admission: Arc<Admission>,
        inbox: mpsc::Receiver<Message>,
        gate: watch::Receiver<Gate>,
        freed: Arc<Notify>,
    ) -> Self {
        let per_lane = floor.settings.workers.div_ceil(floor.lanes.len().max(1));
        Self {
            benches: Benches::new(floor.dispatcher.waiting.clone()),
            floor,
            admission,
            inbox,
            gate,
            delayed: BTreeMap::new(),
            blocked: BTreeMap::new(),
            running: 0,
            freed,
            per_lane,
            draining: false,
        }
    }

    /// Runs until it is told to drain and the last worker is done, or the daemon closes; then it switches `idle` on.
    pub(super) async fn run(mut self, draining: Switch, idle: watch::Sender<bool>) -> Result<(), Halt> {
        let floor = self.floor.clone();
        let ended = tokio::select! {
            biased;
            () = floor.closed() => Ok(()),
            ended = self.dispatch(&draining) => ended,
        };
        idle.send_replace(true);
        ended.or_else(Halt::end)
    }

    async fn dispatch(&mut self, draining: &Switch) -> Result<(), Halt> {
        let mut messages = Vec::new();
        while !(self.draining && self.running == 0) {
            let next_due = self.next_due();
            tokio::select! {
                // In one order, so that a simulation can be repeated; no branch is ever ready for long.
                biased;
                () = draining.on(), if !self.draining => self.draining = true,
                Ok(()) = self.gate.changed() => {}
                () = until(next_due) => self.wake_due().await?,
                // Workers are started below.
                () = self.freed.notified() => {}
                // One look at everything else does for all of them.
                1.. = self.inbox.recv_many(&mut messages, AT_ONCE) => {
                    for message in messages.drain(..) {
                        self.take(message).await?;
                    }
                }
            }
            self.start_workers();
        }
        Ok(())
    }

    async fn take(&mut self, message: Message) -> Result<(), Halt> {
        match message {
            Message::Place(job) => self.place(job).await?,
            Message::ApprovalEnded(key) => {
                for job in self.blocked.remove(&key).unwrap_or_default() {
                    self.place(job).await?;
                }
            }
            Message::Heed(id) => {
                if let Some(job) = self.take_out(id) {
                    self.place(job).await?;
                }
            }
            Message::Hurry(id) => {
                if let Some(job) = self.take_delayed(id) {
                    self.benches.put(job);
                }
            }
            Message::Worked(lane, id, result) => {
                self.running -= 1;
                self.benches.end(lane);
                match result {
                    Ok(Outcome::Moved(job)) => self.place(job).await?,
                    Ok(Outcome::Followed) => {}
                    Ok(Outcome::Blocked(job, key)) => self.block(job, key).await?,
                    Err(halt @ (Halt::Illegal(_) | Halt::Panicked)) => observe::order_stuck(id, &halt),
                    Err(halt @ Halt::Store(_)) => return Err(halt),
                }
            }
        }
        Ok(())
    }

    /// Notes what its client wants of an order, and gives it to whoever does what it needs next.
    async fn place(&mut self, mut job: Job) -> Result<(), Halt> {
        if let Err(halt) = self.floor.wishes.heed(&self.floor.journal, &mut job).await {
            return self.floor.set_aside(&job.order, halt);
        }
        match job.order.next_step() {
            Step::Execute => self.benches.put(job),
            Step::Watch => self.floor.post(&job.order.intent.chain).tracker.follow(job).await,
            Step::Wait(due) => drop(self.delayed.insert((due, job.order.id), job)),
            Step::Rest => self.admission.leave(),
        }
        Ok(())
    }

    /// Takes an order from where it waits here, if it does.
    fn take_out(&mut self, id: OrderId) -> Option<Job> {
        self.benches.take(id).or_else(|| self.take_delayed(id)).or_else(|| self.take_blocked(id))
    }

    fn take_delayed(&mut self, id: OrderId) -> Option<Job> {
        let key = self.delayed.keys().find(|(_, delayed)| *delayed == id).copied()?;
        self.delayed.remove(&key)
    }

    fn take_blocked(&mut self, id: OrderId) -> Option<Job> {
        self.blocked.values_mut().find_map(|jobs| {
            let index = jobs.iter().position(|job| job.order.id == id)?;
            Some(jobs.remove(index))
        })
    }

    /// An order waits for another order's approval, unless that has ended in the meantime.
    async fn block(&mut self, job: Job, key: ApprovalKey) -> Result<(), Halt> {
        let waits = self.floor.approvals.is_under_way(&key) && !self.floor.wishes.is_wanted(job.order.id);
        match waits {
            true => self.blocked.entry(key).or_default().push(job),
            false => self.place(job).await?,
        }
        Ok(())
    }

    /// Orders whose next attempt is due wait for a worker now; those that have waited past their deadline end.
    async fn wake_due(&mut self) -> Result<(), Halt> {
        let now = self.floor.journal.clock().now();
        while let Some(entry) = self.delayed.first_entry().filter(|entry| entry.key().0 <= now) {
            self.benches.put(entry.remove());
        }
        while let Some(mut job) = self.benches.take_overdue(now) {
            match expire(&self.floor, &mut job).await {
                Ok(()) => self.place(job).await?,
                Err(halt) => self.floor.set_aside(&job.order, halt)?,
            }
        }
        Ok(())
    }

    fn next_due(&self) -> Option<Instant> {
        let delayed = self.delayed.first_key_value().map(|((due, _), _)| *due);
        let due = delayed.into_iter().chain(self.benches.next_overdue()).min()?;
        Some(Instant::now() + Duration::from_millis(due.millis_since(self.floor.journal.clock().now())))
    }

    /// Starts workers while there are orders and places for them, and the gate is open. No lane gets so many that another
    /// could starve, and none begins what it could not sign.
    fn start_workers(&mut self) {
        while self.may_begin() {
            let floor = &self.floor;
            let begun = self.benches.begin(self.per_lane, |lane| floor.lane(lane).room().is_there());
            let Some((lane, job)) = begun else {
                break;
            };
            self.running += 1;
            let ticket = self.floor.lane(&lane).room().enter();
            self.work(lane, job, ticket);
        }
        self.floor.dispatcher.busy.store(self.running as u64, Ordering::Relaxed);
    }

    fn may_begin(&self) -> bool {
        !self.draining && self.running < self.floor.settings.workers && *self.gate.borrow() == Gate::Open
    }

    fn work(&self, lane: Lane, job: Job, ticket: Ticket) {
        let floor = self.floor.clone();
        let id = job.order.id;
        spawn("worker", async move {
            let result = tokio::select! {
                biased;
                () = floor.closed() => return,
                result = AssertUnwindSafe(attempt(&floor, job, ticket)).catch_unwind() => result,
            };
            let result = result.unwrap_or(Err(Halt::Panicked));
            floor.dispatcher.send(Message::Worked(lane, id, result)).await;
        });
    }
}
