//! One instance of a plugin: calls with the daemon's own deadline, and the orderly end.
#![expect(unsafe_code, reason = "calls the plugin's C functions")]

use super::{
    host::PluginHost,
    library::{Functions, InstancePtr},
    operations::Full,
};
use orderd_sdk::{
    abi::{
        HostTable, Method, Outcome, Status,
        table::{MAX_MESSAGE, MAX_OPERATIONS},
    },
    plugin::{Context, ErrorKind, PluginError},
};
use std::{
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard, TryLockError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use tokio::{sync::oneshot, time::timeout_at};

/// A live plugin. Destroyed by [`Instance::end`], or when the last handle is dropped.
pub(super) struct Instance {
    functions: Functions,
    host: &'static PluginHost,
    pointer: Arc<Pointer>,
    ending: AtomicBool,
}

/// There until `destroy`. Read-locked during each call of a function, which returns at once; never across an
/// await. Only the thread that ends the instance waits for the lock.
type Pointer = RwLock<Option<InstancePtr>>;

/// Why a call has no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CallError {
    /// The plugin never began: certainly without effect.
    NotStarted(PluginError),
    /// It began, or may have.
    Failed(PluginError),
}

impl From<CallError> for PluginError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::NotStarted(error) | CallError::Failed(error) => error,
        }
    }
}

impl Instance {
    /// Makes an instance. Blocks on files, as the plugin's `create` may.
    pub(super) fn create(
        functions: Functions,
        host: &'static PluginHost,
        table: &'static HostTable,
        config: &[u8],
    ) -> Result<Arc<Self>, String> {
        let pointer = functions.create(table, config).inspect_err(|_| host.services.end())?;
        let instance = Arc::new(Self {
            functions,
            host,
            pointer: Arc::new(RwLock::new(Some(pointer))),
            ending: AtomicBool::new(false),
        });
        host.services.go_live(&instance);
        Ok(instance)
    }

    /// Calls a method and waits for its completion, at most until the deadline. Dropping the future cancels.
    pub(super) async fn call(
        &self,
        ctx: &Context,
        method: Method,
        target: &str,
        request: &[u8],
    ) -> Result<Vec<u8>, CallError> {
        let (pending, answer) = self.start(ctx, method, target, request)?;
        let answered = timeout_at(ctx.deadline(), answer).await;
        drop(pending);
        let outcome = match answered {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Outcome::error(&gone()),
            Err(_) => Outcome::error(&late()),
        };
        outcome.into_result().map_err(CallError::Failed)
    }

    fn start(
        &self,
        ctx: &Context,
        method: Method,
        target: &str,
        request: &[u8],
    ) -> Result<(Pending<'_>, oneshot::Receiver<Outcome>), CallError> {
        let budget = u64::try_from(ctx.remaining().as_nanos()).unwrap_or(u64::MAX);
        if budget == 0 {
            return Err(CallError::NotStarted(late()));
        }
        if request.len() > MAX_MESSAGE {
            return Err(CallError::NotStarted(PluginError::invalid("the request is too large")));
        }
        let Some(pointer) = self.enter() else {
            return Err(CallError::NotStarted(gone()));
        };
        let operations = &self.host.operations;
        let (op, answer) = operations.begin().map_err(|Full| CallError::NotStarted(self.full()))?;
        // SAFETY: `enter` keeps the instance from being destroyed meanwhile.
        let status =
            unsafe { self.functions.start(pointer.instance, op, method.name(), target, budget, request) };
        drop(pointer);
        if status == Status::OK {
            return Ok((Pending { instance: self, op }, answer));
        }
        operations.refused(op);
        Err(refusal(status))
    }

    /// Answers a question of the plugin.
    pub(super) fn deliver(&self, op: u64, outcome: &Outcome) {
        if let Some(pointer) = self.enter() {
            // SAFETY: `enter` keeps the instance from being destroyed meanwhile.
            unsafe { self.functions.deliver(pointer.instance, op, outcome.status, &outcome.reply) };
        }
    }

    /// Begins the end, on a thread of its own since the plugin may take its time. The receiver hears when it is
    /// over. Only the first call does anything; whoever waits for an answer hears that the plugin has gone.
    pub(super) fn end(&self) -> oneshot::Receiver<()> {
        let (over, ended) = oneshot::channel();
        if !self.ending.swap(true, Ordering::AcqRel) {
            self.host.services.end();
            self.destroy(over);
        }
        ended
    }

    /// How many completions the plugin owes.
    pub(super) fn in_flight(&self) -> usize {
        self.host.operations.len()
    }

    fn destroy(&self, over: oneshot::Sender<()>) {
        let (functions, host, pointer) = (self.functions, self.host, self.pointer.clone());
        let ending = thread::Builder::new().name(format!("end-{}", host.name)).spawn(move || {
            let taken = pointer.write().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(pointer) = taken {
                // SAFETY: the pointer was taken, so no call is running and none can begin; only once.
                unsafe { functions.destroy(pointer) };
            }
            host.operations.clear();
            let _ = over.send(());
        });
        if let Err(error) = ending {
            tracing::error!(plugin = host.name, %error, "no thread to end the plugin: it is left behind");
        }
    }

    /// Keeps the instance from being destroyed while the guard lives; `None` when its end has begun.
    fn enter(&self) -> Option<Entered<'_>> {
        if self.ending.load(Ordering::Acquire) {
            return None;
        }
        let guard = match self.pointer.try_read() {
            Ok(guard) => guard,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        let instance = (*guard)?;
        Some(Entered { instance, _guard: guard })
    }

    fn full(&self) -> PluginError {
        tracing::warn!(plugin = self.host.name, "{MAX_OPERATIONS} calls are in flight, refusing more");
        PluginError::transient("too many calls to the plugin in flight")
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        drop(self.end());
    }
}

/// A pointer that stays valid as long as this lives.
struct Entered<'a> {
    instance: InstancePtr,
    _guard: RwLockReadGuard<'a, Option<InstancePtr>>,
}

/// A call that was accepted. Dropped before its completion, it is cancelled.
struct Pending<'a> {
    instance: &'a Instance,
    op: u64,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if self.instance.host.operations.abandon(self.op)
            && let Some(pointer) = self.instance.enter()
        {
            // SAFETY: `enter` keeps the instance from being destroyed meanwhile, and `start` has returned.
            unsafe { self.instance.functions.cancel(pointer.instance, self.op) };
        }
    }
}

/// What a status other than OK from `start` means. A panic may have come after the call had begun.
fn refusal(status: Status) -> CallError {
    let refused = Outcome { status, reply: Vec::new() };
    let error = refused.into_result().err().unwrap_or_else(gone);
    match status {
        Status::UNSUPPORTED | Status::BAD_REQUEST | Status::BUSY | Status::CANCELLED => {
            CallError::NotStarted(error)
        }
        Status(_) => CallError::Failed(error),
    }
}

fn gone() -> PluginError {
    PluginError { kind: ErrorKind::Cancelled, message: "the plugin has been shut down".to_owned() }
}

fn late() -> PluginError {
    PluginError { kind: ErrorKind::Deadline, message: "the plugin did not answer in time".to_owned() }
}
