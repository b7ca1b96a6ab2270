//! What plugins really answer, byte for byte, against the published JSON Schema.

use crate::{c_venue, config, folder, libraries};
use jsonschema::Validator;
use orderd_sdk::abi::{
    Manifest, Method, Status,
    host::{Callbacks, Guest, Library, Started},
    table::Level,
};
use serde_json::{Value, json};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    time::Duration,
};
use tempfile::TempDir;

/// A host that hands on what a plugin completes, and answers nothing itself.
struct Bare {
    completed: mpsc::SyncSender<(u64, Status, Vec<u8>)>,
}

impl Callbacks for Bare {
    fn log_level(&self) -> Level {
        Level::OFF
    }

    fn log(&self, _: Level, _: &str, _: &str) {}

    fn complete(&self, op: u64, status: Status, reply: &[u8]) {
        self.completed.send((op, status, reply.to_vec())).unwrap();
    }

    fn request(&self, _: u64, _: &str, _: u64, _: &[u8]) -> Status {
        Status::UNSUPPORTED
    }
}

/// One instance of a plugin, called with nothing in between.
struct Caller {
    guest: Guest,
    completed: mpsc::Receiver<(u64, Status, Vec<u8>)>,
    last: AtomicU64,
    schema: Validator,
    manifest: Manifest,
}

impl Caller {
    fn new(library: &Path, config: &impl serde::Serialize) -> Self {
        let (sender, completed) = mpsc::sync_channel(16);
        let library = Library::open(library).unwrap();
        let config = serde_json::to_value(config).unwrap();
        let schema = published();
        assert_valid(&schema, &json!({ "config": config }));
        let host = Arc::new(Bare { completed: sender });
        let guest = Guest::create(&library, host, config.to_string().as_bytes()).unwrap();
        Self { guest, completed, last: AtomicU64::new(0), schema, manifest: library.manifest().clone() }
    }

    /// Asks, and checks that the answer is as described.
    fn ask(&self, method: Method, target: &str, request: Value) -> Value {
        let name = method.name();
        assert_valid(&self.schema, &json!({ "methods": { (name): { "request": request } } }));
        let (status, reply) = self.start(name, target, request.to_string().as_bytes()).unwrap();
        let reply: Value = serde_json::from_slice(&reply).unwrap();
        match status {
            Status::OK => assert_valid(&self.schema, &json!({ "methods": { (name): { "reply": reply } } })),
            other => panic!("{name} answered {other:?}: {reply}"),
        }
        reply
    }

    /// The completion of a call, or the status with which it was refused.
    fn start(&self, method: &str, target: &str, request: &[u8]) -> Result<(Status, Vec<u8>), Status> {
        let op = self.last.fetch_add(1, Ordering::Relaxed);
        match self.guest.start(op, method, target, 60_000_000_000, request) {
            Started::Answered(Status::OK) => {}
            Started::Answered(refused) => return Err(refused),
            Started::Ended => panic!("it has not been ended"),
        }
        let (answered, status, reply) = self.completed.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!(answered, op);
        Ok((status, reply))
    }

    fn end(self) {
        self.guest.destroy();
        assert!(self.completed.try_recv().is_err(), "nothing was left to complete");
    }
}

fn published() -> Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/plugin-abi/schema.json");
    let schema = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn assert_valid(schema: &Validator, value: &Value) {
    let errors: Vec<_> = schema.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{value}: {errors:?}");
}

fn token(symbol: &str) -> Value {
    json!({"symbol": symbol, "address": format!("0x{symbol}"), "decimals": 6})
}

fn quote() -> Value {
    json!({"trader": "paper:desk", "tokenIn": token("SOL"), "tokenOut": token("USDC"), "amountIn": "1000000"})
}

fn build(quoted: &Value) -> Value {
    let mut build = quote();
    build["minOut"] = quoted["amountOut"].clone();
    build["deadline"] = json!(u64::MAX);
    build["route"] = quoted["route"].clone();
    build
}

fn paper(folder: &TempDir) -> Caller {
    let pools = json!({"pools": [{"tokens": ["SOL", "USDC"], "reserves": ["500000", "75000000"]}]});
    Caller::new(&libraries::paper(), &config(folder, pools))
}

fn in_c(folder: &TempDir) -> Caller {
    Caller::new(&libraries::c_venue(), &c_venue::only_venue(folder, c_venue::settings()))
}

#[test]
fn every_answer_of_the_paper_plugin_is_as_described() {
    let folder = folder();
    let paper = paper(&folder);
    assert_valid(&paper.schema, &json!({ "manifest": paper.manifest }));
    paper.ask(Method::Describe, "", json!({}));
    paper.ask(Method::VenueHealth, "pool", json!({}));
    let quoted = paper.ask(Method::VenueQuote, "pool", quote());
    let built = paper.ask(Method::VenueBuild, "pool", build(&quoted));
    let chain = |method, request| paper.ask(method, "main", request);
    chain(Method::ChainHealth, json!({}));
    let address = chain(Method::ChainAddress, json!({"account": "desk", "publicKey": null}));
    let estimate = json!({"address": address, "payload": built["payload"]});
    let payload = chain(Method::ChainEstimate, estimate)["payload"].clone();
    let signer = json!({"account": "desk", "address": address});
    let prepare = json!({"signer": signer, "sequence": 0, "payload": payload});
    let swap = chain(Method::ChainPrepare, prepare);
    let again = json!({"signer": signer, "sequence": 0, "replaces": [swap["raw"]]});
    chain(Method::ChainCancel, again.clone());
    let bumped = chain(Method::ChainBump, again);
    let first = json!({"address": address, "sequence": 0});
    assert_eq!(chain(Method::ChainConsumer, first.clone()), json!({"consumer": "open"}));
    let status = json!({"queries": [
        {"hash": bumped["hash"], "receive": {"token": "0xUSDC", "address": address}},
        {"hash": "0x51", "receive": null},
    ]});
    chain(Method::ChainStatus, status.clone());
    chain(Method::ChainSend, json!({"raw": bumped["raw"], "hash": bumped["hash"]}));
    chain(Method::ChainSend, json!({"raw": "0x00", "hash": "0x51"}));
    assert_eq!(chain(Method::ChainStatus, status)[0]["status"], "succeeded");
    assert_eq!(chain(Method::ChainConsumer, first)["consumer"], "consumed");
    chain(Method::ChainLane, json!({"address": address}));
    chain(Method::ChainBalance, json!({"address": address, "token": "0xSOL"}));
    chain(Method::ChainRead, json!({"query": {"what": "height"}}));
    let mut wrong = quote();
    wrong["tokenOut"] = token("DAI");
    let (status, error) = paper.start("venue.quote", "pool", wrong.to_string().as_bytes()).unwrap();
    let error: Value = serde_json::from_slice(&error).unwrap();
    assert_eq!(status, Status::ERROR);
    assert_valid(&paper.schema, &json!({ "error": error }));
    paper.end();
}

#[test]
fn every_answer_of_the_venue_in_c_is_as_described() {
    let folder = folder();
    let venue = in_c(&folder);
    assert_valid(&venue.schema, &json!({ "manifest": venue.manifest }));
    assert_eq!(venue.ask(Method::Describe, "", json!({})), json!({"chains": [], "venues": ["pool"]}));
    venue.ask(Method::VenueHealth, "pool", json!({}));
    let quoted = venue.ask(Method::VenueQuote, "pool", quote());
    venue.ask(Method::VenueBuild, "pool", build(&quoted));
    let (status, error) = venue.start("venue.quote", "pool", none(&quote()).as_bytes()).unwrap();
    let error: Value = serde_json::from_slice(&error).unwrap();
    assert_eq!(status, Status::ERROR);
    assert_valid(&venue.schema, &json!({ "error": error }));
    venue.end();
}

/// A quote for nothing.
fn none(quote: &Value) -> String {
    let mut none = quote.clone();
    none["amountIn"] = json!("0");
    none.to_string()
}

#[test]
fn what_makes_no_sense_is_refused_by_the_venue_in_c_as_by_a_plugin_in_rust() {
    let folders = [folder(), folder()];
    let (in_c, in_rust) = (in_c(&folders[0]), paper(&folders[1]));
    let valid = quote().to_string();
    let large = format!("{{\"trader\":\"{}\"}}", " ".repeat(10 << 20));
    let mut cases = vec![
        ("venue.dance", "pool", "{}".to_owned(), Status::UNSUPPORTED),
        ("", "pool", "{}".to_owned(), Status::UNSUPPORTED),
        ("venue.quote", "moon", valid.clone(), Status::BAD_REQUEST),
        ("venue.quote", "", valid.clone(), Status::BAD_REQUEST),
        ("venue.quote", "pool", large, Status::BAD_REQUEST),
        ("venue.quote", "pool", format!("{valid} {{"), Status::BAD_REQUEST),
        ("venue.quote", "pool", valid.replace("\"1000000\"", "1000000"), Status::BAD_REQUEST),
        ("venue.quote", "pool", valid.replace("\"1000000\"", "\"-1\""), Status::BAD_REQUEST),
        (
            "venue.quote",
            "pool",
            valid.replace("\"1000000\"", &format!("\"{}\"", "9".repeat(78))),
            Status::BAD_REQUEST,
        ),
        ("venue.quote", "pool", valid.replace("\"decimals\":6", "\"decimals\":256"), Status::BAD_REQUEST),
        ("venue.build", "pool", valid.clone(), Status::BAD_REQUEST),
    ];
    let cut = (0..valid.len()).map(|at| ("venue.quote", "pool", valid[..at].to_owned(), Status::BAD_REQUEST));
    cases.extend(cut);
    for (method, target, request, expected) in cases {
        for plugin in [&in_c, &in_rust] {
            let name = &plugin.manifest.name;
            assert_eq!(
                plugin.start(method, target, request.as_bytes()),
                Err(expected),
                "{name}: {method} {request:.200}"
            );
        }
    }
    assert_eq!(in_c.start("venue.quote", "pool", b"{\"trader\":\"\xff\"}"), Err(Status::BAD_REQUEST));
    in_c.guest.cancel(7);
    in_c.guest.deliver(7, Status::OK, b"{}");
    in_c.ask(Method::VenueQuote, "pool", quote());
    in_c.end();
    in_rust.end();
}
