//! One writer per account and chain: signs transactions one after the other, so that sequences are dense.
//!
//! A sequence is taken in the same commit that stores the signed bytes. Whoever asked sends them once that commit
//! is durable. A lane opens only when the chain has said how far the account is and every transaction that was
//! signed before this start has been looked up.

use super::{
    backoff::Backoff,
    call::bounded,
    job::{Halt, Job, Journal},
    signal::raised,
};
use crate::{
    order::{Fact, Lane, Transaction},
    store::{LaneAdvance, Receipt},
    telemetry::observe,
};
use orderd_sdk::plugin::{
    Chain, Context, LaneRequest, LaneStatus, Payload, PluginError, PrepareRequest, Prepared, Signer,
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::sync::{mpsc, oneshot, watch};

/// Notes from the trackers; more than this at once wait.
const NOTES: usize = 1024;

/// Asks a lane to sign, and tells it what became of its sequences.
#[derive(Clone)]
pub(super) struct LaneHandle {
    signer: Signer,
    requests: mpsc::Sender<Request>,
    notes: mpsc::Sender<Note>,
}

/// What is to be signed.
#[derive(Debug)]
pub(super) enum Signing {
    /// The swap itself.
    Swap(Payload),
    /// An approval that the swap needs.
    Approval { payload: Payload, token: String, spender: String },
}

/// An order that was not signed.
#[derive(Debug)]
pub(super) enum Unsigned {
    /// The chain's plugin refused; no sequence was taken.
    Refused(Job, PluginError),
    /// The log is gone, or the lane with it.
    Halted(Halt),
}

struct Request {
    job: Job,
    signing: Signing,
    reply: oneshot::Sender<Result<(Job, Receipt), Unsigned>>,
}

enum Note {
    /// A sequence is in a block.
    Consumed(u64),
    /// The chain has seen transactions that are not ours.
    Overtaken(LaneStatus),
}

/// How a lane is set up.
pub(super) struct LaneSetup {
    pub(super) lane: Lane,
    pub(super) signer: Signer,
    pub(super) chain: Arc<dyn Chain>,
    pub(super) journal: Journal,
    /// The next free sequence, as far as the store knows.
    pub(super) stored_next: u64,
    /// Sequences that are signed and not in a block yet.
    pub(super) outstanding: BTreeSet<u64>,
    /// At most so many of them at once.
    pub(super) max_pending: usize,
    pub(super) budget: Duration,
    pub(super) backoff: Backoff,
    /// Signing requests that may wait.
    pub(super) queue: usize,
    /// On when the daemon closes. It comes last, after the journal: once it is dropped, the store was let go of.
    pub(super) closing: watch::Receiver<bool>,
}

struct LaneWriter {
    setup: LaneSetup,
    next: u64,
    requests: mpsc::Receiver<Request>,
    notes: mpsc::Receiver<Note>,
}

impl LaneHandle {
    /// Who signs.
    pub(super) fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Signs at the lane's next sequence. When this returns, order and sequence are in the log; the receipt tells
    /// when they are durable, which is when the bytes may be sent.
    pub(super) async fn sign(&self, job: Job, signing: Signing) -> Result<(Job, Receipt), Unsigned> {
        let (reply, answer) = oneshot::channel();
        let request = Request { job, signing, reply };
        match self.requests.send(request).await {
            Ok(()) => answer.await.unwrap_or(Err(Unsigned::Halted(Halt::closed()))),
            Err(_) => Err(Unsigned::Halted(Halt::closed())),
        }
    }

    /// Tells that a sequence is in a block. Lost only when the lane is gone, which ends the daemon.
    pub(super) async fn consumed(&self, sequence: u64) {
        self.notes.send(Note::Consumed(sequence)).await.ok();
    }

    /// Tells that the account was used from outside.
    pub(super) async fn overtaken(&self, status: LaneStatus) {
        self.notes.send(Note::Overtaken(status)).await.ok();
    }
}

/// Makes a lane: its handle, and the task that is its one writer. `settled` turns true once every transaction that
/// was signed before this start has been looked up.
pub(super) fn open(
    setup: LaneSetup,
    settled: watch::Receiver<bool>,
) -> (LaneHandle, impl Future<Output = ()> + Send) {
    let (requests, requests_in) = mpsc::channel(setup.queue);
    let (notes, notes_in) = mpsc::channel(NOTES);
    let handle = LaneHandle { signer: setup.signer.clone(), requests, notes };
    let writer = LaneWriter { next: setup.stored_next, setup, requests: requests_in, notes: notes_in };
    (handle, writer.run(settled))
}

impl LaneWriter {
    /// Works until nobody can ask any more, or the daemon closes.
    async fn run(mut self, settled: watch::Receiver<bool>) {
        let mut closing = self.setup.closing.clone();
        tokio::select! {
            biased;
            () = raised(&mut closing) => {}
            () = self.work(settled) => {}
        }
    }

    async fn work(&mut self, mut settled: watch::Receiver<bool>) {
        self.find_place().await;
        raised(&mut settled).await;
        loop {
            tokio::select! {
                biased;
                Some(note) = self.notes.recv() => self.take_note(note),
                request = self.requests.recv(), if self.has_room() => match request {
                    Some(request) => self.answer(request).await,
                    None => return,
                },
                else => return,
            }
        }
    }

    /// Asks the chain how far the account is, until it answers. Nobody but us should use the account, so the store
    /// is never behind; where it is, the chain is right.
    async fn find_place(&mut self) {
        for failures in 1.. {
            let ctx = Context::within(self.setup.budget);
            let request = LaneRequest { address: self.setup.signer.address.clone() };
            match bounded(&ctx, self.setup.chain.lane(&ctx, request)).await {
                Ok(status) => return self.adopt(status),
                Err(error) => {
                    let delay = self.setup.backoff.delay_ms(failures);
                    observe::chain_failed(&self.setup.lane.chain, "read the sequence of an account", &error);
                    tokio::time::sleep(Duration::from_millis(delay)).await;
                }
            }
        }
    }

    fn has_room(&self) -> bool {
        self.setup.outstanding.len() < self.setup.max_pending
    }

    fn adopt(&mut self, status: LaneStatus) {
        self.next = self.next.max(status.latest);
        observe::lane_synced(&self.setup.lane, self.next, &status);
        self.setup.outstanding.retain(|sequence| *sequence >= status.latest);
    }

    fn take_note(&mut self, note: Note) {
        match note {
            Note::Consumed(sequence) => {
                self.setup.outstanding.remove(&sequence);
            }
            Note::Overtaken(status) => self.adopt(status),
        }
    }

    async fn answer(&mut self, request: Request) {
        let Request { mut job, signing, reply } = request;
        let result = match self.sign(&mut job, signing).await {
            Ok(receipt) => Ok((job, receipt)),
            Err(Refusal::Plugin(error)) => Err(Unsigned::Refused(job, error)),
            Err(Refusal::Halt(halt)) => Err(Unsigned::Halted(halt)),
        };
        // A worker that is gone was stopped with the daemon; what it asked for is in the log.
        reply.send(result).ok();
    }

    async fn sign(&mut self, job: &mut Job, signing: Signing) -> Result<Receipt, Refusal> {
        let sequence = self.next;
        let payload = match &signing {
            Signing::Swap(payload) | Signing::Approval { payload, .. } => payload.clone(),
        };
        let prepared = self.prepare(sequence, payload).await.map_err(Refusal::Plugin)?;
        let transaction = Transaction { sequence, raw: prepared.raw, hash: prepared.hash };
        let fact = match signing {
            Signing::Swap(_) => Fact::SwapSigned { transaction },
            Signing::Approval { token, spender, .. } => Fact::ApprovalSigned { transaction, token, spender },
        };
        self.setup.journal.note(job, fact)?;
        let advance = LaneAdvance { lane: self.setup.lane.clone(), next: sequence + 1 };
        let receipt = self.setup.journal.write(job, Some(advance)).await?;
        self.next = sequence + 1;
        self.setup.outstanding.insert(sequence);
        if !self.has_room() {
            observe::lane_full(&self.setup.lane, self.setup.outstanding.len());
        }
        Ok(receipt)
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

impl From<Halt> for Refusal {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}
