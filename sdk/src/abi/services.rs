//! The host's services as a plugin sees them: questions with a token, answered through `deliver`.

use super::{
    Outcome, Service, Status,
    link::HostLink,
    table::{MAX_MESSAGE, MAX_OPERATIONS},
};
use crate::plugin::{
    ChainRead, Context, ErrorKind, HostServices, Payload, PluginError, SignRequest, Signature, async_trait,
};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{sync::oneshot, time::timeout_at};

/// Questions to the host that wait for their answer.
#[derive(Default)]
pub(super) struct Requests {
    waiting: Mutex<HashMap<u64, oneshot::Sender<Outcome>>>,
    last: AtomicU64,
}

impl Requests {
    /// Hands an answer to whoever waits for it. Nobody does when the question's future has been dropped.
    pub(super) fn deliver(&self, op: u64, outcome: Outcome) {
        let waiting = self.waiting().remove(&op);
        if let Some(waiting) = waiting {
            let _ = waiting.send(outcome);
        }
    }

    /// How many wait.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.waiting().len()
    }

    fn begin(&self) -> Option<(Slot<'_>, oneshot::Receiver<Outcome>)> {
        let (sender, receiver) = oneshot::channel();
        let op = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let mut waiting = self.waiting();
        if waiting.len() >= MAX_OPERATIONS {
            return None;
        }
        waiting.insert(op, sender);
        Some((Slot { requests: self, op }, receiver))
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<Outcome>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among the waiting, left when it is dropped.
struct Slot<'a> {
    requests: &'a Requests,
    op: u64,
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.requests.waiting().remove(&self.op);
    }
}

/// [`HostServices`] across the interface.
pub(super) struct RemoteHost {
    link: Arc<HostLink>,
    requests: Arc<Requests>,
}

impl RemoteHost {
    pub(super) fn new(link: Arc<HostLink>, requests: Arc<Requests>) -> Self {
        Self { link, requests }
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        ctx: &Context,
        service: Service,
        request: &impl Serialize,
    ) -> Result<T, PluginError> {
        let payload = serde_json::to_vec(request).map_err(unreadable)?;
        if payload.len() > MAX_MESSAGE {
            return Err(PluginError::invalid("the question is too large"));
        }
        let Some((slot, answer)) = self.requests.begin() else {
            return Err(PluginError::transient("too many questions to the host in flight"));
        };
        let budget = u64::try_from(ctx.remaining().as_nanos()).unwrap_or(u64::MAX);
        let status = self.link.request(slot.op, service.name(), budget, &payload);
        if status != Status::OK {
            let refused = Outcome { status, reply: Vec::new() };
            refused.into_result()?;
        }
        let reply = match timeout_at(ctx.deadline(), answer).await {
            Ok(Ok(outcome)) => outcome.into_result()?,
            Ok(Err(_)) => return Err(ended(ErrorKind::Cancelled, "the host went away")),
            Err(_) => return Err(ended(ErrorKind::Deadline, "the host did not answer in time")),
        };
        serde_json::from_slice(&reply).map_err(unreadable)
    }
}

#[async_trait]
impl HostServices for RemoteHost {
    async fn sign(&self, ctx: &Context, request: SignRequest) -> Result<Signature, PluginError> {
        self.ask(ctx, Service::Sign, &request).await
    }

    async fn read_chain(&self, ctx: &Context, request: ChainRead) -> Result<Payload, PluginError> {
        self.ask(ctx, Service::ChainRead, &request).await
    }
}

fn unreadable(error: serde_json::Error) -> PluginError {
    PluginError::permanent(format!("the host and the plugin misunderstand each other: {error}"))
}

fn ended(kind: ErrorKind, message: &str) -> PluginError {
    PluginError { kind, message: message.to_owned() }
}
