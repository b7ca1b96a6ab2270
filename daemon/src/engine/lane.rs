//! One writer per account and chain: signs transactions one after the other, so that sequences are dense.
//!
//! A sequence is taken in the same commit that stores the signed bytes. Whoever asked sends them once that commit
//! is durable. A lane signs only when the chain has said how far the account is, every transaction that was signed
//! before this start has been looked up, and nobody else uses the account.

use super::{
    backoff::Backoff,
    call::bounded,
    caps::{Caps, Excess},
    dispatcher::DispatcherHandle,
    following::TrackerHandle,
    job::{Halt, Job, Journal},
    place::{Place, Standing},
    room::Room,
    signal::{Switch, raised, until},
    signing::{LaneEnds, LaneHandle, Note, Request, Signing, Unsigned},
    wishes::Wishes,
};
use crate::{
    order::{Fact, Lane, Order, OrderId, Purpose, Step, Transaction},
    store::{LaneAdvance, Receipt},
    telemetry::observe,
};
use orderd_sdk::plugin::{
    Chain, Context, LaneRequest, LaneStatus, Payload, PluginError, PrepareRequest, Prepared, Signer,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::watch, time::Instant};

/// How many polls of the chain lie between two looks at an account that is not in use; at least a second.
const IDLE_PACE: u32 = 10;
/// The same for an account with transactions that nobody else follows to finality.
const GUARD_PACE: u32 = 4;
const LEAST_IDLE: Duration = Duration::from_secs(1);
/// How often the log says that the lane is full: a busy one is, again and again, between two signatures.
const FULL_PACE: Duration = Duration::from_secs(60);

/// Notes that are taken before anything else is looked at.
const NOTES_AT_ONCE: usize = 64;

/// How a lane is set up.
pub(super) struct LaneSetup {
    pub(super) lane: Lane,
    pub(super) signer: Signer,
    pub(super) chain: Arc<dyn Chain>,
    pub(super) journal: Journal,
    pub(super) wishes: Arc<Wishes>,
    /// The next free sequence, as far as the store knows; 0 when the lane was never used.
    pub(super) stored_next: u64,
    /// Sequences that are signed and not in a block yet.
    pub(super) outstanding: BTreeSet<u64>,
    /// Sequences whose transactions were in a block when last seen, and that nobody follows, and the orders they are of.
    pub(super) guarded: BTreeMap<u64, OrderId>,
    /// Who may have these orders in hand.
    pub(super) dispatcher: DispatcherHandle,
    pub(super) tracker: TrackerHandle,
    /// How much it may sell.
    pub(super) caps: Caps,
    /// At most so many sequences may be outstanding at once.
    pub(super) max_pending: usize,
    /// Told how many are.
    pub(super) room: Arc<Room>,
    /// How often the chain's transactions are looked up.
    pub(super) poll: Duration,
    pub(super) budget: Duration,
    pub(super) backoff: Backoff,
    /// Signing requests that may wait.
    pub(super) queue: usize,
    /// On once every transaction that was signed before this start has been looked up.
    pub(super) settled: Switch,
    /// On when the daemon takes nothing new.
    pub(super) draining: Switch,
    /// On when the daemon closes. It comes last, after the journal: once it is dropped, the store was let go of.
    pub(super) closing: watch::Receiver<bool>,
}

struct LaneWriter {
    setup: LaneSetup,
    place: Place,
    /// Whether what was signed before has been looked up.
    settled: bool,
    draining: bool,
    /// When to ask the chain how far the account is.
    look_at: Instant,
    /// How often in a row it has not answered.
    failures: u32,
    /// When the log said last that the lane is full.
    told_full: Option<Instant>,
    waiting: VecDeque<Request>,
    ends: LaneEnds,
}

/// Makes a lane: its handle, and the task that is its one writer.
pub(super) fn open(setup: LaneSetup) -> (LaneHandle, impl Future<Output = ()> + Send) {
    let (handle, ends) = LaneHandle::channel(setup.signer.clone(), setup.room.clone(), setup.queue);
    let writer = LaneWriter {
        place: Place::new(setup.stored_next, setup.outstanding.clone(), setup.max_pending),
        setup,
        settled: false,
        draining: false,
        look_at: Instant::now(),
        failures: 0,
        told_full: None,
        waiting: VecDeque::new(),
        ends,
    };
    (handle, writer.run())
}

impl LaneWriter {
    /// Works until nobody can ask any more, or the daemon closes.
    async fn run(mut self) {
        let mut closing = self.setup.closing.clone();
        tokio::select! {
            biased;
            () = raised(&mut closing) => {}
            () = self.work() => {}
        }
    }

    async fn work(&mut self) {
        let (settled, draining) = (self.setup.settled.clone(), self.setup.draining.clone());
        let (mut notes, mut requests) = (Vec::new(), Vec::new());
        loop {
            let next_look = self.next_look();
            let room = self.setup.queue.saturating_sub(self.waiting.len());
            tokio::select! {
                biased;
                () = draining.on(), if !self.draining => self.draining = true,
                () = settled.on(), if !self.settled => self.settled = true,
                1.. = self.ends.notes.recv_many(&mut notes, NOTES_AT_ONCE) => {
                    for note in notes.drain(..) {
                        self.take_note(note).await;
                    }
                }
                () = until(next_look) => self.look().await,
                count = self.ends.requests.recv_many(&mut requests, room), if room > 0 => match count {
                    0 => return,
                    _ => self.waiting.extend(requests.drain(..)),
                },
            }
            self.setup.room.note(self.place.pending());
            self.tell_standing();
            self.serve().await;
        }
    }

    /// Answers who waits, as far as the lane may sign; when the daemon takes nothing new, gives the others back.
    async fn serve(&mut self) {
        while self.is_open() || self.gives_back() {
            let Some(request) = self.waiting.pop_front() else {
                return;
            };
            self.answer(request).await;
            self.tell_standing();
        }
    }

    fn is_open(&self) -> bool {
        self.settled && self.place.standing() == Standing::Open
    }

    /// Whether the daemon ends before there is any hope that the lane signs.
    fn gives_back(&self) -> bool {
        let hopeless = match self.place.standing() {
            Standing::Opening => self.failures > 0,
            Standing::Full { .. } | Standing::Held { .. } => true,
            Standing::Recovering | Standing::Open => false,
        };
        self.draining && hopeless
    }

    fn tell_standing(&mut self) {
        let mut standing = self.place.standing();
        if standing == Standing::Open && !self.settled {
            standing = Standing::Recovering;
        }
        if *self.ends.standing.borrow() == standing {
            return;
        }
        match standing {
            Standing::Open => observe::lane_open(&self.setup.lane),
            Standing::Full { pending } => self.tell_full(pending),
            Standing::Held { sequence } => observe::lane_held(&self.setup.lane, sequence),
            Standing::Opening | Standing::Recovering => {}
        }
        self.ends.standing.send_replace(standing);
    }

    fn tell_full(&mut self, pending: usize) {
        let now = Instant::now();
        if self.told_full.is_none_or(|told| now - told >= FULL_PACE) {
            self.told_full = Some(now);
            observe::lane_full(&self.setup.lane, pending);
        }
    }

    /// When the chain has to be asked next. What was signed and is not in a block yet is the tracker's to ask about.
    fn next_look(&self) -> Option<Instant> {
        let looks = self.place.is_idle() || self.place.must_look() || !self.setup.guarded.is_empty();
        looks.then_some(self.look_at)
    }

    /// Asks the chain how far the account is.
    async fn look(&mut self) {
        let ctx = Context::within(self.setup.budget);
        let request = LaneRequest { address: self.setup.signer.address.clone() };
        let pause = match bounded(&ctx, self.setup.chain.lane(&ctx, request)).await {
            Ok(status) => {
                self.failures = 0;
                self.adopt(status);
                self.guard(status).await;
                self.pause()
            }
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                observe::chain_failed(&self.setup.lane.chain, "read the sequence of an account", &error);
                Duration::from_millis(self.setup.backoff.delay_ms(self.failures))
            }
        };
        self.look_at = Instant::now() + pause;
    }

    /// How long until the next look.
    fn pause(&self) -> Duration {
        if self.place.must_look() {
            self.setup.poll
        } else if self.setup.guarded.is_empty() {
            (self.setup.poll * IDLE_PACE).max(LEAST_IDLE)
        } else {
            self.setup.poll * GUARD_PACE
        }
    }

    /// Has the orders know whose transactions are in no block any more; they are followed again, and guarded again when
    /// they are back. Without sequences nothing shows that one is undone, and no other transaction is held up by it.
    async fn guard(&mut self, status: LaneStatus) {
        let Some(status) = status.numbered() else {
            return self.setup.guarded.clear();
        };
        self.setup.guarded.retain(|sequence, _| *sequence >= status.finalized);
        for (sequence, order) in self.setup.guarded.split_off(&status.latest) {
            self.setup.wishes.undone(order, sequence);
            self.setup.dispatcher.heed(order).await;
            self.setup.tracker.heed(order).await;
            self.heed().await;
        }
    }

    fn adopt(&mut self, status: LaneStatus) {
        self.place.adopt(status);
        observe::lane_synced(&self.setup.lane, self.place.next(), &status);
    }

    async fn take_note(&mut self, note: Note) {
        match note {
            Note::Consumed(sequence) => self.place.consumed(sequence),
            Note::Lost(sequence) => {
                self.place.lost(sequence);
                self.look_at = Instant::now();
            }
            Note::Undone(sequence) => self.place.undone(sequence),
            Note::Contested(sequence) => self.place.contested(sequence),
            Note::Guard(sequence, order) => drop(self.setup.guarded.insert(sequence, order)),
            Note::Heed => self.heed().await,
        }
    }

    /// Gives back the orders that clients have taken back while they waited.
    async fn heed(&mut self) {
        for request in std::mem::take(&mut self.waiting) {
            match self.setup.wishes.is_wanted(request.job.order.id) {
                true => self.answer(request).await,
                false => self.waiting.push_back(request),
            }
        }
    }

    async fn answer(&mut self, request: Request) {
        let Request { mut job, signing, ticket, reply } = request;
        let result = match self.sign(&mut job, signing).await {
            Ok(Some(receipt)) => Ok((job, receipt)),
            Ok(None) => Err(Unsigned::Returned(job)),
            Err(Refusal::Plugin(error)) => Err(Unsigned::Refused(job, error)),
            Err(Refusal::Halt(halt)) => Err(Unsigned::Halted(halt)),
        };
        // In this order: what was signed never seems to have no place.
        self.setup.room.note(self.place.pending());
        drop(ticket);
        // A worker that is gone was stopped with the daemon; what it asked for is in the log.
        reply.send(result).ok();
    }

    /// Signs, unless the order is not to be executed any more, or not now.
    async fn sign(&mut self, job: &mut Job, signing: Signing) -> Result<Option<Receipt>, Refusal> {
        self.setup.wishes.heed(&self.setup.journal, job).await?;
        let now = self.setup.journal.clock().now();
        let too_old = job.order.current().is_some_and(|attempt| now.unix_seconds() > attempt.deadline);
        if too_old || job.order.next_step() != Step::Execute || !self.is_open() {
            return Ok(None);
        }
        self.setup.caps.check(&job.order, now).map_err(|excess| Refusal::excess(&job.order, &excess))?;
        let sequence = self.place.next();
        let (payload, approval) = match signing {
            Signing::Swap(payload) => (payload, None),
            Signing::Approval { payload, token, spender } => (payload, Some((token, spender))),
        };
        let Prepared { raw, hash } = self.prepare(sequence, payload).await.map_err(Refusal::Plugin)?;
        let transaction = Transaction { purpose: Purpose::Execute, raw, hash };
        let fact = match approval {
            None => Fact::SwapSigned { sequence, transaction },
            Some((token, spender)) => Fact::ApprovalSigned { sequence, transaction, token, spender },
        };
        self.setup.journal.note(job, fact)?;
        self.setup.caps.count(&job.order);
        let advance = LaneAdvance { lane: self.setup.lane.clone(), next: sequence + 1 };
        let receipt = self.setup.journal.write(job, Some(advance)).await?;
        self.place.took(sequence);
        Ok(Some(receipt))
    }

    async fn prepare(&self, sequence: u64, payload: Payload) -> Result<Prepared, PluginError> {
        let ctx = Context::within(self.setup.budget);
        let signer = self.setup.signer.clone();
        let request = PrepareRequest { signer, sequence, payload };
        bounded(&ctx, self.setup.chain.prepare(&ctx, request)).await
    }
}

enum Refusal {
    Plugin(PluginError),
    Halt(Halt),
}

impl Refusal {
    fn excess(order: &Order, excess: &Excess<'_>) -> Self {
        observe::spend_refused(order, excess);
        Self::Plugin(PluginError::policy_refused(excess.to_string()))
    }
}

impl From<Halt> for Refusal {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}
