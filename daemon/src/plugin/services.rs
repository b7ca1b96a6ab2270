//! Questions of a plugin: each becomes a task of the daemon, whose answer goes back through `deliver`.

use orderd_sdk::{
    abi::{Cancelled, Outcome, Service, Status, table::MAX_OPERATIONS},
    json,
    plugin::{
        ChainRead, Context, Done, ErrorKind, Host, HttpOutcome, HttpRequest, KvKey, KvList, KvPut,
        PluginError, Samples, SignRequest,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, watch},
    task::AbortHandle,
    time::timeout_at,
};

/// No question is given more time.
const LONGEST_BUDGET: Duration = Duration::from_secs(3600);

/// Where answers go: to the instance that asked.
pub(super) trait Deliver: Send + Sync {
    /// Answers a question of the plugin. Returns at once.
    fn deliver(&self, op: u64, status: Status, reply: &[u8]);
}

/// The services of one instance.
pub(super) struct Services {
    host: Host,
    runtime: Handle,
    permits: Arc<Semaphore>,
    running: Arc<Running>,
    stage: watch::Sender<Stage>,
}

/// The questions that are being answered, by their tokens; without a task as long as it is being started.
#[derive(Default)]
struct Running(Mutex<HashMap<u64, Option<AbortHandle>>>);

/// A question's place among them, left when it is dropped.
struct Place {
    running: Arc<Running>,
    op: u64,
}

/// Whether an answer can be delivered.
#[derive(Clone)]
enum Stage {
    /// `create` has not returned: there is no instance to deliver to yet.
    Creating,
    /// Here.
    Live(Weak<dyn Deliver>),
    /// No more.
    Ended,
}

/// A question that was understood.
enum Question {
    Sign(SignRequest),
    ReadChain(ChainRead),
    Http(HttpRequest),
    KvGet(KvKey),
    KvPut(KvPut),
    KvDelete(KvKey),
    KvList(KvList),
    Now,
    Record(Samples),
    Cancel(Cancelled),
}

impl Services {
    pub(super) fn new(host: Host, runtime: Handle) -> Self {
        Self {
            host,
            runtime,
            permits: Arc::new(Semaphore::new(MAX_OPERATIONS)),
            running: Arc::default(),
            stage: watch::Sender::new(Stage::Creating),
        }
    }

    /// Answers go to this instance from now on.
    pub(super) fn go_live(&self, instance: Weak<dyn Deliver>) {
        self.stage.send_replace(Stage::Live(instance));
    }

    /// Gives up every question.
    pub(super) fn end(&self) {
        self.stage.send_replace(Stage::Ended);
    }

    /// Takes a question; returns at once.
    pub(super) fn request(&self, op: u64, service: &str, budget_ns: u64, payload: &[u8]) -> Status {
        let Some(service) = Service::parse(service) else {
            return Status::UNSUPPORTED;
        };
        let Some(question) = Question::read(service, payload) else {
            return Status::BAD_REQUEST;
        };
        if let Question::Cancel(Cancelled { op }) = question {
            self.running.cancel(op);
        }
        let Ok(permit) = self.permits.clone().try_acquire_owned() else {
            return Status::BUSY;
        };
        let ctx = Context::within(Duration::from_nanos(budget_ns).min(LONGEST_BUDGET));
        let (host, stage) = (self.host.clone(), self.stage.subscribe());
        self.running.spawn(&self.runtime, op, async move {
            serve(op, &host, ctx, question, stage).await;
            drop(permit);
        });
        Status::OK
    }
}

impl Running {
    fn spawn(self: &Arc<Self>, runtime: &Handle, op: u64, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks().insert(op, None);
        let place = Place { running: self.clone(), op };
        let task = runtime.spawn(async move {
            work.await;
            drop(place);
        });
        // It may have ended meanwhile, and left.
        if let Some(place) = self.tasks().get_mut(&op) {
            *place = Some(task.abort_handle());
        }
    }

    /// Stops work on a question: what it held is freed, and nothing is delivered.
    fn cancel(&self, op: u64) {
        let task = self.tasks().remove(&op).flatten();
        if let Some(task) = task {
            task.abort();
        }
    }

    fn tasks(&self) -> MutexGuard<'_, HashMap<u64, Option<AbortHandle>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.running.tasks().remove(&self.op);
    }
}

impl Question {
    fn read(service: Service, payload: &[u8]) -> Option<Self> {
        match service {
            Service::Sign => parse(payload).map(Self::Sign),
            Service::ChainRead => parse(payload).map(Self::ReadChain),
            Service::Http => parse(payload).map(Self::Http),
            Service::KvGet => parse(payload).map(Self::KvGet),
            Service::KvPut => parse(payload).map(Self::KvPut),
            Service::KvDelete => parse(payload).map(Self::KvDelete),
            Service::KvList => parse(payload).map(Self::KvList),
            Service::TimeNow => parse(payload).map(|Done {}| Self::Now),
            Service::MetricsRecord => parse(payload).map(Self::Record),
            Service::Cancel => parse(payload).map(Self::Cancel),
        }
    }
}

async fn serve(op: u64, host: &Host, ctx: Context, question: Question, stage: watch::Receiver<Stage>) {
    let answered = async {
        let outcome = answer(host, ctx, question).await;
        if let Some(instance) = live_instance(stage.clone()).await {
            instance.deliver(op, outcome.status, &outcome.reply);
        }
    };
    let mut ended = stage.clone();
    tokio::select! {
        () = answered => {}
        _ = ended.wait_for(|stage| matches!(stage, Stage::Ended)) => {}
    }
}

async fn live_instance(mut stage: watch::Receiver<Stage>) -> Option<Arc<dyn Deliver>> {
    let live = stage.wait_for(|stage| matches!(stage, Stage::Live(_))).await.ok()?;
    match &*live {
        Stage::Live(instance) => instance.upgrade(),
        Stage::Creating | Stage::Ended => None,
    }
}

async fn answer(host: &Host, ctx: Context, question: Question) -> Outcome {
    let services = host.services();
    let answer = async {
        match question {
            Question::Sign(request) => encode(&services.sign(&ctx, request).await?),
            Question::ReadChain(request) => encode(&services.read_chain(&ctx, request).await?),
            Question::Http(request) => encode(&HttpOutcome::from(services.http(&ctx, request).await)),
            Question::KvGet(request) => encode(&services.kv_get(&ctx, request).await?),
            Question::KvPut(request) => encode(&services.kv_put(&ctx, request).await?),
            Question::KvDelete(request) => encode(&services.kv_delete(&ctx, request).await?),
            Question::KvList(request) => encode(&services.kv_list(&ctx, request).await?),
            Question::Now => encode(&services.now(&ctx).await?),
            Question::Record(request) => encode(&services.record(&ctx, request).await?),
            Question::Cancel(_) => encode(&Done {}),
        }
    };
    let answer = timeout_at(ctx.deadline(), answer).await;
    Outcome::of(answer.unwrap_or_else(|_| {
        Err(PluginError {
            kind: ErrorKind::Deadline,
            message: "the daemon did not answer in time".to_owned(),
        })
    }))
}

fn parse<T: DeserializeOwned>(payload: &[u8]) -> Option<T> {
    json::decode(payload).ok()
}

fn encode(reply: &impl Serialize) -> Result<Vec<u8>, PluginError> {
    json::encode(reply).map_err(|error| PluginError::permanent(format!("the answer is no JSON: {error}")))
}
