//! Decides who works on which order: turns every message into a decision, in one task, without waiting for anybody.

use super::{
    Floor,
    admission::Admission,
    approvals::ApprovalKey,
    execute::{Outcome, attempt},
    job::{Halt, Job},
    signal::raised,
};
use crate::{
    order::{Lane, OrderId, Step},
    telemetry::{observe, spawn},
};
use futures_util::FutureExt as _;
use orderd_sdk::timestamp::Timestamp;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::{mpsc, watch};

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
    /// A worker is done.
    Worked(Lane, OrderId, Result<Outcome, Halt>),
}

/// Where an order waits among the others of its lane: higher priority first, then the older.
type Rank = (Reverse<u8>, OrderId);

pub(super) struct Dispatcher {
    floor: Arc<Floor>,
    admission: Arc<Admission>,
    inbox: mpsc::Receiver<Message>,
    waiting: Arc<AtomicU64>,
    benches: BTreeMap<Lane, Bench>,
    delayed: BTreeMap<(Timestamp, OrderId), Job>,
    blocked: HashMap<ApprovalKey, Vec<Job>>,
    running: usize,
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

    pub(super) async fn approval_ended(&self, key: ApprovalKey) {
        self.send(Message::ApprovalEnded(key)).await;
    }

    /// Nobody listens any more only when the daemon closes; what the message was about is in the log.
    async fn send(&self, message: Message) {
        self.inbox.send(message).await.ok();
    }
}

impl Dispatcher {
    pub(super) fn new(floor: Arc<Floor>, admission: Arc<Admission>, inbox: mpsc::Receiver<Message>) -> Self {
        let per_lane = floor.settings.workers.div_ceil(floor.lanes.len().max(1));
        Self {
            waiting: floor.dispatcher.waiting.clone(),
            floor,
            admission,
            inbox,
            benches: BTreeMap::new(),
            delayed: BTreeMap::new(),
            blocked: HashMap::new(),
            running: 0,
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
            let pause = self.until_next_due();
            tokio::select! {
                // In one order, so that a simulation can be repeated; no branch is ever ready for long.
                biased;
                () = raised(draining), if !self.draining => self.draining = true,
                () = sleep_if(pause) => self.wake_due(),
                Some(message) = self.inbox.recv() => self.take(message).await?,
            }
            self.start_workers();
        }
        Ok(())
    }

    async fn take(&mut self, message: Message) -> Result<(), Halt> {
        match message {
            Message::Place(job) => self.place(job).await,
            Message::ApprovalEnded(key) => {
                for job in self.blocked.remove(&key).unwrap_or_default() {
                    self.place(job).await;
                }
            }
            Message::Worked(lane, id, result) => {
                self.running -= 1;
                self.bench(lane).running -= 1;
                match result {
                    Ok(Outcome::Moved(job)) => self.place(job).await,
                    Ok(Outcome::Blocked(job, key)) => self.block(job, key),
                    Err(halt @ (Halt::Illegal(_) | Halt::Panicked)) => observe::order_stuck(id, &halt),
                    Err(halt @ Halt::Store(_)) => return Err(halt),
                }
            }
        }
        Ok(())
    }

    /// Gives an order to whoever does what it needs next.
    async fn place(&mut self, job: Job) {
        match job.order.next_step() {
            Step::Execute => self.enqueue(job),
            Step::Watch => self.floor.post(&job.order.intent.chain).tracker.follow(job).await,
            Step::Wait(due) => drop(self.delayed.insert((due, job.order.id), job)),
            Step::Rest => self.admission.leave(),
        }
    }

    fn enqueue(&mut self, job: Job) {
        let rank = (Reverse(job.order.intent.priority), job.order.id);
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.bench(job.order.lane()).ready.insert(rank, job);
    }

    /// An order waits for another order's approval, unless that has ended in the meantime.
    fn block(&mut self, job: Job, key: ApprovalKey) {
        match self.floor.approvals.is_under_way(&key) {
            true => self.blocked.entry(key).or_default().push(job),
            false => self.enqueue(job),
        }
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

    fn until_next_due(&self) -> Option<Duration> {
        let ((due, _), _) = self.delayed.first_key_value()?;
        Some(Duration::from_millis(due.millis_since(self.floor.journal.clock().now())))
    }

    /// Starts workers while there are orders and places for them. No lane gets so many that another could starve.
    fn start_workers(&mut self) {
        while !self.draining && self.running < self.floor.settings.workers {
            let free = self
                .benches
                .iter()
                .filter(|(_, bench)| !bench.ready.is_empty() && bench.running < self.per_lane);
            let Some(lane) = free.min_by_key(|(_, bench)| bench.running).map(|(lane, _)| lane.clone()) else {
                break;
            };
            let bench = self.bench(lane.clone());
            let (_, job) = bench.ready.pop_first().expect("the bench has an order ready");
            bench.running += 1;
            self.running += 1;
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            self.work(lane, job);
        }
    }

    fn work(&self, lane: Lane, job: Job) {
        let floor = self.floor.clone();
        let id = job.order.id;
        spawn("worker", async move {
            let result = tokio::select! {
                biased;
                () = floor.closed() => return,
                result = AssertUnwindSafe(attempt(&floor, job)).catch_unwind() => result,
            };
            let result = result.unwrap_or(Err(Halt::Panicked));
            floor.dispatcher.send(Message::Worked(lane, id, result)).await;
        });
    }

    fn bench(&mut self, lane: Lane) -> &mut Bench {
        self.benches.entry(lane).or_default()
    }
}

async fn sleep_if(pause: Option<Duration>) {
    match pause {
        Some(pause) => tokio::time::sleep(pause).await,
        None => std::future::pending().await,
    }
}

/// Lanes of these orders, each with the sequences that are signed and were not in a block when last seen.
pub(super) fn outstanding(jobs: &[Job]) -> BTreeMap<Lane, BTreeSet<u64>> {
    let mut lanes: BTreeMap<Lane, BTreeSet<u64>> = BTreeMap::new();
    for order in jobs.iter().map(|job| &job.order) {
        if let Some(open) = order.open_transaction() {
            lanes.entry(order.lane()).or_default().insert(open.sequence);
        }
    }
    lanes
}
