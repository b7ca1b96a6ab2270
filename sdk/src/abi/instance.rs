//! One instance of a plugin: its thread, its runtime, and the calls that run on them.

use super::{
    Method, Outcome, Status, catch, dispatch,
    fence::Fenced,
    link::HostLink,
    log,
    operations::{Completion, Operations, Refusal},
    services::{RemoteHost, Requests},
};
use crate::plugin::{Context, ErrorKind, Exports, FirstPoll, Host, Plugin, PluginConfig, PluginError};
use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context as PollContext, Poll, Waker},
    thread::{self, JoinHandle},
    time::Duration,
};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::oneshot,
    time::timeout_at,
};

/// No operation is given more time.
const LONGEST_BUDGET: Duration = Duration::from_secs(3600);
/// How long blocking tasks of a plugin may hold up the end of its instance.
const BLOCKING_TASKS_GRACE: Duration = Duration::from_secs(2);

/// What stands behind the instance pointer.
pub(super) struct Instance {
    exports: Exports,
    first_poll: FirstPoll,
    link: Arc<HostLink>,
    requests: Arc<Requests>,
    operations: Arc<Operations>,
    runtime: Handle,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// Reasons that a plugin has no instance.
#[derive(Debug, thiserror::Error)]
pub(super) enum CreateError {
    /// Its own.
    #[error("{0}")]
    Plugin(PluginError),
    /// It panicked.
    #[error("panicked: {0}")]
    Panic(String),
    /// The machine is short of something.
    #[error("no thread or runtime for the plugin: {0}")]
    Resources(#[from] io::Error),
}

/// A call with its deadline and its panic fence.
type Operation = Pin<Box<dyn Future<Output = Outcome> + Send>>;

impl Instance {
    /// Lets the plugin make its exports, inside the context of the runtime that will serve them.
    pub(super) fn create<P: Plugin>(config: PluginConfig, link: Arc<HostLink>) -> Result<Self, CreateError> {
        log::install(&link);
        let runtime = runtime(&link)?;
        let requests = Arc::new(Requests::default());
        let host = Host::new(RemoteHost::new(link.clone(), requests.clone()));
        let made = {
            let (_log, _runtime) = (log::enter(&link), runtime.enter());
            catch(|| P::create(config, host))
        };
        let exports = made.map_err(CreateError::Panic)?.map_err(CreateError::Plugin)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new().name(format!("plugin-{}", P::NAME)).spawn({
            let link = link.clone();
            move || run(runtime, stopped, &link)
        })?;
        Ok(Self {
            exports,
            first_poll: P::FIRST_POLL,
            operations: Arc::new(Operations::new(link.clone())),
            link,
            requests,
            runtime: handle,
            stop,
            thread,
        })
    }

    /// Begins an operation.
    pub(super) fn start(
        &self,
        op: u64,
        method: &str,
        target: &str,
        budget: Duration,
        request: &[u8],
    ) -> Status {
        let Some(method) = Method::parse(method) else {
            return Status::UNSUPPORTED;
        };
        let ctx = Context::within(budget.min(LONGEST_BUDGET));
        let call = match dispatch::call(&self.exports, method, target, ctx, request) {
            Ok(call) => call,
            Err(reason) => {
                let _log = log::enter(&self.link);
                tracing::warn!(method = method.name(), target_name = target, reason, "bad request");
                return Status::BAD_REQUEST;
            }
        };
        let completion = match self.operations.accept(op) {
            Ok(completion) => completion,
            Err(Refusal::Busy) => return Status::BUSY,
            Err(Refusal::TokenInUse) => return Status::BAD_REQUEST,
        };
        self.begin(op, Box::pin(bounded(call, ctx)), completion);
        Status::OK
    }

    fn begin(&self, op: u64, mut operation: Operation, completion: Completion) {
        if self.first_poll == FirstPoll::CallerThread
            && let Poll::Ready(outcome) = self.poll_here(operation.as_mut())
        {
            return completion.send(&outcome);
        }
        // The task polls anew, with its own waker: whatever the first poll registered is replaced.
        let task = self.runtime.spawn(async move {
            let outcome = operation.await;
            completion.send(&outcome);
        });
        self.operations.running(op, task.abort_handle());
    }

    fn poll_here(&self, operation: Pin<&mut (dyn Future<Output = Outcome> + Send)>) -> Poll<Outcome> {
        let (_log, _runtime) = (log::enter(&self.link), self.runtime.enter());
        operation.poll(&mut PollContext::from_waker(Waker::noop()))
    }

    pub(super) fn cancel(&self, op: u64) {
        self.operations.cancel(op);
    }

    pub(super) fn deliver(&self, op: u64, outcome: Outcome) {
        self.requests.deliver(op, outcome);
    }

    /// Ends everything; nothing is said to the host any more when it returns.
    pub(super) fn destroy(self) {
        let _ = self.stop.send(());
        let _ = self.thread.join();
        self.link.close();
        let exports = self.exports;
        let _ = catch(|| drop(exports));
    }

    #[cfg(test)]
    pub(super) fn in_flight(&self) -> (usize, usize) {
        (self.operations.len(), self.requests.len())
    }
}

fn runtime(link: &Arc<HostLink>) -> io::Result<Runtime> {
    let link = link.clone();
    Builder::new_current_thread().enable_all().on_thread_start(move || log::adopt_thread(&link)).build()
}

/// The body of the instance's thread.
fn run(runtime: Runtime, stopped: oneshot::Receiver<()>, link: &Arc<HostLink>) {
    log::adopt_thread(link);
    let _ = runtime.block_on(stopped);
    runtime.shutdown_timeout(BLOCKING_TASKS_GRACE);
}

async fn bounded(call: dispatch::Call, ctx: Context) -> Outcome {
    Outcome::of(match timeout_at(ctx.deadline(), Fenced::new(call)).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => {
            tracing::error!(panic, "the plugin panicked");
            Err(failure(ErrorKind::Panic, format!("panicked: {panic}")))
        }
        Err(_) => Err(failure(ErrorKind::Deadline, "the deadline passed".to_owned())),
    })
}

fn failure(kind: ErrorKind, message: String) -> PluginError {
    PluginError { kind, message }
}
