//! The host's services as a plugin sees them: questions with a token, answered through `deliver`.

use super::{
    Outcome, Service, Status,
    link::HostLink,
    table::{MAX_MESSAGE, MAX_OPERATIONS},
};
use crate::json;
use crate::plugin::{
    ChainRead, Context, Done, ErrorKind, HostServices, HttpError, HttpOutcome, HttpRequest, HttpResponse,
    KvKey, KvKeys, KvList, KvPut, KvValue, Payload, PluginError, Samples, SignRequest, Signature, UnixTime,
    async_trait,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{sync::oneshot, time::timeout_at};

/// For the host to say that it has heard of a question given up; nobody waits for that.
const CANCEL_BUDGET_NS: u64 = 1_000_000_000;

/// Which question is given up: the request of [`Service::Cancel`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cancelled {
    /// The question's token.
    pub op: u64,
}

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
        let op = self.token();
        let mut waiting = self.waiting();
        if waiting.len() >= MAX_OPERATIONS {
            return None;
        }
        waiting.insert(op, sender);
        Some((Slot { requests: self, op, asked: None }, receiver))
    }

    fn token(&self) -> u64 {
        self.last.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<Outcome>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among the waiting, left when it is dropped.
struct Slot<'a> {
    requests: &'a Requests,
    op: u64,
    /// The host, once it has taken the question.
    asked: Option<&'a HostLink>,
}

impl Drop for Slot<'_> {
    /// A host that is still at work hears that nobody waits. One that knows no such service goes on to the deadline.
    fn drop(&mut self) {
        let unanswered = self.requests.waiting().remove(&self.op).is_some();
        if let Some(host) = self.asked.filter(|_| unanswered) {
            let given_up = serde_json::to_vec(&Cancelled { op: self.op }).unwrap_or_default();
            host.request(self.requests.token(), Service::Cancel.name(), CANCEL_BUDGET_NS, &given_up);
        }
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
        Ok(self.exchange(ctx, service, request).await?)
    }

    async fn exchange<T: DeserializeOwned>(
        &self,
        ctx: &Context,
        service: Service,
        request: &impl Serialize,
    ) -> Result<T, AskError> {
        let (slot, answer) = self.begin(ctx, service, request)?;
        let reply = match timeout_at(ctx.deadline(), answer).await {
            Ok(Ok(outcome)) => outcome.into_result().map_err(AskError::Failed)?,
            Ok(Err(_)) => return Err(ended(ErrorKind::Cancelled, "the host went away")),
            Err(_) => return Err(ended(ErrorKind::Deadline, "the host did not answer in time")),
        };
        drop(slot);
        json::decode(&reply).map_err(|error| AskError::Failed(unreadable(error)))
    }

    /// Puts the question.
    fn begin(
        &self,
        ctx: &Context,
        service: Service,
        request: &impl Serialize,
    ) -> Result<(Slot<'_>, oneshot::Receiver<Outcome>), AskError> {
        let payload = json::encode(request).map_err(|error| AskError::NotAsked(unreadable(error)))?;
        if payload.len() > MAX_MESSAGE {
            return Err(AskError::NotAsked(PluginError::invalid("the question is too large")));
        }
        let Some((mut slot, answer)) = self.requests.begin() else {
            let full = PluginError::transient("too many questions to the host in flight");
            return Err(AskError::NotAsked(full));
        };
        let budget = u64::try_from(ctx.remaining().as_nanos()).unwrap_or(u64::MAX);
        let status = self.link.request(slot.op, service.name(), budget, &payload);
        match (Outcome { status, reply: Vec::new() }).into_result() {
            Ok(_) => {
                slot.asked = Some(&self.link);
                Ok((slot, answer))
            }
            Err(error) => Err(refused(status, error)),
        }
    }
}

/// Why a question has no answer.
enum AskError {
    /// The host has refused it and begun nothing.
    NotAsked(PluginError),
    /// It may have been acted upon.
    Failed(PluginError),
}

impl From<AskError> for PluginError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::NotAsked(error) | AskError::Failed(error) => error,
        }
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

    async fn http(&self, ctx: &Context, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        match self.exchange::<HttpOutcome>(ctx, Service::Http, &request).await {
            Ok(outcome) => outcome.into(),
            Err(AskError::NotAsked(error)) => Err(HttpError::NotSent(error)),
            Err(AskError::Failed(error)) => Err(HttpError::Unknown(error)),
        }
    }

    async fn kv_get(&self, ctx: &Context, request: KvKey) -> Result<KvValue, PluginError> {
        self.ask(ctx, Service::KvGet, &request).await
    }

    async fn kv_put(&self, ctx: &Context, request: KvPut) -> Result<Done, PluginError> {
        self.ask(ctx, Service::KvPut, &request).await
    }

    async fn kv_delete(&self, ctx: &Context, request: KvKey) -> Result<Done, PluginError> {
        self.ask(ctx, Service::KvDelete, &request).await
    }

    async fn kv_list(&self, ctx: &Context, request: KvList) -> Result<KvKeys, PluginError> {
        self.ask(ctx, Service::KvList, &request).await
    }

    async fn now(&self, ctx: &Context) -> Result<UnixTime, PluginError> {
        self.ask(ctx, Service::TimeNow, &Done {}).await
    }

    async fn record(&self, ctx: &Context, request: Samples) -> Result<Done, PluginError> {
        self.ask(ctx, Service::MetricsRecord, &request).await
    }
}

/// What a status other than OK from `request` means. A panic may have come after the host had begun.
fn refused(status: Status, error: PluginError) -> AskError {
    match status {
        Status::UNSUPPORTED | Status::BAD_REQUEST | Status::BUSY | Status::CANCELLED => {
            AskError::NotAsked(error)
        }
        Status(_) => AskError::Failed(error),
    }
}

fn unreadable(error: serde_json::Error) -> PluginError {
    PluginError::permanent(format!("the host and the plugin misunderstand each other: {error}"))
}

fn ended(kind: ErrorKind, message: &str) -> AskError {
    AskError::Failed(PluginError { kind, message: message.to_owned() })
}
