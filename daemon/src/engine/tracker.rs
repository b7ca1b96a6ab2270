//! Follows signed transactions of one chain until nothing can change any more, all with one task.
//!
//! It looks them up in batches, sends their bytes again where the chain has nothing, has others signed in their place
//! where that is wanted, and hands an order back as soon as something else has to be done for it. What an RPC error
//! hides stays as it was.

use super::{
    Floor,
    agenda::{Agenda, Watched},
    approvals::ApprovalKey,
    following::Message,
    job::{Halt, Job},
    look::{Found, Observer},
    replace::{Need, Replacer},
    resend::{meaning, send_open},
    signal::{Switch, until},
    signing::Note,
    verdict::{self, Place, Sight, Verdict, judge},
};
use crate::{
    order::{Fact, OrderId, State, Step},
    telemetry::observe,
};
use futures_util::{StreamExt as _, stream};
use orderd_sdk::plugin::{Chain, SendOutcome};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::Instant};

/// Transactions that one look-up asks for; what the plugin interface allows.
const BATCH: usize = 100;
/// Transactions sent at once.
const SENDS: usize = 16;
/// How much rarer a transaction is looked up that only waits for finality.
const FINALITY_PACE: u32 = 4;

/// The same, at the most, for one that is nowhere to be found.
const RAREST: u32 = 16;

/// Follows the transactions of one chain.
pub(super) struct Tracker {
    floor: Arc<Floor>,
    name: String,
    chain: Arc<dyn Chain>,
    poll: Duration,
    replacer: Replacer,
    inbox: mpsc::Receiver<Message>,
    agenda: Agenda,
    /// Look-ups that failed in a row.
    failures: u32,
}

impl Tracker {
    pub(super) fn new(floor: Arc<Floor>, name: &str, inbox: mpsc::Receiver<Message>) -> Self {
        let post = floor.post(name);
        let (chain, poll, replacer) = (post.chain.clone(), post.poll, Replacer::new(post.bumps));
        let agenda = Agenda::default();
        Self { name: name.to_owned(), chain, poll, replacer, inbox, agenda, failures: 0, floor }
    }

    /// Looks up what was signed before this start, says so, and then follows orders until the daemon closes.
    pub(super) async fn run(mut self, before: Vec<Job>, settled: Switch) -> Result<(), Halt> {
        let floor = self.floor.clone();
        let unsettled = before.iter().map(|job| job.order.id).collect();
        let now = Instant::now();
        before.into_iter().for_each(|job| self.agenda.put(Watched::new(job, now, now)));
        tokio::select! {
            biased;
            () = floor.closed() => Ok(()),
            ended = self.follow(unsettled, settled) => ended.or_else(Halt::end),
        }
    }

    async fn follow(&mut self, mut unsettled: BTreeSet<OrderId>, settled: Switch) -> Result<(), Halt> {
        loop {
            if unsettled.is_empty() {
                settled.turn_on();
            }
            tokio::select! {
                biased;
                // First, as on a slow chain something is always due: new orders would not be looked up.
                Some(message) = self.inbox.recv() => self.take(message).await?,
                () = until(self.agenda.next_due()) => {
                    self.gather().await?;
                    for id in self.sweep().await? {
                        unsettled.remove(&id);
                    }
                }
            }
        }
    }

    /// Lets others go first that are ready to hand something over: one look does for all of it then.
    async fn gather(&mut self) -> Result<(), Halt> {
        tokio::task::yield_now().await;
        while let Ok(message) = self.inbox.try_recv() {
            self.take(message).await?;
        }
        Ok(())
    }

    async fn take(&mut self, message: Message) -> Result<(), Halt> {
        match message {
            Message::Follow(job) => self.begin(job).await,
            Message::Heed(id) => match self.agenda.take(id) {
                Some(watched) => self.heed(watched).await,
                None => Ok(()),
            },
        }
    }

    /// An order that was sent a moment ago: the first look is now, as some chains include at once.
    async fn begin(&mut self, job: Job) -> Result<(), Halt> {
        let now = Instant::now();
        let patience = match matches!(job.order.state, State::Submitted) {
            true => self.floor.settings.resend,
            false => self.pause(1),
        };
        self.heed(Watched::new(job, now, now + patience)).await
    }

    /// Notes what has come up about an order, and looks at it at once.
    async fn heed(&mut self, mut watched: Watched) -> Result<(), Halt> {
        match self.floor.wishes.heed(&self.floor.journal, &mut watched.job).await {
            Ok(()) => {
                // An approval that was undone is on its way again: nobody else has to sign one.
                if let (State::Approving, Some(key)) =
                    (&watched.job.order.state, ApprovalKey::of(&watched.job.order))
                {
                    self.floor.approvals.resume(key);
                }
                watched.look_at = Instant::now();
                self.agenda.put(watched);
                Ok(())
            }
            Err(halt) => self.floor.set_aside(&watched.job.order, halt),
        }
    }

    /// How long bytes that are nowhere wait before they go out for the n-th time again.
    fn pause(&self, resend: u32) -> Duration {
        Duration::from_millis(self.floor.backoff.delay_ms(resend))
    }

    /// Looks at what is due. Returns the orders that the chain has spoken about.
    async fn sweep(&mut self) -> Result<Vec<OrderId>, Halt> {
        let batch = self.agenda.take_due(Instant::now(), BATCH);
        let observer = Observer { floor: &self.floor, name: &self.name, chain: self.chain.as_ref() };
        let found = match observer.look(&batch, &self.replacer).await {
            Ok(found) => found,
            Err(error) => {
                observe::chain_failed(&self.name, "look transactions up", &error);
                self.failures = self.failures.saturating_add(1);
                let look_at = Instant::now() + self.pause(self.failures).max(self.poll);
                batch.into_iter().for_each(|watched| self.agenda.put(Watched { look_at, ..watched }));
                return Ok(Vec::new());
            }
        };
        self.failures = 0;
        let seen = batch.iter().map(|watched| watched.job.order.id).collect();
        let (mut to_send, mut to_replace) = (Vec::new(), Vec::new());
        for (watched, found) in batch.into_iter().zip(found) {
            match self.conclude(watched, found).await? {
                Next::Nothing => {}
                Next::Send(watched) => to_send.push(watched),
                Next::Replace(watched, need) => to_replace.push((watched, need)),
            }
        }
        to_send.extend(self.replace(to_replace).await?);
        self.send(to_send).await?;
        Ok(seen)
    }

    /// Draws the consequences of one look.
    async fn conclude(&mut self, mut watched: Watched, found: Found) -> Result<Next, Halt> {
        let order = &watched.job.order;
        let Some(sequence) = order.open_slot().map(|slot| slot.sequence) else {
            return self.hand_on(watched).await;
        };
        let handle = self.floor.lane(&order.lane());
        if watched.misses >= verdict::LOOKS && found.is_contested(sequence) {
            handle.tell(Note::Contested(sequence)).await;
        }
        let Found { sight, lane, proof } = found;
        if order.swap_is_open() && matches!(&sight, Sight::Included(inclusion) if inclusion.lacks_amount()) {
            observe::amount_missing(&self.name, order);
        }
        let nowhere = sight == Sight::Nowhere;
        let in_block = matches!(sight, Sight::Included(_));
        let delay_ms = self.floor.retry_delay_ms(order);
        let Verdict { facts, place, resend } = judge(order, sight, proof, watched.misses, delay_ms);
        match place {
            Some(Place::Consumed) => handle.tell(Note::Consumed(sequence)).await,
            Some(Place::Lost) => handle.tell(Note::Lost(sequence)).await,
            Some(Place::Undone) => handle.tell(Note::Undone(sequence)).await,
            None => {}
        }
        let was_approving = matches!(order.state, State::Approving);
        if !self.record(&mut watched.job, facts).await? {
            return Ok(Next::Nothing);
        }
        if was_approving && !matches!(watched.job.order.state, State::Approving) {
            self.end_approval(&watched.job, sequence).await;
        }
        watched.misses = if nowhere { watched.misses.saturating_add(1) } else { 0 };
        if watched.job.order.next_step() != Step::Watch {
            return self.hand_on(watched).await;
        }
        Ok(self.settle(watched, in_block, resend, lane.map(|lane| lane.latest)))
    }

    async fn record(&self, job: &mut Job, facts: Vec<Fact>) -> Result<bool, Halt> {
        if facts.is_empty() {
            return Ok(true);
        }
        if let Err(halt) = self.floor.journal.note_all(job, facts) {
            return self.floor.set_aside(&job.order, halt).map(|()| false);
        }
        self.floor.journal.write(job, None).await.map(|_| true)
    }

    /// The approval is in the chain, or was given up. Who waited for it goes on, and its lane guards it from now on.
    async fn end_approval(&self, job: &Job, sequence: u64) {
        if job.order.open_slots().any(|slot| slot.sequence == sequence) {
            self.floor.lane(&job.order.lane()).tell(Note::Guard(sequence, job.order.id)).await;
        }
        if let Some(key) = ApprovalKey::of(&job.order) {
            self.floor.end_approval(&key).await;
        }
    }

    /// There is nothing left to follow.
    async fn hand_on(&self, watched: Watched) -> Result<Next, Halt> {
        self.floor.place(watched.job).await;
        Ok(Next::Nothing)
    }

    /// Puts an order back on the agenda, unless something has to be signed or sent for it.
    fn settle(&mut self, mut watched: Watched, in_block: bool, resend: bool, latest: Option<u64>) -> Next {
        let now = Instant::now();
        let seconds = self.floor.journal.clock().now().unix_seconds();
        watched.look_at = now + self.poll * if in_block { FINALITY_PACE } else { pace(watched.misses) };
        if let Some(need) = self.replacer.need(&mut watched, in_block, latest, now, seconds) {
            return Next::Replace(watched, need);
        }
        // What stands in front of the open slot was undone, and has to come back first.
        let in_front = watched.job.order.slot_in_front(latest).map(|slot| slot.sequence);
        let undone = in_front != watched.job.order.open_slot().map(|slot| slot.sequence);
        if (resend || undone) && watched.resend_at <= now {
            return Next::Send(watched);
        }
        self.agenda.put(watched);
        Next::Nothing
    }

    /// Has transactions signed that take the place of earlier ones, and stores them. Returns what may be sent.
    async fn replace(&mut self, wanted: Vec<(Watched, Need)>) -> Result<Vec<Watched>, Halt> {
        let signed = self.replacer.sign(&self.floor, self.chain.as_ref(), wanted).await;
        let mut receipts = Vec::new();
        for (mut watched, answer) in signed {
            let facts = match answer {
                Ok(replacement) => vec![replacement],
                Err(given_up) => Vec::from_iter(given_up),
            };
            if facts.is_empty() {
                self.agenda.put(watched);
                continue;
            }
            match self.floor.journal.note_all(&mut watched.job, facts) {
                Ok(()) => receipts.push((self.floor.journal.write(&mut watched.job, None).await?, watched)),
                Err(halt) => self.floor.set_aside(&watched.job.order, halt)?,
            }
        }
        let mut durable = Vec::new();
        for (receipt, watched) in receipts {
            receipt.durable().await?;
            durable.push(watched);
        }
        Ok(durable)
    }

    /// Sends stored bytes, for the first time or again.
    async fn send(&mut self, watched: Vec<Watched>) -> Result<(), Halt> {
        let (chain, budget) = (self.chain.clone(), self.floor.settings.send_timeout);
        let sent: Vec<_> = stream::iter(watched)
            .map(|watched| async {
                let outcome = send_open(chain.as_ref(), budget, &watched.job.order).await;
                (watched, outcome)
            })
            .buffer_unordered(SENDS)
            .collect()
            .await;
        for (watched, outcome) in sent {
            self.after_send(watched, outcome).await?;
        }
        Ok(())
    }

    async fn after_send(&mut self, mut watched: Watched, outcome: SendOutcome) -> Result<(), Halt> {
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

/// How much rarer a transaction is looked up of which nothing was found so often in a row.
fn pace(misses: u32) -> u32 {
    misses.saturating_sub(verdict::LOOKS).clamp(1, RAREST)
}

/// What has to be done for an order after a look.
enum Next {
    /// Nothing for now, or somebody else does it.
    Nothing,
    /// Its newest transaction has to be sent.
    Send(Watched),
    /// Another transaction has to be signed first.
    Replace(Watched, Need),
}
