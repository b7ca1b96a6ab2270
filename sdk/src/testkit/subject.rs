//! One instance under test, and the host it believes to run in.

use super::{
    ledger::Ledger,
    record::Records,
    report::{Checked, Stop},
    services::{Question, Services},
};
use crate::abi::{
    Outcome, Service, Status,
    host::{Callbacks, Guest, Library, Started},
    table::{ABI_MINOR, Level, MAX_OPERATIONS},
};
use std::{
    io,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// How long a call may take that has no reason to take long.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// How long something that must not happen is waited for.
pub(super) const QUIET: Duration = Duration::from_millis(150);
/// No minor version that will exist while this kit is in use.
const FAR_MINOR: u32 = 1_000;

/// An instance. Dropping it destroys it.
pub(super) struct Subject {
    core: Arc<Core>,
    desk: Option<JoinHandle<()>>,
}

/// What the plugin calls, and what calls the plugin. It stays for good, as the interface demands.
pub(super) struct Core {
    guest: OnceLock<Guest>,
    pub(super) ledger: Ledger,
    records: Arc<Records>,
    manners: Mutex<Manners>,
    questions: Mutex<Option<SyncSender<Question>>>,
    next: AtomicU64,
    age: Age,
}

/// Which host this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// Of the SDK's own minor version.
    Present,
    /// Of minor version 0: it knows the first services only.
    First,
    /// Of one that does not exist yet.
    Future,
}

/// How the host answers questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manners {
    /// As the daemon does.
    Honest,
    /// With what is no JSON.
    Garbage,
    /// With JSON that is no answer.
    Nonsense,
    /// With an error and no words.
    Faulty,
    /// Not at all.
    Silent,
    /// It does not take them.
    Busy,
}

/// A call that was made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made {
    pub(super) op: u64,
    pub(super) status: Status,
}

impl Subject {
    /// Makes an instance; the error is the plugin's message.
    pub(super) fn create(
        library: &Library,
        config: &[u8],
        age: Age,
        services: Services,
        records: Arc<Records>,
    ) -> Result<Self, String> {
        let (sender, questions) = sync_channel(MAX_OPERATIONS);
        let core = Arc::new(Core {
            guest: OnceLock::new(),
            ledger: Ledger::default(),
            records,
            manners: Mutex::new(Manners::Honest),
            questions: Mutex::new(Some(sender)),
            next: AtomicU64::new(1),
            age,
        });
        let minor = match age {
            Age::Present => ABI_MINOR,
            Age::First => 0,
            Age::Future => FAR_MINOR,
        };
        let guest = Guest::create_for_minor(library, core.clone(), config, minor);
        let guest = guest.inspect_err(|_| core.over())?;
        let _ = core.guest.set(guest);
        let desk = core.clone().serve(questions, services).map_err(|error| error.to_string())?;
        Ok(Self { core, desk: Some(desk) })
    }

    pub(super) fn core(&self) -> &Core {
        &self.core
    }

    /// Destroys it; what it says afterwards is still noted.
    pub(super) fn destroy(mut self) -> Arc<Core> {
        self.end();
        self.core.clone()
    }

    fn end(&mut self) {
        if let Some(desk) = self.desk.take() {
            self.core.guest().destroy();
            self.core.over();
            let _ = desk.join();
        }
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        self.end();
    }
}

impl Core {
    fn guest(&self) -> &Guest {
        self.guest.get().expect("a subject has its guest from the beginning")
    }

    /// Nothing may be said any more.
    fn over(&self) {
        self.ledger.end();
        *self.questions.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(super) fn behave(&self, manners: Manners) {
        *self.manners.lock().unwrap_or_else(PoisonError::into_inner) = manners;
    }

    fn manners(&self) -> Manners {
        *self.manners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers questions on a thread of its own until the instance is over, as the daemon never answers within `request`.
    fn serve(
        self: Arc<Self>,
        questions: Receiver<Question>,
        services: Services,
    ) -> io::Result<JoinHandle<()>> {
        thread::Builder::new().name("kit-services".to_owned()).spawn(move || {
            for question in questions {
                let outcome = match self.manners() {
                    Manners::Honest | Manners::Busy => services.answer(&question, &self),
                    Manners::Garbage => Outcome { status: Status::OK, reply: b"\xffnot JSON".to_vec() },
                    Manners::Nonsense => {
                        Outcome { status: Status::OK, reply: b"{\"r\":7,\"x\":[]}".to_vec() }
                    }
                    Manners::Faulty => Outcome { status: Status::ERROR, reply: Vec::new() },
                    Manners::Silent => continue,
                };
                self.guest().deliver(question.op, outcome.status, &outcome.reply);
            }
        })
    }

    /// Begins a call.
    pub(super) fn start(&self, method: &str, target: &str, budget: Duration, request: &[u8]) -> Made {
        let op = self.next.fetch_add(1, Ordering::Relaxed);
        self.ledger.open(op);
        let budget = u64::try_from(budget.as_nanos()).unwrap_or(u64::MAX);
        let status = match self.guest().start(op, method, target, budget, request) {
            Started::Answered(status) => status,
            Started::Ended => Status::CANCELLED,
        };
        Made { op, status }
    }

    pub(super) fn cancel(&self, op: u64) {
        self.guest().cancel(op);
    }

    /// What a call that was made comes to: a refusal counts as an outcome without words.
    pub(super) fn settle(&self, made: Made, method: &str) -> Checked<Outcome> {
        self.settle_within(made, method, PATIENCE)
    }

    /// As [`Core::settle`], with this patience.
    pub(super) fn settle_within(&self, made: Made, method: &str, patience: Duration) -> Checked<Outcome> {
        if made.status != Status::OK {
            return Ok(Outcome { status: made.status, reply: Vec::new() });
        }
        self.ledger.first(made.op, patience).ok_or_else(|| {
            Stop::failed(
                format!("{method} was accepted and not completed within {} s", patience.as_secs()),
                "one complete for each start that returned ORDERD_OK",
                format!("every path through {method}: each has to end in complete, errors too"),
            )
        })
    }

    /// A call with a request as it is.
    pub(super) fn call(&self, method: &str, target: &str, request: &[u8]) -> Checked<Outcome> {
        self.settle(self.start(method, target, PATIENCE, request), method)
    }
}

impl Callbacks for Core {
    fn log_level(&self) -> Level {
        Level::INFO
    }

    fn log(&self, level: Level, target: &str, message: &str) {
        self.ledger.log();
        self.records.add(level, target, message);
    }

    fn complete(&self, op: u64, status: Status, reply: &[u8]) {
        self.ledger.complete(op, status, reply);
    }

    fn request(&self, op: u64, service: &str, _budget_ns: u64, payload: &[u8]) -> Status {
        self.ledger.ask(service);
        let old = [Service::Sign, Service::ChainRead].map(Service::name);
        if self.age == Age::First && !old.contains(&service) {
            return Status::UNSUPPORTED;
        }
        if self.manners() == Manners::Busy {
            return Status::BUSY;
        }
        let question = Question { op, service: service.to_owned(), payload: payload.to_vec() };
        let questions = self.questions.lock().unwrap_or_else(PoisonError::into_inner);
        match questions.as_ref().map(|questions| questions.try_send(question)) {
            Some(Ok(())) => Status::OK,
            Some(Err(_)) => Status::BUSY,
            None => Status::CANCELLED,
        }
    }
}
