//! A plugin in the daemon's own process: calls with the daemon's own deadline, and the orderly end.

use super::{
    host::PluginHost,
    operations::Refused,
    runner::{CallError, Runner, admit, gone, late, refusal},
    services::{Deliver, Services},
};
use orderd_sdk::{
    abi::{
        Method, Outcome, Status,
        host::{Guest, Library, Started},
        table::MAX_OPERATIONS,
    },
    plugin::{Context, PluginError, async_trait},
};
use std::{
    sync::{Arc, Weak},
    thread,
};
use tokio::{sync::oneshot, time::timeout_at};

/// A live plugin.
pub(super) struct Instance {
    host: Arc<PluginHost>,
    guest: Arc<Guest>,
}

impl Instance {
    /// Makes an instance. Blocks on files, as the plugin's `create` may.
    pub(super) fn create(
        name: String,
        library: &Library,
        services: Services,
        config: &[u8],
    ) -> Result<Arc<Self>, String> {
        let host = Arc::new(PluginHost { name, operations: Default::default(), services });
        let guest = Guest::create(library, host.clone(), config);
        let guest = Arc::new(guest.inspect_err(|_| host.services.end())?);
        let target: Weak<Guest> = Arc::downgrade(&guest);
        host.services.go_live(target);
        Ok(Arc::new(Self { host, guest }))
    }

    fn start(
        &self,
        ctx: &Context,
        method: Method,
        target: &str,
        request: &[u8],
    ) -> Result<(Pending<'_>, oneshot::Receiver<Outcome>), CallError> {
        let budget_ns = admit(ctx, request)?;
        let operations = &self.host.operations;
        let (op, answer) = operations.begin().map_err(|refused| match refused {
            Refused::Full => CallError::NotStarted(self.full()),
            Refused::Closed => CallError::Gone,
        })?;
        let started = self.guest.start(op, method.name(), target, budget_ns, request);
        if started == Started::Answered(Status::OK) {
            return Ok((Pending { instance: self, op }, answer));
        }
        operations.refused(op);
        Err(match started {
            Started::Answered(status) => refusal(status),
            Started::Ended => CallError::Gone,
        })
    }

    fn full(&self) -> PluginError {
        tracing::warn!(plugin = self.host.name, "{MAX_OPERATIONS} calls are in flight, refusing more");
        PluginError::transient("too many calls to the plugin in flight")
    }

    fn destroy(&self, over: oneshot::Sender<()>) {
        let (host, guest) = (self.host.clone(), self.guest.clone());
        let ending = thread::Builder::new().name(format!("end-{}", host.name)).spawn(move || {
            guest.destroy();
            host.operations.clear();
            let _ = over.send(());
        });
        if let Err(error) = ending {
            tracing::error!(plugin = self.host.name, %error, "no thread to end the plugin: it is left behind");
        }
    }
}

impl Deliver for Guest {
    fn deliver(&self, op: u64, status: Status, reply: &[u8]) {
        Guest::deliver(self, op, status, reply);
    }
}

#[async_trait]
impl Runner for Instance {
    async fn call(
        &self,
        ctx: &Context,
        method: Method,
        target: &str,
        request: &[u8],
    ) -> Result<Vec<u8>, CallError> {
        let (pending, answer) = self.start(ctx, method, target, request)?;
        let answered = timeout_at(ctx.deadline(), answer).await;
        let outcome = match answered {
            Ok(Ok(outcome)) => {
                // There is nothing to give up any more.
                std::mem::forget(pending);
                outcome
            }
            Ok(Err(_)) => Outcome::error(&gone()),
            Err(_) => Outcome::error(&late()),
        };
        outcome.into_result().map_err(CallError::Failed)
    }

    fn in_flight(&self) -> usize {
        self.host.operations.len()
    }

    async fn drain(&self) {
        self.host.operations.drain().await;
    }

    /// On a thread of its own, since `destroy` may block.
    fn end(&self) -> oneshot::Receiver<()> {
        let (over, ended) = oneshot::channel();
        if self.guest.begin_end() {
            self.host.services.end();
            self.destroy(over);
        }
        ended
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        drop(self.end());
    }
}

/// A call that was accepted. Dropped before its completion, it is cancelled.
struct Pending<'a> {
    instance: &'a Instance,
    op: u64,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if self.instance.host.operations.abandon(self.op) {
            self.instance.guest.cancel(self.op);
        }
    }
}
