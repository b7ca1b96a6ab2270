//! Where orders wait for a worker: a bench for each lane, higher priority first, then the older.

use super::job::Job;
use crate::order::{Lane, OrderId};
use orderd_sdk::timestamp::Timestamp;
use std::{
    cmp::Reverse,
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Where an order waits among the others of its lane.
type Rank = (Reverse<u8>, OrderId);

/// All benches.
pub(super) struct Benches {
    lanes: BTreeMap<Lane, Bench>,
    /// Those that wait and have a deadline, by the first millisecond after it.
    overdue_at: BTreeMap<(Timestamp, OrderId), (Lane, Rank)>,
    /// How many wait, for whoever looks on.
    waiting: Arc<AtomicU64>,
}

/// The orders of one lane that can be worked on.
#[derive(Default)]
struct Bench {
    ready: BTreeMap<Rank, Job>,
    running: usize,
}

impl Benches {
    pub(super) fn new(waiting: Arc<AtomicU64>) -> Self {
        Self { lanes: BTreeMap::new(), overdue_at: BTreeMap::new(), waiting }
    }

    /// An order waits.
    pub(super) fn put(&mut self, job: Job) {
        let (lane, rank) = (job.order.lane(), rank(&job));
        if let Some(key) = overdue(&job) {
            self.overdue_at.insert(key, (lane.clone(), rank));
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.lanes.entry(lane).or_default().ready.insert(rank, job);
    }

    /// Takes the order whose turn it is, of the lane with the fewest workers, for one more of them. A lane has at most so many,
    /// and none without room for what they sign.
    pub(super) fn begin(&mut self, most: usize, has_room: impl Fn(&Lane) -> bool) -> Option<(Lane, Job)> {
        let waits = |bench: &Bench| !bench.ready.is_empty() && bench.running < most;
        let free = self.lanes.iter().filter(|(lane, bench)| waits(bench) && has_room(lane));
        let lane = free.min_by_key(|(_, bench)| bench.running).map(|(lane, _)| lane.clone())?;
        let bench = self.lanes.get_mut(&lane)?;
        let (_, job) = bench.ready.pop_first()?;
        bench.running += 1;
        self.gone(&job);
        Some((lane, job))
    }

    /// A worker of this lane is done.
    pub(super) fn end(&mut self, lane: Lane) {
        self.lanes.entry(lane).or_default().running -= 1;
    }

    /// Takes an order from where it waits, if it does.
    pub(super) fn take(&mut self, id: OrderId) -> Option<Job> {
        let job = self.lanes.values_mut().find_map(|bench| {
            let rank = bench.ready.keys().find(|(_, ready)| *ready == id).copied()?;
            bench.ready.remove(&rank)
        })?;
        self.gone(&job);
        Some(job)
    }

    /// When the next deadline of those that wait will have passed.
    pub(super) fn next_overdue(&self) -> Option<Timestamp> {
        self.overdue_at.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes an order whose deadline has passed.
    pub(super) fn take_overdue(&mut self, now: Timestamp) -> Option<Job> {
        let first = self.overdue_at.first_entry().filter(|entry| entry.key().0 <= now)?;
        let (lane, rank) = first.get();
        let job = self.lanes.get_mut(lane)?.ready.remove(rank)?;
        self.gone(&job);
        Some(job)
    }

    fn gone(&mut self, job: &Job) {
        if let Some(key) = overdue(job) {
            self.overdue_at.remove(&key);
        }
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

fn rank(job: &Job) -> Rank {
    (Reverse(job.order.intent.priority), job.order.id)
}

fn overdue(job: &Job) -> Option<(Timestamp, OrderId)> {
    job.order.intent.deadline.map(|deadline| (deadline.plus_millis(1), job.order.id))
}
