//! Decides who works on which order: turns every message into a decision, in one task, without waiting for anybody.

use super::{
    Floor,
    admission::Admission,
    approvals::ApprovalKey,
    execute::{Outcome, attempt},
    job::{Halt, Job},
    room::Ticket,
    signal::{raised, until},
};
use crate::{
    order::{Lane, OrderId, Step},
    telemetry::{observe, spawn},
};
use futures_util::FutureExt as _;
use orderd_sdk::timestamp::Timestamp;
use std::{
    cmp::Reverse,
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

/// Hands messages to the dispatcher.
#[derive(Clone)]
pub(super) struct DispatcherHandle {
    inbox: mpsc::Sender<Message>,
    waiting: Arc<AtomicU64>,
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

/// While many orders come in, a lane has this part of its usual workers: the queue is there to take in what comes at once.
const BURST_SHARE: usize = 16;

/// Where an order waits among the others of its lane: higher priority first, then the older.
type Rank = (Reverse<u8>, OrderId);

pub(super) struct Dispatcher {
    floor: Arc<Floor>,
    admission: Arc<Admission>,
    inbox: mpsc::Receiver<Message>,
    waiting: Arc<AtomicU64>,
    benches: BTreeMap<Lane, Bench>,
    delayed: BTreeMap<(Timestamp, OrderId), Job>,
    blocked: BTreeMap<ApprovalKey, Vec<Job>>,
    running: usize,
    /// Rung when a lane has room that orders wait for.
    freed: Arc<Notify>,
    per_lane: usize,
    draining: bool,
}

/// The orders of one lane that can be worked on.
#[derive(Default)]
struct Bench {
    ready: BTreeMap<Rank, Job>,
    running: usize,
}

impl DispatcherHandle {
    /// A handle, and where the dispatcher finds its messages. The capacity must hold every order that may be open.
    pub(super) fn channel(capacity: usize) -> (Self, mpsc::Receiver<Message>) {
        let (inbox, messages) = mpsc::channel(capacity);
        (Self { inbox, waiting: Arc::default() }, messages)
    }

    /// How many orders wait for a worker.
    pub(super) fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
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
        freed: Arc<Notify>,
    ) -> Self {
        let per_lane = floor.settings.workers.div_ceil(floor.lanes.len().max(1));
        Self {
            waiting: floor.dispatcher.waiting.clone(),
            floor,
            admission,
            inbox,
            benches: BTreeMap::new(),
            delayed: BTreeMap::new(),
            blocked: BTreeMap::new(),
            running: 0,
            freed,
            per_lane,
            draining: false,
        }
    }

    /// Runs until it is told to drain and the last worker is done, or the daemon closes; then it switches `idle` on.
    pub(super) async fn run(
        mut self,
        mut draining: watch::Receiver<bool>,
        idle: watch::Sender<bool>,
    ) -> Result<(), Halt> {
        let floor = self.floor.clone();
        let ended = tokio::select! {
            biased;
            () = floor.closed() => Ok(()),
            ended = self.dispatch(&mut draining) => ended,
        };
        idle.send_replace(true);
        ended.or_else(Halt::end)
    }

    async fn dispatch(&mut self, draining: &mut watch::Receiver<bool>) -> Result<(), Halt> {
        while !(self.draining && self.running == 0) {
            let next_due = self.next_due();
            tokio::select! {
                // In one order, so that a simulation can be repeated; no branch is ever ready for long.
                biased;
                () = raised(draining), if !self.draining => self.draining = true,
                () = until(next_due) => self.wake_due(),
                // Workers are started below.
                () = self.freed.notified() => {}
                Some(message) = self.inbox.recv() => self.take(message).await?,
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
                    self.enqueue(job);
                }
            }
            Message::Worked(lane, id, result) => {
                self.running -= 1;
                self.bench(lane).running -= 1;
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
            Step::Execute => self.enqueue(job),
            Step::Watch => self.floor.post(&job.order.intent.chain).tracker.follow(job).await,
            Step::Wait(due) => drop(self.delayed.insert((due, job.order.id), job)),
            Step::Rest => self.admission.leave(),
        }
        Ok(())
    }

    /// Takes an order from where it waits here, if it does.
    fn take_out(&mut self, id: OrderId) -> Option<Job> {
        let ready = self.benches.values_mut().find_map(|bench| {
            let rank = bench.ready.keys().find(|(_, ready)| *ready == id).copied()?;
            bench.ready.remove(&rank)
        });
        if ready.is_some() {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return ready;
        }
        self.take_delayed(id).or_else(|| self.take_blocked(id))
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

    fn enqueue(&mut self, job: Job) {
        let rank = (Reverse(job.order.intent.priority), job.order.id);
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.bench(job.order.lane()).ready.insert(rank, job);
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

    fn wake_due(&mut self) {
        let now = self.floor.journal.clock().now();
        while let Some(entry) = self.delayed.first_entry() {
            if entry.key().0 > now {
                break;
            }
            let job = entry.remove();
            self.enqueue(job);
        }
    }

    fn next_due(&self) -> Option<Instant> {
        let ((due, _), _) = self.delayed.first_key_value()?;
        Some(Instant::now() + Duration::from_millis(due.millis_since(self.floor.journal.clock().now())))
    }

    /// Starts workers while there are orders and places for them. No lane gets so many that another could starve, and none
    /// begins what it could not sign. What is held back in a burst begins with the next message: that of the last order that
    /// came in, or of a worker.
    fn start_workers(&mut self) {
        let most = match self.admission.is_bursting() {
            true => self.per_lane.div_ceil(BURST_SHARE),
            false => self.per_lane,
        };
        while !self.draining && self.running < self.floor.settings.workers {
            let free = self
                .benches
                .iter()
                .filter(|(_, bench)| !bench.ready.is_empty() && bench.running < most)
                .filter(|(lane, _)| self.floor.lane(lane).room().is_there());
            let Some(lane) = free.min_by_key(|(_, bench)| bench.running).map(|(lane, _)| lane.clone()) else {
                break;
            };
            let bench = self.bench(lane.clone());
            let (_, job) = bench.ready.pop_first().expect("the bench has an order ready");
            bench.running += 1;
            self.running += 1;
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            let ticket = self.floor.lane(&lane).room().enter();
            self.work(lane, job, ticket);
        }
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

    fn bench(&mut self, lane: Lane) -> &mut Bench {
        self.benches.entry(lane).or_default()
    }
}
