//! The one place where tasks are spawned: each has a name, and nobody misses its panic.

use super::{Fault, FaultKind, Shutdown, observe};
use futures_util::FutureExt;
use std::{
    any::Any,
    future::Future,
    panic::{self, AssertUnwindSafe},
};
use tokio::task::JoinHandle;

/// Runs a future on its own. A panic ends this task alone: it is logged, and told to whoever joins the task.
pub fn spawn<F>(name: &'static str, future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    start(async move {
        match AssertUnwindSafe(future).catch_unwind().await {
            Ok(output) => output,
            Err(cause) => {
                observe::task_panicked(name, message(&*cause));
                panic::resume_unwind(cause)
            }
        }
    })
}

/// Runs a future that the daemon cannot do without, until a shutdown is requested. When it panics, fails, or ends
/// before that, the daemon comes down: with a dead part it must not look alive.
pub fn spawn_critical<F, T>(name: &'static str, shutdown: &Shutdown, future: F) -> JoinHandle<()>
where
    F: Future<Output = T> + Send + 'static,
    T: CriticalEnd,
{
    let shutdown = shutdown.clone();
    start(async move {
        let kind = match AssertUnwindSafe(future).catch_unwind().await {
            Err(cause) => FaultKind::Panicked(message(&*cause).to_owned()),
            Ok(output) => match output.failure() {
                Some(reason) => FaultKind::Failed(reason),
                None if shutdown.is_requested() => return,
                None => FaultKind::Ended,
            },
        };
        let fault = Fault { task: name, kind };
        observe::daemon_broken(&fault);
        shutdown.fail(fault);
    })
}

/// What a critical task may end with: nothing, or a reason why it cannot go on.
pub trait CriticalEnd: Send {
    /// The reason, with those behind it.
    fn failure(self) -> Option<String>;
}

impl CriticalEnd for () {
    fn failure(self) -> Option<String> {
        None
    }
}

impl<E: std::error::Error + Send> CriticalEnd for Result<(), E> {
    fn failure(self) -> Option<String> {
        self.err().map(|error| observe::chain(&error))
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the module that spawns tasks")]
fn start<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    // In a box: tokio moves a future several times while it makes the task, and once more when it ends.
    tokio::spawn(Box::pin(future))
}

/// What a panic said.
fn message(cause: &(dyn Any + Send)) -> &str {
    match (cause.downcast_ref::<&str>(), cause.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (None, Some(text)) => text,
        (None, None) => "without a message",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[tokio::test]
    async fn a_task_gives_its_result_or_its_panic_to_whoever_joins_it() {
        assert_eq!(spawn("sum", async { 1 + 1 }).await.unwrap(), 2);
        let panicked = spawn("panicking", async { panic!("boom") }).await;
        assert!(panicked.is_err_and(|error| error.is_panic()));
    }

    async fn fault_of(kind: impl Future<Output = impl CriticalEnd> + Send + 'static) -> String {
        let shutdown = Shutdown::new();
        spawn_critical("part", &shutdown, kind).await.unwrap();
        assert!(shutdown.is_requested());
        shutdown.broken().await.to_string()
    }

    #[tokio::test]
    async fn a_critical_task_takes_the_daemon_down_with_it() {
        let text = String::from("of the disk");
        let panics = async move { assert!(text.is_empty(), "out {text}") };
        assert_eq!(fault_of(panics).await, "task part panicked: out of the disk");
        assert_eq!(fault_of(async {}).await, "task part ended while the daemon was running");
        let fails = async { Err::<(), _>(io::Error::other("no space")) };
        assert_eq!(fault_of(fails).await, "task part failed: no space");
    }

    #[tokio::test]
    async fn a_critical_task_may_end_after_a_shutdown_was_requested() {
        let shutdown = Shutdown::new();
        let until_the_end = {
            let shutdown = shutdown.clone();
            async move { shutdown.requested().await }
        };
        let task = spawn_critical("part", &shutdown, until_the_end);
        shutdown.request();
        task.await.unwrap();
        assert_eq!(shutdown.fault(), None);
    }
}
