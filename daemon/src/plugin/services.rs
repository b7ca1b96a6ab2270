//! Questions of a plugin: each becomes a task of the daemon, whose answer goes back through `deliver`.

use orderd_sdk::{
    abi::{Outcome, Service, Status, table::MAX_OPERATIONS},
    plugin::{ChainRead, Context, ErrorKind, Host, PluginError, SignRequest},
};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, watch},
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
    stage: watch::Sender<Stage>,
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
}

impl Services {
    pub(super) fn new(host: Host, runtime: Handle) -> Self {
        Self {
            host,
            runtime,
            permits: Arc::new(Semaphore::new(MAX_OPERATIONS)),
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
        let question = match service {
            Service::Sign => parse(payload).map(Question::Sign),
            Service::ChainRead => parse(payload).map(Question::ReadChain),
        };
        let Some(question) = question else {
            return Status::BAD_REQUEST;
        };
        let Ok(permit) = self.permits.clone().try_acquire_owned() else {
            return Status::BUSY;
        };
        let ctx = Context::within(Duration::from_nanos(budget_ns).min(LONGEST_BUDGET));
        let (host, stage) = (self.host.clone(), self.stage.subscribe());
        self.runtime.spawn(async move {
            serve(op, &host, ctx, question, stage).await;
            drop(permit);
        });
        Status::OK
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
    let answer = async {
        match question {
            Question::Sign(request) => encode(&host.sign(&ctx, request).await?),
            Question::ReadChain(request) => encode(&host.read_chain(&ctx, request).await?),
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
    serde_json::from_slice(payload).ok()
}

fn encode(reply: &impl Serialize) -> Result<Vec<u8>, PluginError> {
    serde_json::to_vec(reply)
        .map_err(|error| PluginError::permanent(format!("the answer is no JSON: {error}")))
}
