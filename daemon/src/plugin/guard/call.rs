//! One call, with an end: the only part of the guard that waits.

use futures_util::FutureExt as _;
use orderd_sdk::plugin::{Context, ErrorKind, PluginError};
use std::{any::Any, future::Future, panic::AssertUnwindSafe};
use tokio::time::timeout_at;

/// What the call comes to, unless it is late or panics, which code that is linked in may do.
pub(super) async fn fenced<T>(ctx: &Context, call: impl Future<Output = T>) -> Result<T, PluginError> {
    // Nothing of the call is looked at after it panicked.
    match timeout_at(ctx.deadline(), AssertUnwindSafe(call).catch_unwind()).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(cause)) => Err(PluginError { kind: ErrorKind::Panic, message: panicked(&*cause) }),
        Err(_) => Err(late()),
    }
}

/// The time of the call is over.
pub(super) fn late() -> PluginError {
    PluginError { kind: ErrorKind::Deadline, message: "no answer in time".to_owned() }
}

fn panicked(cause: &(dyn Any + Send)) -> String {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    let said = text.or_else(|| cause.downcast_ref::<&str>().copied());
    said.map_or_else(|| "panicked".to_owned(), |said| format!("panicked: {said}"))
}
