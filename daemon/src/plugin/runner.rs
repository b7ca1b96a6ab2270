//! One live copy of a plugin, wherever it runs.

use super::process::ProcessReport;
use orderd_sdk::{
    abi::{Method, Outcome, Status, table::MAX_MESSAGE},
    plugin::{Context, ErrorKind, PluginError, async_trait},
};
use tokio::sync::oneshot;

/// A live copy of a plugin. Ended by [`Runner::end`], or when its last handle is dropped.
#[async_trait]
pub(super) trait Runner: Send + Sync {
    /// Calls a method and waits for its completion, at most until the deadline. Dropping the future cancels.
    async fn call(
        &self,
        ctx: &Context,
        method: Method,
        target: &str,
        request: &[u8],
    ) -> Result<Vec<u8>, CallError>;

    /// How many completions the plugin owes, those of calls that were given up included.
    fn in_flight(&self) -> usize;

    /// Takes no more calls, each is [`CallError::Gone`] from now on, and waits until the plugin owes no completion.
    async fn drain(&self);

    /// Begins the end, which the plugin may take its time for. The receiver hears when it is over. Only the first call
    /// does anything; whoever waits for an answer hears that the plugin has gone.
    fn end(&self) -> oneshot::Receiver<()>;

    /// How its process does, if it has one of its own.
    fn process(&self) -> Option<ProcessReport> {
        None
    }
}

/// Why a call has no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CallError {
    /// This copy has ended, and never heard of the call: another one may be asked instead.
    Gone,
    /// The plugin never began: certainly without effect.
    NotStarted(PluginError),
    /// It began, or may have.
    Failed(PluginError),
}

impl From<CallError> for PluginError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Gone => gone(),
            CallError::NotStarted(error) | CallError::Failed(error) => error,
        }
    }
}

/// Lets a call begin that has time left and is not too large. How much time, in nanoseconds.
pub(super) fn admit(ctx: &Context, request: &[u8]) -> Result<u64, CallError> {
    let budget_ns = u64::try_from(ctx.remaining().as_nanos()).unwrap_or(u64::MAX);
    match (budget_ns, request.len()) {
        (0, _) => Err(CallError::NotStarted(late())),
        (_, 0..=MAX_MESSAGE) => Ok(budget_ns),
        _ => Err(CallError::NotStarted(PluginError::invalid("the request is too large"))),
    }
}

/// The plugin has been ended.
pub(super) fn gone() -> PluginError {
    PluginError { kind: ErrorKind::Cancelled, message: "the plugin has been shut down".to_owned() }
}

/// The daemon waits no longer.
pub(super) fn late() -> PluginError {
    PluginError { kind: ErrorKind::Deadline, message: "the plugin did not answer in time".to_owned() }
}

/// What a status other than OK from `start` means. A panic may have come after the call had begun.
pub(super) fn refusal(status: Status) -> CallError {
    let refused = Outcome { status, reply: Vec::new() };
    let error = refused.into_result().err().unwrap_or_else(gone);
    match status {
        Status::UNSUPPORTED | Status::BAD_REQUEST | Status::BUSY | Status::CANCELLED => {
            CallError::NotStarted(error)
        }
        Status(_) => CallError::Failed(error),
    }
}
