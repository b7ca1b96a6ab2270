//! The plugin room against real libraries: the paper plugin, a Rust plugin that breaks its word, and one in C.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod c_venue;
mod confined;
mod first_minor;
mod guarded;
mod hosts;
mod libraries;
mod records;
mod reloads;
mod ruin;
mod schema;
mod services;
mod signing;

use crate::{
    hosts::{At, BOTH, load_at, load_with},
    records::records,
};
use orderd::plugin::{FileError, LoadError, LoadFailure, Loaded};
use orderd_sdk::{
    amount::Amount,
    plugin::{
        Build, BuildRequest, BumpRequest, Chain, ChainConfig, ChainRead, Consumer, ConsumerRequest, Context,
        ErrorKind, EstimateRequest, Exports, HexBytes, HostServices, LaneRequest, Payload, PluginConfig,
        PluginError, PrepareRequest, Prepared, Quote, QuoteRequest, ReadRequest, SendOutcome, SendRequest,
        SignRequest, Signature, Signer, StatusRequest, Token, TxQuery, TxStatus, Venue, VenueConfig,
        async_trait,
    },
};
use serde_json::{Value, json};
use std::{
    future::{Future, poll_fn},
    path::PathBuf,
    sync::{Arc, OnceLock},
    task::Poll,
    time::Duration,
};
use tempfile::TempDir;
use tokio::task::JoinSet;

const LONG: Duration = Duration::from_secs(60);

/// A daemon with one chain and one account.
struct Services;

#[async_trait]
impl HostServices for Services {
    async fn sign(&self, _: &Context, request: SignRequest) -> Result<Signature, PluginError> {
        match request.account.as_str() {
            "desk" => Ok(Signature { r: request.digest.clone(), s: request.digest, y_odd: true }),
            _ => Err(PluginError::permanent("no such account")),
        }
    }

    async fn read_chain(&self, _: &Context, request: ChainRead) -> Result<Payload, PluginError> {
        match request.chain.as_str() {
            "main" => Payload::of(&json!({ "asked": request.query })),
            _ => Err(PluginError::permanent("no such chain")),
        }
    }
}

fn token(symbol: &str) -> Token {
    Token { symbol: symbol.into(), address: format!("0x{symbol}"), decimals: 6 }
}

/// One venue `pool`, with a chain `main` where the plugin has chains.
fn config(folder: &TempDir, venue: Value) -> PluginConfig {
    let tokens = vec![token("SOL"), token("USDC")];
    PluginConfig {
        chains: [("main".to_owned(), ChainConfig { tokens: tokens.clone(), settings: Value::Null })].into(),
        venues: [("pool".to_owned(), VenueConfig { chain: "main".to_owned(), tokens, settings: venue })]
            .into(),
        data_dir: folder.path().to_owned(),
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

async fn paper(at: At, folder: &TempDir, settings: Value) -> Loaded {
    let mut venue = json!({"pools": [{"tokens": ["SOL", "USDC"], "reserves": ["500000", "75000000"]}]});
    for (key, value) in settings.as_object().unwrap() {
        venue[key] = value.clone();
    }
    load_at(at, libraries::paper(), config(folder, venue)).await.unwrap()
}

async fn misbehaving(at: At) -> Loaded {
    let mut config = config(shared_folder(), Value::Null);
    config.chains.clear();
    load_at(at, libraries::misbehaving(), config).await.unwrap()
}

async fn in_c(at: At) -> Loaded {
    load_at(at, libraries::in_c(""), config(shared_folder(), Value::Null)).await.unwrap()
}

/// For plugins that write nothing.
fn shared_folder() -> &'static TempDir {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    FOLDER.get_or_init(folder)
}

fn venue(loaded: &Loaded) -> Arc<dyn Venue> {
    loaded.exports.venues["pool"].clone()
}

fn chain(loaded: &Loaded) -> Arc<dyn Chain> {
    loaded.exports.chains["main"].clone()
}

/// A request whose sold token tells a fixture what to do.
fn quote_request(symbol: &str) -> QuoteRequest {
    QuoteRequest {
        trader: "paper:desk".into(),
        token_in: token(symbol),
        token_out: token("USDC"),
        amount_in: Amount::from(1_000_000_u64),
    }
}

async fn quote(loaded: &Loaded, symbol: &str, budget: Duration) -> Result<Quote, PluginError> {
    venue(loaded).quote(&Context::within(budget), quote_request(symbol)).await
}

async fn kind(loaded: &Loaded, symbol: &str, budget: Duration) -> (ErrorKind, String) {
    let error = quote(loaded, symbol, budget).await.unwrap_err();
    (error.kind, error.message)
}

async fn poll_once<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Poll<T> {
    poll_fn(|cx| Poll::Ready(std::pin::Pin::new(&mut *future).poll(cx))).await
}

async fn end(loaded: Loaded) {
    assert!(loaded.shutdown(LONG).await, "the plugin ends in time");
}

#[tokio::test]
async fn an_order_goes_all_the_way_through_the_paper_library() {
    for at in BOTH {
        let folder = folder();
        let loaded = paper(at, &folder, json!({})).await;
        assert_eq!((loaded.about().manifest.name.as_str(), loaded.name.as_str()), ("paper", "tried"));
        let (venue, chain, ctx) = (venue(&loaded), chain(&loaded), Context::within(LONG));
        let quote = venue.quote(&ctx, quote_request("SOL")).await.unwrap();
        let build = BuildRequest {
            trader: "paper:desk".into(),
            token_in: token("SOL"),
            token_out: token("USDC"),
            amount_in: Amount::from(1_000_000_u64),
            min_out: quote.amount_out,
            deadline: u64::MAX,
            route: quote.route,
        };
        let Build::Swap { payload } = venue.build(&ctx, build).await.unwrap() else {
            panic!("paper needs no approval");
        };
        let address = "paper:desk".to_owned();
        let estimate = EstimateRequest { address: address.clone(), payload };
        let payload = chain.estimate(&ctx, estimate).await.unwrap().payload;
        let signer = Signer { account: "desk".into(), address: address.clone() };
        let prepare = PrepareRequest { signer, sequence: 0, payload };
        let first = chain.prepare(&ctx, prepare).await.unwrap();
        let signer = Signer { account: "desk".into(), address: address.clone() };
        let bump = BumpRequest { signer, sequence: 0, replaces: vec![first.raw.clone()] };
        let Prepared { raw, hash } = chain.bump(&ctx, bump).await.unwrap();
        assert_ne!(hash, first.hash);
        let consumer = ConsumerRequest { address: address.clone(), sequence: 0 };
        assert_eq!(chain.consumer(&ctx, consumer.clone()).await, Ok(Consumer::Open));
        let send = SendRequest { raw, hash: hash.clone() };
        assert_eq!(chain.send(&ctx, send).await, SendOutcome::Accepted);
        let queries = vec![TxQuery { hash: hash.clone(), receive: None }];
        let statuses = chain.status(&ctx, StatusRequest { queries }).await.unwrap();
        let consumed = chain.consumer(&ctx, consumer).await.unwrap();
        assert!(matches!(consumed, Consumer::Consumed { hash: by, .. } if by == hash));
        assert!(matches!(statuses[..], [TxStatus::Succeeded { finalized: true, .. }]), "{statuses:?}");
        let lane = chain.lane(&ctx, LaneRequest { address }).await.unwrap();
        assert_eq!((lane.latest, lane.finalized), (1, 1));
        assert_eq!(loaded.in_flight(), 0);
        end(loaded).await;
        assert_eq!(
            venue.health(&ctx).await.unwrap_err().kind,
            ErrorKind::Cancelled,
            "exports outlive the plugin, but do nothing"
        );
        drop((venue, chain));

        let loaded = paper(at, &folder, json!({})).await;
        let query = json!({"what": "height"}).into();
        let height = self::chain(&loaded).read(&ctx, ReadRequest { query }).await.unwrap();
        assert_eq!(height, json!({"height": 1}), "its memory is in its folder");
        end(loaded).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_at_once_are_each_answered_once() {
    for at in BOTH {
        let folder = folder();
        for latency in [0, 20] {
            let loaded = paper(at, &folder, json!({"latencyMs": latency})).await;
            let mut calls = JoinSet::new();
            for _ in 0..1000 {
                let venue = venue(&loaded);
                calls.spawn(async move { venue.quote(&Context::within(LONG), quote_request("SOL")).await });
            }
            let quotes = calls.join_all().await;
            let first = quotes[0].clone().unwrap();
            assert!(quotes.iter().all(|quote| quote.as_ref() == Ok(&first)));
            assert_eq!(loaded.in_flight(), 0);
            end(loaded).await;
        }
    }
}

#[tokio::test]
async fn each_file_that_is_no_plugin_is_refused_with_its_own_reason() {
    let folder = folder();
    let text = folder.path().join("notes.so");
    std::fs::write(&text, "not a library").unwrap();
    type Check = fn(&LoadFailure) -> bool;
    use LoadFailure as L;
    let cases: [(PathBuf, Check); 12] = [
        (folder.path().join("absent.so"), |l| matches!(l, L::File(FileError::Missing))),
        (text, |l| matches!(l, L::File(FileError::NotALibrary(_)))),
        (folder.path().to_owned(), |l| matches!(l, L::File(FileError::NotALibrary(_)))),
        (libraries::in_c("OTHER_MAJOR"), |l| matches!(l, L::File(FileError::OtherMajor { found: 2 }))),
        (libraries::in_c("NO_ENTRY"), |l| matches!(l, L::File(FileError::NoEntry))),
        (libraries::in_c("NULL_TABLE"), |l| matches!(l, L::File(FileError::Table(_)))),
        (libraries::in_c("TOO_SMALL"), |l| matches!(l, L::File(FileError::Table(_)))),
        (libraries::in_c("NO_START"), |l| matches!(l, L::File(FileError::MissingFunction("start")))),
        (libraries::in_c("BAD_MANIFEST"), |l| matches!(l, L::File(FileError::Manifest(_)))),
        (
            libraries::in_c("CREATE_FAILS"),
            |l| matches!(l, L::Create(said) if said == "venues.pool.config.pools is missing"),
        ),
        (
            libraries::in_c("CREATE_FAILS_SILENTLY"),
            |l| matches!(l, L::Create(said) if said.contains("status 2")),
        ),
        (
            libraries::in_c("WRONG_EXPORTS"),
            |l| matches!(l, L::Exports(odd) if odd.missing == ["venue pool"] && odd.unexpected == ["venue book"]),
        ),
    ];
    for (path, expected) in cases {
        let refused = async |at| load_at(at, path.clone(), config(&folder, Value::Null)).await.unwrap_err();
        let error: LoadError = refused(At::InProcess).await;
        assert!(expected(&error.reason), "{path:?}: {:?}", error.reason);
        let text = error.to_string();
        assert!(text.contains("\"tried\"") && text.contains(path.to_str().unwrap()), "{text}");
        let apart = refused(At::Process).await;
        assert_eq!(apart.reason.to_string(), error.reason.to_string(), "a process of its own tells the same");
    }
}

#[tokio::test]
async fn a_real_library_reports_every_mistake_in_its_settings() {
    let settings = json!({"pools": [], "colour": "red"});
    for at in BOTH {
        let config = config(shared_folder(), settings.clone());
        let LoadFailure::Create(message) = load_at(at, libraries::paper(), config).await.unwrap_err().reason
        else {
            panic!("refused by the plugin");
        };
        assert_eq!(
            message,
            "venues.pool.config.colour: unknown key; venues.pool.config.pools: one pool is needed at least"
        );
    }
}

#[tokio::test]
async fn a_plugin_in_c_answers_although_it_completes_twice_and_forges() {
    let records = records();
    let loaded = in_c(At::InProcess).await;
    assert_eq!((loaded.about().manifest.version.as_str(), loaded.about().manifest.abi_minor), ("0.9", 3));
    for symbol in ["plain", "twice", "forge"] {
        assert_eq!(quote(&loaded, symbol, LONG).await.unwrap().amount_out, Amount::from(7_u64));
    }
    records.wait_for(&["WARN", "ignored a second completion", "tried"]).await;
    records.wait_for(&["WARN", "ignored a completion of no call", "tried"]).await;
    assert_eq!(loaded.in_flight(), 0);
    end(loaded).await;
    records.wait_for(&["WARN plugin", "origin=\"fixture\"", "destroyed"]).await;
}

#[tokio::test]
async fn the_daemons_own_deadline_ends_a_call_that_is_never_completed() {
    for at in BOTH {
        let loaded = in_c(at).await;
        let (kind, _) = kind(&loaded, "hang", Duration::from_millis(20)).await;
        assert_eq!(kind, ErrorKind::Deadline);
        assert!(quote(&loaded, "plain", LONG).await.is_ok());
        assert_eq!(loaded.in_flight(), 0, "what came late, upon the cancel, was taken off");
        end(loaded).await;
    }
}

#[tokio::test]
async fn answers_that_make_no_sense_are_errors() {
    for at in BOTH {
        let loaded = in_c(at).await;
        for (symbol, expected) in [
            ("garbage", ErrorKind::Transient),
            ("panic", ErrorKind::Panic),
            ("status-99", ErrorKind::Transient),
            ("refuse-busy", ErrorKind::Transient),
            ("refuse-panic", ErrorKind::Panic),
        ] {
            assert_eq!(kind(&loaded, symbol, LONG).await.0, expected, "{symbol}");
        }
        let ctx = Context::within(LONG);
        let unsupported = venue(&loaded).health(&ctx).await.unwrap_err();
        assert_eq!(unsupported.kind, ErrorKind::Unsupported);
        let consumer = ConsumerRequest { address: "paper:desk".to_owned(), sequence: 0 };
        let older = chain(&loaded).consumer(&ctx, consumer).await.unwrap_err();
        assert_eq!(older.kind, ErrorKind::Unsupported, "a plugin that is older than this method");
        let hash = "0x".to_owned();
        let queries = vec![TxQuery { hash, receive: None }];
        let statuses = chain(&loaded).status(&ctx, StatusRequest { queries }).await.unwrap_err();
        assert_eq!(statuses.message, "the plugin answered 0 of 1 queries");
        end(loaded).await;
    }
}

#[tokio::test]
async fn a_send_is_unknown_unless_the_plugin_never_began() {
    for at in BOTH {
        let loaded = in_c(at).await;
        let chain = chain(&loaded);
        let send = async |hash: &str, budget| {
            let request = SendRequest { raw: HexBytes(vec![1]), hash: hash.to_owned() };
            chain.send(&Context::within(budget), request).await
        };
        assert_eq!(send("plain", LONG).await, SendOutcome::Accepted);
        for hash in ["garbage", "panic", "status-99", "refuse-panic"] {
            assert!(matches!(send(hash, LONG).await, SendOutcome::Unknown { .. }), "{hash}");
        }
        let hang = send("hang", Duration::from_millis(20)).await;
        assert!(matches!(hang, SendOutcome::Unknown { .. }));
        assert!(matches!(send("refuse-busy", LONG).await, SendOutcome::NotSent { .. }));
        assert!(matches!(send("plain", Duration::ZERO).await, SendOutcome::NotSent { .. }));
        end(loaded).await;
        assert!(matches!(send("plain", LONG).await, SendOutcome::NotSent { .. }));
    }
}

#[tokio::test]
async fn a_panic_ends_one_call_and_not_the_next() {
    for at in BOTH {
        let loaded = misbehaving(at).await;
        let panicked = kind(&loaded, "panic", LONG).await;
        assert_eq!(panicked, (ErrorKind::Panic, "panicked: the trap sprang".to_owned()));
        assert!(quote(&loaded, "plain", LONG).await.is_ok());
        end(loaded).await;
    }
}

#[tokio::test]
async fn a_hanging_call_ends_by_its_deadline_or_when_it_is_dropped_and_leaves_nothing() {
    for at in BOTH {
        let loaded = misbehaving(at).await;
        assert_eq!(kind(&loaded, "hang", Duration::from_millis(20)).await.0, ErrorKind::Deadline);
        {
            let (venue, ctx) = (venue(&loaded), Context::within(LONG));
            let mut dropped = venue.quote(&ctx, quote_request("hang"));
            assert!(poll_once(&mut dropped).await.is_pending());
        }
        quote(&loaded, "idle", LONG).await.unwrap();
        assert_eq!(loaded.in_flight(), 0);
        end(loaded).await;
    }
}

#[tokio::test]
async fn a_plugin_can_be_ended_while_its_calls_hang() {
    for at in BOTH {
        let loaded = misbehaving(at).await;
        let (venue, ctx) = (venue(&loaded), Context::within(LONG));
        let mut hanging = venue.quote(&ctx, quote_request("hang"));
        assert!(poll_once(&mut hanging).await.is_pending());
        end(loaded).await;
        assert_eq!(hanging.await.unwrap_err().kind, ErrorKind::Cancelled);
    }
}

#[tokio::test]
async fn questions_of_a_plugin_are_answered_by_the_daemon() {
    for at in BOTH {
        let loaded = misbehaving(at).await;
        let read = quote(&loaded, "read", LONG).await.unwrap();
        assert_eq!(read.route, json!({"asked": {"height": true}}));
        let signed = quote(&loaded, "sign", LONG).await.unwrap();
        let signature: Value = signed.route.read().unwrap();
        assert_eq!(signature["yOdd"], true);
        end(loaded).await;
    }
}

#[tokio::test]
async fn log_records_of_a_plugin_arrive_in_the_daemons_log() {
    for at in BOTH {
        let records = records();
        let loaded = misbehaving(at).await;
        quote(&loaded, "log", LONG).await.unwrap();
        let line = records.wait_for(&["careful"]).await;
        assert_eq!(line, "WARN plugin message=careful teeth=12 plugin=\"tried\" origin=\"misbehaving\"");
        end(loaded).await;
    }
}

#[tokio::test]
async fn dropping_everything_ends_the_plugin() {
    for at in BOTH {
        let records = records();
        let loaded = in_c(at).await;
        let Loaded { exports, .. } = loaded;
        let Exports { venues, chains } = exports;
        drop(chains);
        let venue = venues["pool"].clone();
        drop(venues);
        assert!(venue.quote(&Context::within(LONG), quote_request("plain")).await.is_ok());
        drop(venue);
        records.wait_for(&["origin=\"fixture\"", "destroyed"]).await;
    }
}
