//! Sets the engine to work: recovers what is open, opens the lanes, and hands out the [`Engine`].

use super::{
    Engine, Floor, Gate,
    admission::Admission,
    approvals::{ApprovalKey, Approvals},
    backoff::Backoff,
    caps::Caps,
    dispatcher::{Dispatcher, DispatcherHandle},
    floor::Post,
    following::{self, TrackerHandle},
    handle::Shared,
    job::{Job, Journal},
    lane::{self, LaneSetup},
    recovery::{Progress, outstanding, unfollowed},
    replace::BumpPolicy,
    room::Room,
    router::Router,
    signal::Switch,
    signing::LaneHandle,
    sold,
    tracker::Tracker,
    venues::VenueHealth,
    verbs::Grants,
    wishes::Wishes,
};
use crate::{
    config::{EngineSettings, SpendCap},
    order::{Catalog, Lane, State, Step},
    store::{Store, StoreError},
    telemetry::{Clock, Entropy, Shutdown, spawn_critical},
};
use orderd_sdk::plugin::{Chain, Signer, Venue};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::{Notify, mpsc, watch};

/// Everything an engine works with.
pub struct EngineSetup {
    /// Its own settings.
    pub settings: EngineSettings,
    /// The names that orders may use.
    pub catalog: Catalog,
    /// Its memory.
    pub store: Arc<dyn Store>,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// Its chance: of delays and ids.
    pub entropy: Arc<dyn Entropy>,
    /// Chains by name.
    pub chains: BTreeMap<String, ChainPost>,
    /// Venues by name.
    pub venues: BTreeMap<String, VenuePost>,
    /// Whoever signs on each lane.
    pub signers: BTreeMap<Lane, Signer>,
    /// How much each lane may sell; nothing limits those that are not there.
    pub caps: BTreeMap<Lane, Vec<SpendCap>>,
    /// Whether it begins attempts from the start.
    pub gate: Gate,
    /// Brings the daemon down when a part of the engine ends.
    pub shutdown: Shutdown,
}

/// A chain and how it is used.
pub struct ChainPost {
    /// The chain.
    pub chain: Arc<dyn Chain>,
    /// How often open transactions are looked up.
    pub poll: Duration,
    /// Signed and unconsumed sequences of one account at the most.
    pub max_pending: usize,
    /// When a transaction that waits is signed again for a higher fee.
    pub bumps: BumpPolicy,
}

/// A venue and its chain.
pub struct VenuePost {
    /// The venue.
    pub venue: Arc<dyn Venue>,
    /// The chain it settles on.
    pub chain: String,
    /// How it does.
    pub health: Arc<dyn VenueHealth>,
}

/// Why an engine cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// What is stored cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Open orders need something that is configured no more.
    #[error(
        "{count} open orders belong to account {lane}, which is not configured; restore it, or let them end first"
    )]
    Orphans {
        /// How many.
        count: usize,
        /// Their lane.
        lane: Lane,
    },
}

impl Engine {
    /// Starts an engine. Every order that is not over is taken up first: what was signed before is looked up before
    /// its lane signs anything new, the rest goes back to the queue.
    ///
    /// # Errors
    /// When what is stored cannot be read or belongs to nobody any more.
    pub async fn start(setup: EngineSetup) -> Result<Self, StartError> {
        let jobs = open_jobs(&setup).await?;
        let stored = setup.store.lanes().await?;
        let caps = sold::read(&*setup.store, &setup.caps, setup.clock.now()).await?;
        let admission = Arc::new(Admission::new(jobs.len(), setup.settings.max_open_orders));
        // Room for every order that may be open, so that nobody who hands one over ever waits for the other side.
        let workers = setup.settings.workers;
        let capacity = setup.settings.max_open_orders.max(jobs.len()) + 2 * workers;
        let (dispatcher, messages) = DispatcherHandle::channel(capacity);
        let draining = Switch::default();
        let (closing, close) = watch::channel(false);
        let (idle, drained) = watch::channel(false);
        let (gate, passage) = watch::channel(setup.gate);

        let premises = Premises::new(&setup, capacity, draining.clone(), close.clone());
        let lanes = premises.open_lanes(&setup, &stored, caps, &jobs, &dispatcher);
        let EngineSetup { settings, catalog, store, clock, entropy, chains, venues, shutdown, .. } = setup;
        let floor = Arc::new(premises.floor(settings, &chains, venues, lanes.clone(), dispatcher.clone()));
        let recovery = Progress::watch(&jobs, premises.settled(), close);
        let (wishes, trackers, freed) =
            (premises.wishes.clone(), premises.trackers(), premises.freed.clone());
        let signed = hand_out(&floor, jobs).await;
        premises.open_trackers(&floor, signed, &shutdown);
        let work =
            Dispatcher::new(floor, admission.clone(), messages, passage, freed).run(draining.clone(), idle);
        spawn_critical("dispatcher", &shutdown, work);
        Ok(Self::new(Shared {
            catalog,
            store,
            clock,
            entropy,
            ids: Mutex::default(),
            shutdown,
            admission,
            dispatcher,
            lanes,
            trackers,
            wishes,
            grants: Grants::default(),
            recovery,
            workers: workers as u64,
            gate,
            draining,
            closing,
            drained,
        }))
    }
}

/// What lanes and trackers are opened with.
struct Premises {
    journal: Journal,
    backoff: Backoff,
    wishes: Arc<Wishes>,
    /// Rung when a lane has room that orders wait for.
    freed: Arc<Notify>,
    draining: Switch,
    closing: watch::Receiver<bool>,
    /// By chain.
    openings: BTreeMap<String, Opening>,
}

/// A chain's tracker before it runs.
struct Opening {
    handle: TrackerHandle,
    inbox: mpsc::Receiver<following::Message>,
    settled: Switch,
}

impl Premises {
    fn new(setup: &EngineSetup, capacity: usize, draining: Switch, closing: watch::Receiver<bool>) -> Self {
        let opening = |name: &String| {
            let (handle, inbox) = TrackerHandle::channel(capacity);
            (name.clone(), Opening { handle, inbox, settled: Switch::default() })
        };
        Self {
            journal: Journal::new(setup.store.clone(), setup.clock.clone()),
            backoff: Backoff {
                initial: setup.settings.retry_initial,
                max: setup.settings.retry_max,
                chance: setup.entropy.clone(),
            },
            wishes: Arc::new(Wishes::new()),
            freed: Arc::default(),
            draining,
            closing,
            openings: setup.chains.keys().map(opening).collect(),
        }
    }

    /// Opens every lane; each begins to sign once its chain's tracker has settled what was signed before.
    fn open_lanes(
        &self,
        setup: &EngineSetup,
        stored: &BTreeMap<Lane, u64>,
        mut caps: BTreeMap<Lane, Caps>,
        jobs: &[Job],
        dispatcher: &DispatcherHandle,
    ) -> BTreeMap<Lane, LaneHandle> {
        let (mut pending, mut guarded) = (outstanding(jobs), unfollowed(jobs));
        let mut lanes = BTreeMap::new();
        for (lane, signer) in &setup.signers {
            let (Some(post), Some(opening)) = (setup.chains.get(&lane.chain), self.openings.get(&lane.chain))
            else {
                continue;
            };
            let outstanding = pending.remove(lane).unwrap_or_default();
            let lane_setup = LaneSetup {
                room: Room::new(post.max_pending, outstanding.len(), self.freed.clone()),
                lane: lane.clone(),
                signer: signer.clone(),
                chain: post.chain.clone(),
                journal: self.journal.clone(),
                wishes: self.wishes.clone(),
                stored_next: stored.get(lane).copied().unwrap_or_default(),
                outstanding,
                guarded: guarded.remove(lane).unwrap_or_default(),
                caps: caps.remove(lane).unwrap_or_default(),
                max_pending: post.max_pending,
                poll: post.poll,
                budget: setup.settings.build_timeout,
                dispatcher: dispatcher.clone(),
                tracker: opening.handle.clone(),
                backoff: self.backoff.clone(),
                queue: setup.settings.workers,
                settled: opening.settled.clone(),
                draining: self.draining.clone(),
                closing: self.closing.clone(),
            };
            let (handle, writer) = lane::open(lane_setup);
            spawn_critical("lane", &setup.shutdown, writer);
            lanes.insert(lane.clone(), handle);
        }
        lanes
    }

    fn floor(
        &self,
        settings: EngineSettings,
        chains: &BTreeMap<String, ChainPost>,
        venues: BTreeMap<String, VenuePost>,
        lanes: BTreeMap<Lane, LaneHandle>,
        dispatcher: DispatcherHandle,
    ) -> Floor {
        let post = |(name, opening): (&String, &Opening)| {
            let of = chains.get(name)?;
            let tracker = opening.handle.clone();
            Some((name.clone(), Post { chain: of.chain.clone(), poll: of.poll, bumps: of.bumps, tracker }))
        };
        Floor {
            posts: self.openings.iter().filter_map(post).collect(),
            router: Router::new(venues, settings.quote_timeout, settings.health_penalty_bps),
            settings,
            backoff: self.backoff.clone(),
            journal: self.journal.clone(),
            approvals: Approvals::default(),
            wishes: self.wishes.clone(),
            lanes,
            dispatcher,
            closing: self.closing.clone(),
        }
    }

    /// For each chain, when it has spoken about every order that was signed before.
    fn settled(&self) -> BTreeMap<String, Switch> {
        self.openings.iter().map(|(name, opening)| (name.clone(), opening.settled.clone())).collect()
    }

    fn trackers(&self) -> BTreeMap<String, TrackerHandle> {
        self.openings.iter().map(|(name, opening)| (name.clone(), opening.handle.clone())).collect()
    }

    /// Starts every chain's tracker on the orders that were signed before.
    fn open_trackers(self, floor: &Arc<Floor>, mut signed: BTreeMap<String, Vec<Job>>, shutdown: &Shutdown) {
        for (name, opening) in self.openings {
            let tracker = Tracker::new(floor.clone(), &name, opening.inbox);
            let before = signed.remove(&name).unwrap_or_default();
            spawn_critical("tracker", shutdown, tracker.run(before, opening.settled));
        }
    }
}

/// Every order that is not over, unless nobody could work on it.
async fn open_jobs(setup: &EngineSetup) -> Result<Vec<Job>, StartError> {
    let live = setup.store.live().await?;
    let mut orphans: BTreeMap<Lane, usize> = BTreeMap::new();
    for lane in live.iter().map(|order| order.lane()).filter(|lane| !setup.signers.contains_key(lane)) {
        *orphans.entry(lane).or_default() += 1;
    }
    match orphans.pop_first() {
        Some((lane, count)) => Err(StartError::Orphans { count, lane }),
        None => Ok(live.into_iter().map(Job::logged).collect()),
    }
}

/// Sorts the orders found at the start: back to the queue, or, signed ones, to their chain's tracker.
async fn hand_out(floor: &Floor, jobs: Vec<Job>) -> BTreeMap<String, Vec<Job>> {
    let mut signed: BTreeMap<String, Vec<Job>> = BTreeMap::new();
    for job in jobs {
        if let (State::Approving, Some(key)) = (&job.order.state, ApprovalKey::of(&job.order)) {
            floor.approvals.resume(key);
        }
        match job.order.next_step() {
            Step::Watch => signed.entry(job.order.intent.chain.clone()).or_default().push(job),
            Step::Execute | Step::Wait(_) | Step::Rest => floor.place(job).await,
        }
    }
    signed
}
