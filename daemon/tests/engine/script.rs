//! A plugin whose chains and venues do what a test tells them, and write down what they were asked.
//!
//! Left alone, a chain is a [`Ledger`] that includes what is sent, and every venue quotes the same price. A test
//! [sets a rule](Method::answers) where it wants another answer, silence, or a panic.

use crate::{
    ledger::{Ledger, received, void},
    world::PATIENCE,
};
use orderd_sdk::{
    amount::Amount,
    plugin::{
        AddressRequest, BalanceRequest, Build, BuildRequest, BumpRequest, CancelRequest, Chain, Consumer,
        ConsumerRequest, Context, Effect, EstimateRequest, Estimated, Exports, Health, HexBytes, Host,
        LaneRequest, LaneStatus, Payload, Plugin, PluginConfig, PluginError, PrepareRequest, Prepared, Quote,
        QuoteRequest, ReadRequest, SendOutcome, SendRequest, SignRequest, Signature, StatusRequest, TxStatus,
        Venue, async_trait,
    },
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{sync::watch, time::timeout};

/// What a rule says.
pub(crate) enum Answer<T> {
    /// This, at once.
    Now(T),
    /// Whatever comes of it.
    Later(Pin<Box<dyn Future<Output = T> + Send>>),
    /// What a chain or venue says that no test has spoken to.
    Usual,
}

/// Silence.
pub(crate) fn never<T: Send + 'static>() -> Answer<T> {
    later(std::future::pending())
}

pub(crate) fn later<T>(answer: impl Future<Output = T> + Send + 'static) -> Answer<T> {
    Answer::Later(Box::pin(answer))
}

type Rule<Q, T> = Arc<dyn Fn(usize, &Q) -> Answer<T> + Send + Sync>;

/// One method: how it answers, and every request it has had.
pub(crate) struct Method<Q, T> {
    rule: Mutex<Option<Rule<Q, T>>>,
    calls: watch::Sender<Vec<Q>>,
}

impl<Q: Clone + fmt::Debug, T> Method<Q, T> {
    fn new() -> Self {
        Self { rule: Mutex::new(None), calls: watch::Sender::default() }
    }

    /// Answers by this rule from now on. It is told how many calls there were before, and the request.
    pub(crate) fn answers(&self, rule: impl Fn(usize, &Q) -> Answer<T> + Send + Sync + 'static) {
        *lock(&self.rule) = Some(Arc::new(rule));
    }

    /// Answers by itself again.
    pub(crate) fn as_usual(&self) {
        *lock(&self.rule) = None;
    }

    /// Every request so far.
    pub(crate) fn calls(&self) -> Vec<Q> {
        self.calls.borrow().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.calls.borrow().len()
    }

    /// Waits until there were so many requests.
    pub(crate) async fn reached(&self, count: usize) {
        self.wait_for(|calls| calls.len() >= count).await;
    }

    /// Waits until there was such a request.
    pub(crate) async fn had(&self, such: impl Fn(&Q) -> bool) {
        self.wait_for(|calls| calls.iter().any(&such)).await;
    }

    async fn wait_for(&self, enough: impl Fn(&[Q]) -> bool) {
        let mut calls = self.calls.subscribe();
        let waited = timeout(PATIENCE, calls.wait_for(|calls| enough(calls))).await.map(drop);
        assert!(waited.is_ok(), "after {} calls, this is the last: {:?}", self.count(), self.calls().last());
    }

    /// Waits for so many requests more.
    pub(crate) async fn reached_again(&self, more: usize) {
        self.reached(self.count() + more).await;
    }

    /// What the rule says; none when it leaves it to the usual answer.
    async fn ask(&self, request: &Q) -> Option<T> {
        let rule = lock(&self.rule).clone();
        let before = self.count();
        self.calls.send_modify(|calls| calls.push(request.clone()));
        match rule.map_or(Answer::Usual, |rule| rule(before, request)) {
            Answer::Now(answer) => Some(answer),
            Answer::Later(answer) => Some(answer.await),
            Answer::Usual => None,
        }
    }
}

/// A request to one venue of several.
#[derive(Clone, Debug)]
pub(crate) struct Asked<Q> {
    pub(crate) venue: String,
    pub(crate) request: Q,
}

/// A chain and its venues.
pub(crate) struct Script {
    pub(crate) quote: Method<Asked<QuoteRequest>, Result<Quote, PluginError>>,
    pub(crate) build: Method<Asked<BuildRequest>, Result<Build, PluginError>>,
    pub(crate) estimate: Method<EstimateRequest, Result<Estimated, PluginError>>,
    pub(crate) prepare: Method<PrepareRequest, Result<Prepared, PluginError>>,
    pub(crate) cancel: Method<CancelRequest, Result<Prepared, PluginError>>,
    pub(crate) bump: Method<BumpRequest, Result<Prepared, PluginError>>,
    pub(crate) consumer: Method<ConsumerRequest, Result<Consumer, PluginError>>,
    pub(crate) send: Method<SendRequest, SendOutcome>,
    pub(crate) status: Method<StatusRequest, Result<Vec<TxStatus>, PluginError>>,
    pub(crate) lane: Method<LaneRequest, Result<LaneStatus, PluginError>>,
    ledger: Mutex<Ledger>,
    /// The name that the configuration has for the chain, and the daemon behind it.
    host: Mutex<Option<(String, Host)>>,
}

/// Every script by the name that the configuration calls it.
static SCRIPTS: Mutex<BTreeMap<String, Arc<Script>>> = Mutex::new(BTreeMap::new());

impl Script {
    /// A new script, and its name.
    pub(crate) fn register() -> (String, Arc<Self>) {
        let script = Arc::new(Self {
            quote: Method::new(),
            build: Method::new(),
            estimate: Method::new(),
            prepare: Method::new(),
            cancel: Method::new(),
            bump: Method::new(),
            consumer: Method::new(),
            send: Method::new(),
            status: Method::new(),
            lane: Method::new(),
            ledger: Mutex::default(),
            host: Mutex::default(),
        });
        let mut scripts = lock(&SCRIPTS);
        let name = format!("script-{}", scripts.len());
        scripts.insert(name.clone(), script.clone());
        (name, script)
    }

    fn find(settings: &Value) -> Arc<Self> {
        let name = settings["script"].as_str().expect("the settings name the script");
        lock(&SCRIPTS)[name].clone()
    }

    /// What is in the chain.
    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.ledger)
    }

    /// Asks the daemon for a signature of the account `main`.
    pub(crate) async fn ask_to_sign(
        &self,
        sequence: Option<u64>,
        effect: Option<Effect>,
    ) -> Result<Signature, PluginError> {
        let (chain, host) = lock(&self.host).clone().expect("the plugin was made");
        let (account, digest) = ("main".to_owned(), HexBytes(vec![7; 32]));
        let request = SignRequest { chain, account, digest, sequence, effect };
        host.sign(&Context::within(PATIENCE), request).await
    }

    /// What was swapped with effect, smallest amount first.
    pub(crate) fn swaps(&self) -> Vec<u64> {
        self.ledger().swaps()
    }

    /// How many approvals had effect.
    pub(crate) fn approvals(&self) -> usize {
        self.ledger().approvals()
    }

    /// Sequences in the order in which they were signed.
    pub(crate) fn sequences(&self) -> Vec<u64> {
        self.prepare.calls().iter().map(|request| request.sequence).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The plugin to link in.
pub(crate) struct Scripted;

impl Plugin for Scripted {
    const NAME: &'static str = "script";
    const VERSION: &'static str = "0";

    fn create(config: PluginConfig, host: Host) -> Result<Exports, PluginError> {
        let mut exports = Exports::default();
        for (name, chain) in config.chains {
            let script = Script::find(&chain.settings);
            *lock(&script.host) = Some((name.clone(), host.clone()));
            exports.chains.insert(name, Arc::new(ScriptedChain(script)));
        }
        for (name, venue) in config.venues {
            let script = Script::find(&venue.settings);
            exports.venues.insert(name.clone(), Arc::new(ScriptedVenue { name, script }));
        }
        Ok(exports)
    }
}

struct ScriptedChain(Arc<Script>);

#[async_trait]
impl Chain for ScriptedChain {
    async fn address(&self, _: &Context, request: AddressRequest) -> Result<String, PluginError> {
        Ok(format!("at-{}", request.account))
    }

    async fn lane(&self, _: &Context, request: LaneRequest) -> Result<LaneStatus, PluginError> {
        match self.0.lane.ask(&request).await {
            Some(answer) => answer,
            None => Ok(self.0.ledger().lane(&request.address)),
        }
    }

    async fn estimate(&self, _: &Context, request: EstimateRequest) -> Result<Estimated, PluginError> {
        let usual = Ok(Estimated { payload: request.payload.clone() });
        self.0.estimate.ask(&request).await.unwrap_or(usual)
    }

    async fn prepare(&self, _: &Context, request: PrepareRequest) -> Result<Prepared, PluginError> {
        let answer = self.0.prepare.ask(&request).await;
        let PrepareRequest { signer, sequence, payload, .. } = request;
        answer.unwrap_or_else(|| Ok(self.0.ledger().sign(signer.address, sequence, payload)))
    }

    async fn cancel(&self, _: &Context, request: CancelRequest) -> Result<Prepared, PluginError> {
        let answer = self.0.cancel.ask(&request).await;
        let CancelRequest { signer, sequence, .. } = request;
        answer.unwrap_or_else(|| Ok(self.0.ledger().sign(signer.address, sequence, void())))
    }

    async fn bump(&self, _: &Context, request: BumpRequest) -> Result<Prepared, PluginError> {
        let answer = self.0.bump.ask(&request).await;
        answer.unwrap_or_else(|| Ok(self.0.ledger().bump(&request.replaces)))
    }

    async fn consumer(&self, _: &Context, request: ConsumerRequest) -> Result<Consumer, PluginError> {
        let answer = self.0.consumer.ask(&request).await;
        answer.unwrap_or_else(|| Ok(self.0.ledger().consumer(&request)))
    }

    async fn send(&self, _: &Context, request: SendRequest) -> SendOutcome {
        match self.0.send.ask(&request).await {
            Some(outcome) => outcome,
            None => self.0.ledger().accept(&request),
        }
    }

    async fn status(&self, _: &Context, request: StatusRequest) -> Result<Vec<TxStatus>, PluginError> {
        let answer = self.0.status.ask(&request).await;
        let look = || request.queries.iter().map(|query| self.0.ledger().look(&query.hash)).collect();
        answer.unwrap_or_else(|| Ok(look()))
    }

    async fn balance(&self, _: &Context, _: BalanceRequest) -> Result<Amount, PluginError> {
        Ok(Amount::ZERO)
    }

    async fn read(&self, _: &Context, request: ReadRequest) -> Result<Payload, PluginError> {
        Ok(request.query)
    }

    async fn health(&self, _: &Context) -> Result<Health, PluginError> {
        Ok(Health { detail: "scripted".to_owned() })
    }
}

struct ScriptedVenue {
    name: String,
    script: Arc<Script>,
}

#[async_trait]
impl Venue for ScriptedVenue {
    async fn quote(&self, _: &Context, request: QuoteRequest) -> Result<Quote, PluginError> {
        let usual = Ok(quote(received(request.amount_in)));
        let asked = Asked { venue: self.name.clone(), request };
        self.script.quote.ask(&asked).await.unwrap_or(usual)
    }

    async fn build(&self, _: &Context, request: BuildRequest) -> Result<Build, PluginError> {
        let usual = Ok(Build::Swap { payload: json!({ "swap": request.amount_in }).into() });
        let asked = Asked { venue: self.name.clone(), request };
        self.script.build.ask(&asked).await.unwrap_or(usual)
    }

    async fn health(&self, _: &Context) -> Result<Health, PluginError> {
        Ok(Health { detail: "scripted".to_owned() })
    }
}

/// A price without anything else.
pub(crate) fn quote(amount_out: Amount) -> Quote {
    Quote { amount_out, network_cost: None, price_impact_ppm: None, route: Payload::null() }
}
