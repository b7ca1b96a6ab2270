//! The daemon's end of one running host: its calls and their answers, its questions and theirs.

use super::{
    outbox::{Outbox, Unsent},
    words::Instruction,
};
use crate::plugin::{
    operations::{Operations, Refused, Tally},
    runner::{CallError, admit, gone, late, refusal},
    services::{Deliver, Services},
};
use orderd_sdk::{
    abi::{Method, Outcome, Status, table::MAX_OPERATIONS},
    plugin::{Context, PluginError},
};
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};
use tokio::{net::UnixStream, sync::oneshot, time::timeout_at};

/// One running host.
pub(super) struct Link {
    name: String,
    pub(super) socket: Arc<UnixStream>,
    pub(super) outbox: Outbox,
    pub(super) operations: Operations<Answer>,
    pub(super) services: Services,
    heard: AtomicU64,
    /// What is said to those who wait in vain.
    epitaph: OnceLock<PluginError>,
}

/// What became of a call.
#[derive(Debug)]
pub(super) enum Answer {
    /// The plugin completed it.
    Completed(Outcome),
    /// `start` said this, and not OK.
    Refused(Status),
    /// The host never heard of it.
    NeverSent,
}

/// How a call was given up.
enum GivenUp {
    /// The host never heard of it.
    NeverSent,
    /// It did, or may have.
    Sent,
}

impl Link {
    pub(super) fn new(name: String, socket: UnixStream, services: Services) -> Arc<Self> {
        let socket = Arc::new(socket);
        let link = Arc::new(Self {
            name,
            outbox: Outbox::new(socket.clone()),
            socket,
            operations: Operations::default(),
            services,
            heard: AtomicU64::new(0),
            epitaph: OnceLock::new(),
        });
        let instance = Arc::downgrade(&link);
        link.services.go_live(instance);
        link
    }

    /// Whose it is.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Calls a method, and waits at most until the deadline. [`CallError::Gone`] when the host never heard of it.
    pub(super) async fn call(
        &self,
        ctx: &Context,
        method: Method,
        target: &str,
        request: &[u8],
    ) -> Result<Vec<u8>, CallError> {
        let (pending, answer) = self.start(ctx, method, target, request)?;
        match timeout_at(ctx.deadline(), answer).await {
            Ok(Ok(Answer::Completed(outcome))) => outcome.into_result().map_err(CallError::Failed),
            Ok(Ok(Answer::Refused(status))) => Err(refusal(status)),
            Ok(Ok(Answer::NeverSent)) => Err(CallError::Gone),
            Ok(Err(_)) => Err(CallError::Failed(self.epitaph.get().cloned().unwrap_or_else(gone))),
            Err(_) => Err(match pending.give_up() {
                GivenUp::NeverSent => CallError::NotStarted(late()),
                GivenUp::Sent => CallError::Failed(late()),
            }),
        }
    }

    fn start(
        &self,
        ctx: &Context,
        method: Method,
        target: &str,
        request: &[u8],
    ) -> Result<(Pending<'_>, oneshot::Receiver<Answer>), CallError> {
        let budget_ns = admit(ctx, request)?;
        let (op, answer) = self.operations.begin().map_err(|refused| match refused {
            Refused::Full => self.full(),
            Refused::Closed => CallError::Gone,
        })?;
        let start = Instruction::Start { op, budget_ns, method: method.name(), target, request };
        self.outbox.send(&start).map_err(|unsent| {
            self.operations.refused(op);
            match unsent {
                Unsent::Closed => CallError::Gone,
                Unsent::Full => too_many(),
            }
        })?;
        Ok((Pending { link: self, op }, answer))
    }

    fn full(&self) -> CallError {
        tracing::warn!(plugin = self.name, "{MAX_OPERATIONS} calls are in flight, refusing more");
        too_many()
    }

    fn give_up(&self, op: u64) -> GivenUp {
        if !self.operations.abandon(op) {
            return GivenUp::Sent;
        }
        if self.outbox.withdraw(op) {
            self.operations.refused(op);
            return GivenUp::NeverSent;
        }
        let _ = self.outbox.send(&Instruction::Cancel { op });
        GivenUp::Sent
    }

    /// The host is gone, or is not listened to any more. Whoever waits is told: that it never heard of the call, or this.
    pub(super) fn close(&self, epitaph: PluginError) {
        let _ = self.epitaph.set(epitaph);
        self.services.end();
        for op in self.outbox.close() {
            self.operations.complete(op, Answer::NeverSent);
        }
        self.operations.clear();
    }

    /// Something has arrived.
    pub(super) fn note_sign_of_life(&self) {
        self.heard.fetch_add(1, Ordering::Relaxed);
    }

    /// What the host has shown of itself.
    pub(super) fn signs(&self) -> (u64, Tally) {
        (self.heard.load(Ordering::Relaxed), self.operations.tally())
    }
}

impl Deliver for Link {
    /// Where too much waits already, the plugin is told that the daemon is busy.
    fn deliver(&self, op: u64, status: Status, reply: &[u8]) {
        let sent = self.outbox.send(&Instruction::Deliver { op, status, reply });
        if sent == Err(Unsent::Full) {
            let _ = self.outbox.send(&Instruction::Deliver { op, status: Status::BUSY, reply: &[] });
        }
    }
}

fn too_many() -> CallError {
    CallError::NotStarted(PluginError::transient("too many calls to the plugin in flight"))
}

/// A call that was sent. Dropped before its answer, it is cancelled.
struct Pending<'a> {
    link: &'a Link,
    op: u64,
}

impl Pending<'_> {
    fn give_up(self) -> GivenUp {
        self.link.give_up(self.op)
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.link.give_up(self.op);
    }
}
