//! The disk: what survives, what waits to be written, and what a crash or a refusal leaves of it.

use crate::{
    faults::{Fault, Weather},
    sabotage::Sabotage,
    world::State,
};
use futures_util::FutureExt as _;
use orderd::{
    store::{Applied, Change, Committed, LaneAdvance, MemoryStore, Store as _, StoreError, Urgency},
    stream::{Budget, Hub},
};
use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{Notify, oneshot};

/// Resolves a receipt.
type Answer = oneshot::Sender<Result<Applied, StoreError>>;

/// A disk under a store that writes in windows.
pub(crate) struct Disk {
    /// What survives whatever happens.
    pub(crate) durable: Arc<MemoryStore>,
    /// What the sink of `durable` was told.
    told: Arc<Mutex<Vec<Committed>>>,
    /// Taken in, and in the memory of the process only.
    pub(crate) waiting: VecDeque<(Change, Answer)>,
    /// On its way to the disk.
    pub(crate) writing: Vec<(Change, Answer)>,
    /// Windows until the disk refuses.
    pub(crate) windows_left: Option<u64>,
    pub(crate) phase: DiskPhase,
    /// When it refused.
    pub(crate) failed_at: Option<u64>,
    /// Where readers of the present life are.
    pub(crate) hub: Arc<Hub>,
    pub(crate) wake: Arc<Notify>,
    /// Of a planted bug: advances that are not written yet.
    late: Vec<LaneAdvance>,
}

/// Whether the disk takes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DiskPhase {
    Open,
    Closed,
    Failed,
}

/// A window that is on the disk or was refused: first the readers are told, then those who wait.
pub(crate) struct Written {
    /// What was kept, in the order of the log.
    pub(crate) kept: Vec<Committed>,
    /// What readers are told of it.
    pub(crate) told: Vec<Committed>,
    pub(crate) answers: Vec<(Answer, Result<Applied, StoreError>)>,
}

/// How far behind a reader of a filter may be; readers of one order are never too far.
const KEPT: usize = 1_024;
const BUDGET: Budget = Budget { messages: 64, bytes: 1 << 20 };

impl Disk {
    pub(crate) fn new() -> Self {
        let told = Arc::new(Mutex::new(Vec::new()));
        let ears = told.clone();
        let sink = move |committed: &[Committed]| {
            ears.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(committed);
        };
        Self {
            durable: Arc::new(MemoryStore::new(Box::new(sink)).expect("the system has random bytes")),
            told,
            waiting: VecDeque::new(),
            writing: Vec::new(),
            windows_left: None,
            phase: DiskPhase::Open,
            failed_at: None,
            hub: Hub::new(BUDGET, KEPT),
            wake: Arc::default(),
            late: Vec::new(),
        }
    }

    /// A life begins.
    pub(crate) fn open(&mut self, windows_left: Option<u64>) {
        self.phase = DiskPhase::Open;
        self.windows_left = windows_left;
        self.failed_at = None;
        (self.hub, self.wake) = (Hub::new(BUDGET, KEPT), Arc::default());
    }

    /// What is not durable is lost; a window that was being written may have made it.
    pub(crate) fn crash(&mut self, weather: &mut Weather) -> Vec<Committed> {
        let window = std::mem::take(&mut self.writing);
        self.waiting.clear();
        self.late.clear();
        if window.is_empty() || !weather.strikes(Fault::TornWindow) {
            return Vec::new();
        }
        let mut kept = Vec::new();
        for (change, _) in window {
            self.keep(change, &mut kept);
        }
        self.take_told();
        kept
    }

    fn keep(&mut self, change: Change, kept: &mut Vec<Committed>) -> Applied {
        let committed = Committed { order: change.order.clone(), first_new: change.first_new };
        let receipt = self.durable.commit(change).now_or_never().expect("memory takes no time");
        let applied = receipt.expect("it is open").durable().now_or_never().expect("memory takes no time");
        let applied = applied.expect("memory refuses nothing");
        kept.extend((applied == Applied::Kept).then_some(committed));
        applied
    }

    fn take_told(&mut self) -> Vec<Committed> {
        std::mem::take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes what waits as the next window: some of it at least, but for orders of which everything is soon enough later.
    pub(crate) fn begin_window(&mut self, weather: &mut Weather) {
        let most = weather.chance.between(1..=self.waiting.len().max(1) as u64);
        let most = usize::try_from(most).expect("a window fits").min(self.waiting.len());
        let mut behind = self.waiting.split_off(most);
        let window = std::mem::take(&mut self.waiting);
        let of = |urgency| {
            let changes = window.iter().map(|(change, _)| change);
            changes.filter(move |change| change.urgency == urgency).map(|change| change.order.id)
        };
        let mut held: BTreeSet<_> = of(Urgency::Soon).collect();
        let urgent: BTreeSet<_> = of(Urgency::Now).collect();
        held.retain(|id| !urgent.contains(id) && weather.chance.below(2) == 0);
        let (held, writing): (Vec<_>, _) =
            window.into_iter().partition(|(change, _)| held.contains(&change.order.id));
        self.writing = writing;
        self.waiting = held.into();
        self.waiting.append(&mut behind);
    }

    /// The window is on the disk, unless the disk refuses.
    pub(crate) fn end_window(&mut self, sabotage: Sabotage) -> Written {
        self.windows_left = self.windows_left.map(|left| left.saturating_sub(1));
        if self.windows_left == Some(0) {
            return self.refuse();
        }
        let window = std::mem::take(&mut self.writing);
        let late = &mut std::mem::take(&mut self.late).into_iter();
        let (mut kept, mut answers) = (Vec::new(), Vec::new());
        for (mut change, answer) in window {
            if sabotage == Sabotage::KeysForgotten {
                change.claim = None;
            }
            if sabotage == Sabotage::LateAdvance {
                self.late.extend(change.lane.take());
                change.lane = late.next();
            }
            answers.push((answer, Ok(self.keep(change, &mut kept))));
        }
        self.late.extend(late);
        Written { kept, told: self.take_told(), answers }
    }

    /// From now on the disk refuses everything.
    fn refuse(&mut self) -> Written {
        self.phase = DiskPhase::Failed;
        let refused = StoreError::Write("no space left on device".to_owned());
        let unanswered = self.writing.iter_mut().chain(&mut self.waiting).map(|(_, answer)| answer);
        let answers = unanswered
            .map(|answer| (std::mem::replace(answer, oneshot::channel().0), Err(refused.clone())))
            .collect();
        Written { kept: Vec::new(), told: Vec::new(), answers }
    }
}

impl State {
    /// The witness sees what is durable now.
    pub(crate) fn became_durable(&mut self, committed: Vec<Committed>) {
        for committed in committed {
            self.trace.note(|| {
                let order = &committed.order;
                format!(
                    "durable {} {:?} seq {}..={}",
                    order.intent.amount_in,
                    order.state,
                    committed.first_new + 1,
                    order.seq()
                )
            });
            let held = self.witness.became_durable(&committed, &self.chain);
            self.hold(held);
        }
    }
}
