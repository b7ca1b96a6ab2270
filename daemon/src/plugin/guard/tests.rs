//! The guard as a whole, in front of venues and chains that do as they are told, in virtual time.

use super::*;
use crate::{
    plugin::{About, Hash},
    telemetry::{Clock, Entropy},
};
use futures_util::FutureExt as _;
use orderd_sdk::{
    abi::Manifest,
    amount::Amount,
    plugin::{
        AddressRequest, BalanceRequest, Build, BuildRequest, BumpRequest, CancelRequest, Consumer,
        ConsumerRequest, Context, ErrorKind, EstimateRequest, Estimated, Health, HexBytes, LaneRequest,
        LaneStatus, Payload, PluginError, PrepareRequest, Prepared, Quote, QuoteRequest, ReadRequest,
        SendOutcome, SendRequest, StatusRequest, Token, TxStatus, async_trait,
    },
    timestamp::Timestamp,
    wire::VenueGuard,
};
use std::{
    future::pending,
    sync::{
        Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};
use tokio::{sync::watch, time::Instant};

/// What a plugin does with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Answer,
    Refuse(ErrorKind),
    Panic,
    Hang,
}

/// A plugin with a venue and a chain, which do as they are told.
struct Actor {
    act: Mutex<Act>,
    calls: AtomicUsize,
}

impl Actor {
    async fn play<T>(&self, answer: T) -> Result<T, PluginError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let act = *self.act.lock().unwrap();
        match act {
            Act::Answer => Ok(answer),
            Act::Refuse(kind) => Err(PluginError { kind, message: "no".to_owned() }),
            Act::Panic => panic!("the trap sprang"),
            Act::Hang => pending().await,
        }
    }
}

#[async_trait]
impl Venue for Actor {
    async fn quote(&self, _: &Context, _: QuoteRequest) -> Result<Quote, PluginError> {
        let amount_out = Amount::from(7_u64);
        let quote = Quote { amount_out, network_cost: None, price_impact_ppm: None, route: Payload::null() };
        self.play(quote).await
    }

    async fn build(&self, _: &Context, _: BuildRequest) -> Result<Build, PluginError> {
        self.play(Build::Swap { payload: Payload::null() }).await
    }

    async fn health(&self, _: &Context) -> Result<Health, PluginError> {
        self.play(Health { detail: String::new() }).await
    }
}

macro_rules! acted {
    ($($method:ident($($of:ty)?) -> $answer:ty;)*) => {
        #[async_trait]
        impl Chain for Actor {
            $(async fn $method(&self, _: &Context $(, _: $of)?) -> Result<$answer, PluginError> {
                self.play(()).await.and(Err(PluginError::permanent("played")))
            })*

            async fn lane(&self, _: &Context, _: LaneRequest) -> Result<LaneStatus, PluginError> {
                self.play(LaneStatus::at(1, 1)).await
            }

            async fn send(&self, _: &Context, _: SendRequest) -> SendOutcome {
                self.play(()).await.map_or(SendOutcome::Accepted, |()| SendOutcome::Accepted)
            }
        }
    };
}

acted! {
    address(AddressRequest) -> String;
    estimate(EstimateRequest) -> Estimated;
    prepare(PrepareRequest) -> Prepared;
    cancel(CancelRequest) -> Prepared;
    bump(BumpRequest) -> Prepared;
    consumer(ConsumerRequest) -> Consumer;
    status(StatusRequest) -> Vec<TxStatus>;
    balance(BalanceRequest) -> Amount;
    read(ReadRequest) -> Payload;
    health() -> Health;
}

/// A clock that goes with the virtual time.
struct Dial(Instant);

impl Clock for Dial {
    fn now(&self) -> Timestamp {
        let since = u64::try_from(self.0.elapsed().as_millis()).unwrap();
        Timestamp(1_790_000_000_000 + since)
    }
}

/// Every pause is as long as it may be.
struct Latest;

impl Entropy for Latest {
    fn bits(&self) -> u64 {
        500
    }
}

/// A process that crashes when a test says so.
struct Pulse(Arc<AtomicU64>);

impl Vitals for Pulse {
    fn signs(&self) -> Signs {
        Signs { owed: 0, restarts: self.0.load(Ordering::SeqCst) }
    }
}

struct Stage {
    actor: Arc<Actor>,
    guard: Guard,
    restarts: Arc<AtomicU64>,
    venue: Arc<dyn Venue>,
    chain: Arc<dyn Chain>,
    changes: watch::Receiver<u64>,
}

impl Stage {
    fn new(settings: GuardSettings) -> Self {
        let actor = Arc::new(Actor { act: Mutex::new(Act::Answer), calls: AtomicUsize::new(0) });
        let (sender, changes) = watch::channel(0);
        let surroundings = Surroundings {
            clock: Arc::new(Dial(Instant::now())),
            entropy: Arc::new(Latest),
            changes: sender,
        };
        let badge = badge(None);
        let venues = ["pool".to_owned(), "book".to_owned()];
        let restarts = Arc::<AtomicU64>::default();
        let guard = Guard::new(badge, settings, surroundings, venues, Box::new(Pulse(restarts.clone())));
        let (venue, chain): (Arc<dyn Venue>, Arc<dyn Chain>) = (actor.clone(), actor.clone());
        let exports = Exports {
            venues: [("pool".to_owned(), venue)].into(),
            chains: [("main".to_owned(), chain)].into(),
        };
        let exports = guard.wrap(exports);
        let (venue, chain) = (exports.venues["pool"].clone(), exports.chains["main"].clone());
        Self { actor, guard, restarts, venue, chain, changes }
    }

    fn will(&self, act: Act) {
        *self.actor.act.lock().unwrap() = act;
    }

    fn calls(&self) -> usize {
        self.actor.calls.load(Ordering::SeqCst)
    }

    fn ward(&self) -> Arc<Ward> {
        self.guard.wards().find(|ward| ward.name() == "pool").unwrap().clone()
    }

    fn report(&self) -> VenueGuard {
        self.ward().report()
    }

    fn whats(&self) -> Vec<String> {
        self.report().changes.into_iter().map(|change| change.what).collect()
    }

    async fn quote(&self) -> Result<Quote, PluginError> {
        self.venue.quote(&ctx(), quote_request()).await
    }

    async fn build(&self) -> Result<Build, PluginError> {
        let QuoteRequest { trader, token_in, token_out, amount_in } = quote_request();
        let (min_out, route) = (Amount::ZERO, Payload::null());
        let request = BuildRequest { trader, token_in, token_out, amount_in, min_out, deadline: 0, route };
        self.venue.build(&ctx(), request).await
    }

    async fn send(&self) -> SendOutcome {
        self.chain.send(&ctx(), SendRequest { raw: HexBytes(vec![1]), hash: "0x1".to_owned() }).await
    }

    async fn lane(&self) -> Result<LaneStatus, PluginError> {
        self.chain.lane(&ctx(), LaneRequest { address: "0xme".to_owned() }).await
    }

    async fn fail(&self, times: usize) {
        self.will(Act::Refuse(ErrorKind::Transient));
        for _ in 0..times {
            assert!(self.quote().await.is_err());
        }
    }
}

fn settings() -> GuardSettings {
    GuardSettings {
        max_in_flight: 4,
        quarantine: QuarantineSettings { panics: 3, window: Duration::from_secs(60) },
        ..GuardSettings::default()
    }
}

fn ctx() -> Context {
    Context::within(Duration::from_secs(1))
}

fn quote_request() -> QuoteRequest {
    let token = |symbol: &str| Token { symbol: symbol.to_owned(), address: symbol.to_owned(), decimals: 6 };
    let (token_in, token_out) = (token("SOL"), token("USDC"));
    QuoteRequest { trader: "0xme".to_owned(), token_in, token_out, amount_in: Amount::from(1_u64) }
}

fn badge(version: Option<&str>) -> Badge {
    let about = version.map(|version| {
        let (name, version) = ("acted".to_owned(), version.to_owned());
        let manifest = Manifest { name, version, abi_minor: 0, sdk: None, exclusive: false };
        About { manifest, hash: Hash([7; 32]) }
    });
    Badge { name: "acted".to_owned(), about, isolation: Isolation::Linked }
}

#[tokio::test(start_paused = true)]
async fn a_venue_that_fails_is_left_alone_tried_again_and_asked_again() {
    let stage = Stage::new(settings());
    stage.fail(7).await;
    let refused = stage.quote().await.unwrap_err();
    assert_eq!((refused.kind, stage.calls()), (ErrorKind::Transient, 7));
    let why = "not asked, its breaker is open: 7 failures in a row, the last: no";
    assert_eq!(refused.message, why);
    assert!(stage.build().await.is_err_and(|error| error.message == why));
    let Availability::Resting(rest) = stage.ward().availability() else {
        panic!("its breaker is open");
    };
    tokio::time::advance(rest).await;
    stage.will(Act::Hang);
    let mut probe = Box::pin(stage.quote());
    assert!((&mut probe).now_or_never().is_none());
    assert!(stage.quote().await.unwrap_err().message.contains("half-open"), "one probe at a time");
    drop(probe);
    stage.will(Act::Answer);
    assert!(stage.quote().await.is_ok() && stage.quote().await.is_ok());
    assert_eq!(
        (stage.calls(), stage.whats()),
        (10, ["open", "half-open", "closed"].map(str::to_owned).into())
    );
    assert_eq!((stage.report().in_flight, *stage.changes.borrow()), (0, 3));
    let open = &stage.report().changes[0];
    assert_eq!(open.reason.as_deref(), Some("7 failures in a row, the last: no"));
}

#[tokio::test(start_paused = true)]
async fn a_no_of_the_market_is_an_answer_and_silence_is_a_failure() {
    let stage = Stage::new(settings());
    for kind in [ErrorKind::Market, ErrorKind::Permanent, ErrorKind::Invalid] {
        stage.will(Act::Refuse(kind));
        for _ in 0..30 {
            assert_eq!(stage.quote().await.unwrap_err().kind, kind);
        }
    }
    assert_eq!((stage.report().breaker.state.as_str(), stage.report().score), ("closed", 1_000_000));
    stage.will(Act::Hang);
    let begin = Instant::now();
    for call in 1..=7 {
        assert_eq!(stage.quote().await.unwrap_err().kind, ErrorKind::Deadline);
        assert_eq!(begin.elapsed().as_secs(), call, "each has its time and no more");
    }
    assert_eq!(stage.report().breaker.state, "open");
    assert!(stage.report().score < 500_000);
}

#[tokio::test(start_paused = true)]
async fn chains_are_asked_however_often_they_fail() {
    let stage = Stage::new(settings());
    stage.will(Act::Refuse(ErrorKind::Transient));
    for call in 1..=100 {
        assert_eq!(stage.lane().await.unwrap_err().message, "no");
        assert_eq!(stage.calls(), call);
    }
    stage.will(Act::Hang);
    let outcome = stage.send().await;
    assert_eq!(outcome, SendOutcome::Unknown { reason: "no answer in time".to_owned() });
}

#[tokio::test(start_paused = true)]
async fn panics_quarantine_the_venues_and_give_the_chain_pauses_only() {
    let stage = Stage::new(settings());
    stage.will(Act::Panic);
    assert_eq!(stage.quote().await.unwrap_err().kind, ErrorKind::Panic);
    let begin = Instant::now();
    let expected = SendOutcome::Unknown { reason: "panicked: the trap sprang".to_owned() };
    for _ in 0..4 {
        assert_eq!(stage.send().await, expected);
    }
    assert_eq!(begin.elapsed(), Duration::from_millis(50), "before the fourth in a row");
    stage.will(Act::Answer);
    assert_eq!(stage.send().await, SendOutcome::Accepted, "a chain goes on");
    let quarantine = stage.report().quarantine.unwrap();
    assert_eq!(quarantine.reason, "3 panics or crashes within 60 s of plugin acted");
    let calls = stage.calls();
    for refused in [stage.quote().await.map(drop), stage.build().await.map(drop)] {
        assert!(refused.unwrap_err().message.starts_with("not asked, it is quarantined: 3 panics"));
    }
    assert!(stage.venue.health(&ctx()).await.is_err() && !stage.ward().wants_check(Duration::ZERO));
    assert_eq!(stage.calls(), calls);
    assert!(
        stage.guard.wards().all(|ward| ward.availability() == Availability::Barred),
        "all of the plugin's"
    );
    assert_eq!((stage.report().panics, stage.report().plugin.panics), (1, 5));
    stage.ward().enable();
    assert!(stage.quote().await.is_ok());
    assert_eq!(stage.whats(), ["quarantined", "enabled"]);
}

#[tokio::test(start_paused = true)]
async fn a_chain_that_panics_on_and_on_is_paused_no_longer_than_its_call_may_take() {
    let stage = Stage::new(settings());
    stage.will(Act::Panic);
    for _ in 0..12 {
        let begin = Instant::now();
        assert!(stage.lane().await.is_err());
        assert!(begin.elapsed() <= Duration::from_secs(1));
    }
    while stage.lane().await.unwrap_err().kind != ErrorKind::Panic {}
    let calls = stage.calls();
    let outcome = stage.send().await;
    assert_eq!(outcome, SendOutcome::NotSent { reason: "no answer in time".to_owned() });
    assert_eq!(stage.calls(), calls, "it never began");
}

#[tokio::test(start_paused = true)]
async fn a_crash_of_its_process_counts_as_a_panic_and_a_reload_forgives_everything() {
    let stage = Stage::new(settings());
    stage.restarts.store(2, Ordering::SeqCst);
    stage.fail(1).await;
    assert_eq!((stage.report().quarantine, stage.report().plugin.restarts), (None, 2));
    stage.restarts.store(3, Ordering::SeqCst);
    stage.fail(1).await;
    assert!(stage.report().quarantine.is_some() && stage.report().plugin.panics == 3);
    stage.restarts.store(0, Ordering::SeqCst);
    stage.guard.reset(badge(Some("0.2.0")));
    stage.will(Act::Answer);
    assert!(stage.quote().await.is_ok());
    let report = stage.report();
    assert_eq!((report.quarantine, report.plugin.version.as_deref()), (None, Some("0.2.0")));
    assert_eq!(report.plugin.sha256, Some("07".repeat(32)));
    assert_eq!((report.breaker.state.as_str(), report.score), ("closed", 1_000_000));
    assert_eq!(stage.whats(), ["quarantined", "reset"]);
}

#[tokio::test(start_paused = true)]
async fn a_disabled_venue_builds_for_orders_that_have_chosen_it_and_nothing_else() {
    let stage = Stage::new(settings());
    stage.ward().disable();
    stage.ward().disable();
    let refused = stage.quote().await.unwrap_err();
    assert_eq!(refused, PluginError::transient("not asked, an operator has disabled it"));
    assert!(stage.build().await.is_ok() && !stage.ward().wants_check(Duration::ZERO));
    assert_eq!(stage.guard.wards().filter(|ward| ward.report().enabled).count(), 1, "the other one");
    stage.guard.reset(badge(None));
    assert!(stage.quote().await.is_err(), "a reload does not overrule an operator");
    stage.ward().enable();
    assert!(stage.quote().await.is_ok());
    assert_eq!(stage.whats(), ["disabled", "reset", "enabled"], "what changes nothing is not told");
}

#[tokio::test(start_paused = true)]
async fn quotes_that_hang_leave_room_for_sends_and_a_refused_send_never_began() {
    let stage = Stage::new(settings());
    stage.will(Act::Hang);
    let mut hanging: Vec<_> = (0..2).map(|_| Box::pin(stage.quote())).collect();
    assert!(hanging.iter_mut().all(|quote| quote.now_or_never().is_none()));
    assert_eq!((stage.report().in_flight, stage.report().plugin.in_flight), (2, 2));
    let refused = stage.quote().await.unwrap_err();
    assert_eq!(refused, PluginError::transient("too many calls to the plugin in flight"));
    let mut sends: Vec<_> = (0..2).map(|_| Box::pin(stage.send())).collect();
    assert!(sends.iter_mut().all(|send| send.now_or_never().is_none()), "both have begun");
    let calls = stage.calls();
    let reason = "too many calls to the plugin in flight".to_owned();
    assert_eq!(stage.send().await, SendOutcome::NotSent { reason });
    assert_eq!((stage.calls(), stage.report().score), (calls, 1_000_000), "the venue is not to blame");
    drop((hanging, sends));
    assert_eq!((stage.report().in_flight, stage.report().plugin.in_flight), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_quotes_may_be_in_flight_where_that_is_configured() {
    let stage = Stage::new(GuardSettings { max_in_flight: 12_000, ..settings() });
    stage.will(Act::Hang);
    let mut hanging: Vec<_> = (0..10_000).map(|_| Box::pin(stage.quote())).collect();
    assert!(hanging.iter_mut().all(|quote| quote.now_or_never().is_none()));
    assert_eq!((stage.calls(), stage.report().plugin.in_flight), (10_000, 10_000));
    drop(hanging);
    assert_eq!(stage.report().breaker.state, "closed", "what is given up says nothing");
}

#[tokio::test(start_paused = true)]
async fn an_idle_venue_is_to_be_looked_at_and_one_that_answers_is_not() {
    let stage = Stage::new(settings());
    let after = Duration::from_secs(10);
    assert!(stage.ward().wants_check(after), "nothing was ever heard of it");
    stage.quote().await.unwrap();
    assert!(!stage.ward().wants_check(after));
    tokio::time::advance(after).await;
    assert!(stage.ward().wants_check(after));
    stage.fail(7).await;
    assert!(stage.ward().wants_check(after), "whether it is well again");
    stage.will(Act::Answer);
    assert!(stage.venue.health(&ctx()).await.is_err(), "not before its time");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(stage.venue.health(&ctx()).await.is_ok());
    assert_eq!(stage.report().breaker.state, "closed");
}
