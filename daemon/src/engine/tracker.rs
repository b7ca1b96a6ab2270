//! Follows signed transactions of one chain until nothing can change any more, all with one task.
//!
//! It looks them up in batches, sends their bytes again where the chain has nothing, and hands an order back as soon
//! as something else has to be done for it. What an RPC error hides stays as it was.

use super::{
    Floor,
    agenda::{Agenda, Watched},
    approvals::ApprovalKey,
    call::{bounded, send},
    job::{Halt, Job},
    verdict::{Verdict, judge},
};
use crate::{
    order::{Fact, Lane, Order, OrderId, State, Step},
    telemetry::observe,
};
use futures_util::{StreamExt as _, stream};
use orderd_sdk::plugin::{
    Chain, Context, LaneRequest, LaneStatus, PluginError, Receive, SendOutcome, StatusRequest, TxQuery,
    TxStatus,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

/// Transactions that one look-up asks for; what the plugin interface allows.
const BATCH: usize = 100;
/// Transactions sent again at once.
const RESENDS: usize = 16;
/// Looks in a row that must have found nothing before one more may prove a transaction dead: behind one endpoint there
/// may be several nodes, and one of them may lag.
const LOOKS: u32 = 3;
/// How much rarer a transaction is looked up that only waits for finality.
const FINALITY_PACE: u32 = 4;

/// Hands orders to a tracker.
#[derive(Clone)]
pub(super) struct TrackerHandle(mpsc::Sender<Job>);

impl TrackerHandle {
    /// A handle, and where its tracker finds the orders.
    pub(super) fn channel(capacity: usize) -> (Self, mpsc::Receiver<Job>) {
        let (sender, receiver) = mpsc::channel(capacity);
        (Self(sender), receiver)
    }

    /// Has a signed order followed. There is always room: the channel holds as many orders as may be open.
    pub(super) async fn follow(&self, job: Job) {
        self.0.send(job).await.ok();
    }
}

pub(super) struct Tracker {
    floor: Arc<Floor>,
    name: String,
    chain: Arc<dyn Chain>,
    poll: Duration,
    inbox: mpsc::Receiver<Job>,
    agenda: Agenda,
    /// Look-ups that failed in a row.
    failures: u32,
}

impl Tracker {
    pub(super) fn new(floor: Arc<Floor>, name: &str, inbox: mpsc::Receiver<Job>) -> Self {
        let post = floor.post(name);
        let (chain, poll) = (post.chain.clone(), post.poll);
        Self { name: name.to_owned(), chain, poll, inbox, agenda: Agenda::default(), failures: 0, floor }
    }

    /// Looks up what was signed before this start, says so, and then follows orders until the daemon closes.
    pub(super) async fn run(mut self, before: Vec<Job>, settled: watch::Sender<bool>) -> Result<(), Halt> {
        let floor = self.floor.clone();
        let unsettled = before.iter().map(|job| job.order.id).collect();
        let now = Instant::now();
        before.into_iter().for_each(|job| self.watch(job, now, now));
        tokio::select! {
            biased;
            () = floor.closed() => Ok(()),
            ended = self.follow(unsettled, settled) => ended.or_else(Halt::end),
        }
    }

    async fn follow(
        &mut self,
        mut unsettled: BTreeSet<OrderId>,
        settled: watch::Sender<bool>,
    ) -> Result<(), Halt> {
        loop {
            if unsettled.is_empty() {
                settled.send_replace(true);
            }
            tokio::select! {
                biased;
                // First, as on a slow chain something is always due: new orders would not be looked up.
                Some(job) = self.inbox.recv() => self.begin(job),
                () = due(self.agenda.next_due()) => {
                    for id in self.sweep().await? {
                        unsettled.remove(&id);
                    }
                }
            }
        }
    }

    /// An order that was sent a moment ago: the first look is now, as some chains include at once.
    fn begin(&mut self, job: Job) {
        let now = Instant::now();
        let patience = match matches!(job.order.state, State::Submitted) {
            true => self.floor.settings.resend,
            false => self.pause(1),
        };
        self.watch(job, now, now + patience);
    }

    /// How long bytes that are nowhere wait before they go out for the n-th time again.
    fn pause(&self, resend: u32) -> Duration {
        Duration::from_millis(self.floor.backoff.delay_ms(resend))
    }

    fn watch(&mut self, job: Job, look_at: Instant, resend_at: Instant) {
        self.agenda.put(Watched { job, look_at, resend_at, misses: 0, resends: 0 });
    }

    /// Looks at what is due. Returns the orders that the chain has spoken about.
    async fn sweep(&mut self) -> Result<Vec<OrderId>, Halt> {
        let batch = self.agenda.take_due(Instant::now(), BATCH);
        let finalized = self.ask_lanes(&batch).await;
        let statuses = match self.ask(&batch).await {
            Ok(statuses) => statuses,
            Err(error) => {
                observe::chain_failed(&self.name, "look transactions up", &error);
                self.failures += 1;
                let pause = Duration::from_millis(self.floor.backoff.delay_ms(self.failures));
                let look_at = Instant::now() + pause.max(self.poll);
                batch.into_iter().for_each(|watched| self.agenda.put(Watched { look_at, ..watched }));
                return Ok(Vec::new());
            }
        };
        self.failures = 0;
        let seen = batch.iter().map(|watched| watched.job.order.id).collect();
        let mut missing = Vec::new();
        for (watched, status) in batch.into_iter().zip(statuses) {
            let lane = finalized.get(&watched.job.order.lane());
            if let Some(watched) = self.conclude(watched, &status, lane).await? {
                missing.push(watched);
            }
        }
        self.resend(missing).await?;
        Ok(seen)
    }

    async fn ask(&self, batch: &[Watched]) -> Result<Vec<TxStatus>, PluginError> {
        let ctx = Context::within(self.floor.settings.send_timeout);
        let queries: Vec<_> = batch.iter().map(|watched| self.query(&watched.job)).collect();
        let expected = queries.len();
        let statuses = bounded(&ctx, self.chain.status(&ctx, StatusRequest { queries })).await?;
        match statuses.len() == expected {
            true => Ok(statuses),
            false => Err(PluginError::transient("the chain did not answer every query")),
        }
    }

    fn query(&self, job: &Job) -> TxQuery {
        let order = &job.order;
        let hash = order.open_transaction().map(|open| open.hash.clone()).unwrap_or_default();
        let receive = (!matches!(order.state, State::Approving)).then(|| Receive {
            token: order.intent.token_out.address.clone(),
            address: self.floor.lane(&order.lane()).signer().address.clone(),
        });
        TxQuery { hash, receive }
    }

    /// How far the accounts are whose transactions were missing at the last look. Asked *before* the transactions,
    /// so that one which is still missing afterwards cannot have been included meanwhile.
    async fn ask_lanes(&self, batch: &[Watched]) -> BTreeMap<Lane, LaneStatus> {
        let suspects = batch.iter().filter(|watched| watched.misses > 0);
        let lanes: BTreeSet<_> = suspects.map(|watched| watched.job.order.lane()).collect();
        let mut answers = BTreeMap::new();
        for lane in lanes {
            let ctx = Context::within(self.floor.settings.send_timeout);
            let address = self.floor.lane(&lane).signer().address.clone();
            match bounded(&ctx, self.chain.lane(&ctx, LaneRequest { address })).await {
                Ok(status) => drop(answers.insert(lane, status)),
                Err(error) => observe::chain_failed(&self.name, "read the sequence of an account", &error),
            }
        }
        answers
    }

    /// Draws the consequences of one look. Returns the order when its bytes should go out again.
    async fn conclude(
        &mut self,
        mut watched: Watched,
        status: &TxStatus,
        lane: Option<&LaneStatus>,
    ) -> Result<Option<Watched>, Halt> {
        let sequence = watched.job.order.open_transaction().map(|open| open.sequence).unwrap_or_default();
        let passed = watched.misses >= LOOKS && lane.is_some_and(|lane| lane.finalized > sequence);
        let delay_ms = self.floor.retry_delay_ms(&watched.job.order);
        let verdict = judge(&watched.job.order, status, passed, delay_ms);
        let handle = self.floor.lane(&watched.job.order.lane());
        if verdict.consumed {
            handle.consumed(sequence).await;
        }
        if let (true, Some(lane)) = (passed, lane) {
            handle.overtaken(*lane).await;
        }
        let was_approving = matches!(watched.job.order.state, State::Approving);
        let Verdict { facts, missing, .. } = verdict;
        if !self.record(&mut watched.job, facts).await? {
            return Ok(None);
        }
        if was_approving && !matches!(watched.job.order.state, State::Approving) {
            self.end_approval(&watched.job).await;
        }
        watched.misses = if missing { watched.misses.saturating_add(1) } else { 0 };
        Ok(self.settle(watched).await)
    }

    async fn record(&self, job: &mut Job, facts: Vec<Fact>) -> Result<bool, Halt> {
        if facts.is_empty() {
            return Ok(true);
        }
        for fact in facts {
            if let Err(halt) = self.floor.journal.note(job, fact) {
                return self.floor.set_aside(&job.order, halt).map(|()| false);
            }
        }
        self.floor.journal.write(job, None).await.map(|_| true)
    }

    async fn end_approval(&self, job: &Job) {
        if let Some(key) = ApprovalKey::of(&job.order) {
            self.floor.end_approval(&key).await;
        }
    }

    /// Puts an order back on the agenda, or hands it on when there is nothing left to follow.
    async fn settle(&mut self, mut watched: Watched) -> Option<Watched> {
        if watched.job.order.next_step() != Step::Watch {
            self.floor.place(watched.job).await;
            return None;
        }
        let now = Instant::now();
        if watched.misses > 0 && watched.resend_at <= now {
            return Some(watched);
        }
        let included = matches!(watched.job.order.state, State::Confirmed { .. } | State::Reverted { .. });
        watched.look_at = now + if included { self.poll * FINALITY_PACE } else { self.poll };
        self.agenda.put(watched);
        None
    }

    /// Sends stored bytes again, unchanged.
    async fn resend(&mut self, missing: Vec<Watched>) -> Result<(), Halt> {
        let (chain, budget) = (self.chain.clone(), self.floor.settings.send_timeout);
        let sent: Vec<_> = stream::iter(missing)
            .map(|watched| async {
                let outcome = send_open(chain.as_ref(), budget, &watched.job.order).await;
                (watched, outcome)
            })
            .buffer_unordered(RESENDS)
            .collect()
            .await;
        for (watched, outcome) in sent {
            self.after_resend(watched, outcome).await?;
        }
        Ok(())
    }

    async fn after_resend(&mut self, mut watched: Watched, outcome: SendOutcome) -> Result<(), Halt> {
        observe::transaction_resent(&watched.job.order, &outcome);
        watched.resends = watched.resends.saturating_add(1);
        let delay = self.pause(watched.resends.saturating_add(1));
        let fact = meaning(&watched.job.order.state, outcome, delay);
        if !self.record(&mut watched.job, Vec::from_iter(fact)).await? {
            return Ok(());
        }
        let now = Instant::now();
        let settled = matches!(watched.job.order.state, State::Submitted);
        watched.resend_at = now + if settled { self.floor.settings.resend } else { delay };
        watched.look_at = now + self.poll;
        self.agenda.put(watched);
        Ok(())
    }
}

/// Sends an order's open transaction. Its approvals go first: nobody follows them any more, and where a
/// reorganisation took them as well, nothing of the account moves before they are back.
async fn send_open(chain: &dyn Chain, budget: Duration, order: &Order) -> SendOutcome {
    let Some(open) = order.open_transaction() else {
        return SendOutcome::Unknown { reason: "nothing is signed".to_owned() };
    };
    let approvals = order.attempts.iter().filter_map(|attempt| attempt.approval.as_ref());
    for approval in approvals.filter(|approval| approval.sequence < open.sequence) {
        send(chain, budget, approval).await;
    }
    send(chain, budget, open).await
}

/// What the answer to a repeated send adds to what was known.
fn meaning(state: &State, outcome: SendOutcome, delay: Duration) -> Option<Fact> {
    let open = matches!(state, State::Signed | State::ResendPending { .. } | State::Unknown { .. });
    let unsent = matches!(state, State::Signed | State::ResendPending { .. });
    let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
    match outcome {
        SendOutcome::Accepted if open => Some(Fact::SendAccepted),
        SendOutcome::Unknown { reason } if unsent => Some(Fact::SendUnknown { reason }),
        SendOutcome::NotSent { reason } if matches!(state, State::Signed) => {
            Some(Fact::SendRefused { reason, delay_ms })
        }
        SendOutcome::Accepted | SendOutcome::Unknown { .. } | SendOutcome::NotSent { .. } => None,
    }
}

/// Waits until an instant; forever when there is none.
async fn due(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
