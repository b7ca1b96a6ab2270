//! The plugin's side of the interface, driven by a host made of bare C functions.
#![expect(unsafe_code, reason = "plays the host through raw pointers")]

use super::{
    Bytes, ErrorSink, HostTable, Manifest, Outcome, PluginTable, Status, TableCell,
    instance::Instance,
    table::{Level, MAX_MESSAGE, MAX_OPERATIONS},
};
use crate::plugin::{
    Build, BuildRequest, ChainRead, Context, Exports, FirstPoll, Health, Host, HttpError, HttpRequest,
    Payload, Plugin, PluginConfig, PluginError, Quote, QuoteRequest, Venue, async_trait,
};
use serde_json::json;
use std::{
    ffi::c_void,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

/// What this host does not know.
const LATER_SERVICES: [&str; 2] = ["time.now", "http"];
const LONG: u64 = 60_000_000_000;

/// What a host hears.
#[derive(Debug, PartialEq)]
enum Heard {
    Completed(u64, Status, String),
    Asked(u64, String, String),
    Logged(Level, String),
}

struct FakeHost {
    heard: Receiver<Heard>,
    table: &'static PluginTable,
    instance: *mut c_void,
}

unsafe extern "C" fn hear_log(ctx: *mut c_void, level: Level, _target: Bytes, message: Bytes) {
    // SAFETY: the plugin lends the text to this call.
    let message = unsafe { message.read_str() }.unwrap();
    hear(ctx, Heard::Logged(level, message.to_owned()));
}

unsafe extern "C" fn hear_complete(ctx: *mut c_void, op: u64, status: Status, reply: Bytes) {
    // SAFETY: the plugin lends the reply to this call.
    let reply = unsafe { reply.read_str() }.unwrap();
    hear(ctx, Heard::Completed(op, status, reply.to_owned()));
}

unsafe extern "C" fn hear_request(
    ctx: *mut c_void,
    op: u64,
    method: Bytes,
    _: u64,
    payload: Bytes,
) -> Status {
    // SAFETY: the plugin lends both to this call.
    let (method, payload) = unsafe { (method.read_str().unwrap(), payload.read_str().unwrap()) };
    if LATER_SERVICES.contains(&method) {
        return Status::UNSUPPORTED;
    }
    hear(ctx, Heard::Asked(op, method.to_owned(), payload.to_owned()));
    Status::OK
}

unsafe extern "C" fn no_extension(_: *mut c_void, _: Bytes) -> *const c_void {
    std::ptr::null()
}

fn hear(ctx: *mut c_void, heard: Heard) {
    // SAFETY: the sender is leaked.
    let sender = unsafe { &*ctx.cast::<SyncSender<Heard>>() };
    sender.send(heard).unwrap();
}

unsafe extern "C" fn keep_message(ctx: *mut c_void, message: Bytes) {
    // SAFETY: `create` gets a `String` that outlives it, and lends the text to this call.
    unsafe { ctx.cast::<String>().write(message.read_str().unwrap().to_owned()) };
}

impl FakeHost {
    fn load<P: Plugin>(config: &str) -> Result<Self, (Status, String)> {
        let cell: &'static TableCell = Box::leak(Box::default());
        // SAFETY: the table is leaked with its cell.
        let table = unsafe { &*cell.table::<P>() };
        let (sender, heard) = sync_channel(2 * MAX_OPERATIONS);
        let host: &'static HostTable = Box::leak(Box::new(HostTable {
            size: size_of::<HostTable>(),
            abi_minor: 7,
            log_level: Level::INFO,
            ctx: (&raw mut *Box::leak(Box::new(sender))).cast(),
            log: Some(hear_log),
            complete: Some(hear_complete),
            request: Some(hear_request),
            extension: Some(no_extension),
        }));
        let (mut instance, mut message) = (std::ptr::null_mut(), String::new());
        let sink = ErrorSink { ctx: (&raw mut message).cast(), write: Some(keep_message) };
        // SAFETY: the host is leaked; the rest outlives the call.
        let status = unsafe { table.create.unwrap()(host, Bytes::of(config), &raw mut instance, sink) };
        match status {
            Status::OK => Ok(Self { heard, table, instance }),
            failed => Err((failed, message)),
        }
    }

    fn start(&self, op: u64, method: &str, target: &str, budget_ns: u64, request: &[u8]) -> Status {
        let (method, target) = (Bytes::of(method), Bytes::of(target));
        // SAFETY: the instance lives until `destroy`, and the bytes outlive the call.
        unsafe { self.table.start.unwrap()(self.instance, op, method, target, budget_ns, Bytes::of(request)) }
    }

    fn quote(&self, op: u64, behaviour: &str, budget_ns: u64) -> Status {
        let token = json!({"symbol": behaviour, "address": "0x", "decimals": 6});
        let request = json!({"trader": "t", "tokenIn": token, "tokenOut": token, "amountIn": "5"});
        self.start(op, "venue.quote", "probe", budget_ns, request.to_string().as_bytes())
    }

    fn cancel(&self, op: u64) {
        // SAFETY: the instance lives until `destroy`.
        unsafe { self.table.cancel.unwrap()(self.instance, op) };
    }

    fn deliver(&self, op: u64, status: Status, reply: &str) {
        // SAFETY: the instance lives until `destroy`, and the reply outlives the call.
        unsafe { self.table.deliver.unwrap()(self.instance, op, status, Bytes::of(reply)) };
    }

    fn hear(&self) -> Heard {
        self.heard.recv_timeout(Duration::from_secs(20)).expect("the plugin says something")
    }

    /// Waits for a completion of this operation, and passes over what else is said.
    fn completion(&self, op: u64) -> (Status, String) {
        loop {
            match self.hear() {
                Heard::Completed(completed, status, reply) => {
                    assert_eq!(completed, op);
                    return (status, reply);
                }
                Heard::Asked(..) | Heard::Logged(..) => {}
            }
        }
    }

    fn in_flight(&self) -> (usize, usize) {
        // SAFETY: the instance lives until `destroy`.
        unsafe { &*self.instance.cast::<Instance>() }.in_flight()
    }

    /// Destroys the instance, and says what was heard during and after it.
    fn destroy(self) -> Vec<Heard> {
        // SAFETY: once, and `self` is gone afterwards.
        unsafe { self.table.destroy.unwrap()(self.instance) };
        self.heard.try_iter().collect()
    }
}

/// A venue that does as the sold token's symbol says; the const says where it is polled first.
struct Probe<const ON_CALLER: bool> {
    host: Host,
    calls: AtomicUsize,
}

impl<const ON_CALLER: bool> Plugin for Probe<ON_CALLER> {
    const NAME: &'static str = "probe";
    const VERSION: &'static str = "1.2.3";
    const FIRST_POLL: FirstPoll = match ON_CALLER {
        true => FirstPoll::CallerThread,
        false => FirstPoll::PluginThread,
    };

    fn create(config: PluginConfig, host: Host) -> Result<Exports, PluginError> {
        match config.data_dir.to_str() {
            Some("refuse") => return Err(PluginError::invalid("venues.probe: no pools")),
            Some("panic") => panic!("create went wrong"),
            _ => {}
        }
        let venue: Arc<dyn Venue> = Arc::new(Self { host, calls: AtomicUsize::new(0) });
        Ok(Exports { venues: [("probe".to_owned(), venue)].into(), ..Exports::default() })
    }
}

#[async_trait]
impl<const ON_CALLER: bool> Venue for Probe<ON_CALLER> {
    async fn quote(&self, ctx: &Context, request: QuoteRequest) -> Result<Quote, PluginError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let mut route = Payload::from(json!(thread::current().name()));
        match request.token_in.symbol.as_str() {
            "hang" => std::future::pending().await,
            "panic" => panic!("no such tick"),
            "sleep" => tokio::time::sleep(Duration::from_millis(5)).await,
            "error" => return Err(PluginError::permanent("no market")),
            "large" => route = json!("x".repeat(MAX_MESSAGE)).into(),
            "log" => {
                let span = tracing::info_span!("quote", pool = 7);
                let _span = span.enter();
                tracing::debug!("not wanted");
                tracing::warn!(reserve = 0, "drained");
            }
            "ask" => {
                let query = ChainRead { chain: "main".into(), query: json!({"height": true}).into() };
                route = self.host.read_chain(ctx, query).await?;
            }
            "now" => route = json!(self.host.now(ctx).await?.0).into(),
            "http" => match self.host.http(ctx, HttpRequest::get("http://127.0.0.1")).await {
                Err(HttpError::NotSent(error)) => {
                    route = json!(format!("certainly not sent: {error}")).into();
                }
                other => panic!("{other:?}"),
            },
            _ => {}
        }
        Ok(Quote { amount_out: request.amount_in, network_cost: None, price_impact_ppm: None, route })
    }

    async fn build(&self, _: &Context, _: BuildRequest) -> Result<Build, PluginError> {
        Ok(Build::Swap { payload: Payload::null() })
    }

    async fn health(&self, _: &Context) -> Result<Health, PluginError> {
        let detail = self.calls.load(Ordering::Relaxed).to_string();
        Ok(Health { detail })
    }
}

const CONFIG: &str = r#"{"chains":{},"venues":{},"dataDir":"d"}"#;

fn probe<const ON_CALLER: bool>() -> FakeHost {
    FakeHost::load::<Probe<ON_CALLER>>(CONFIG).unwrap_or_else(|_| panic!("the probe is made"))
}

/// Both ways of polling have to keep the same promises.
fn probes() -> [FakeHost; 2] {
    [probe::<false>(), probe::<true>()]
}

#[test]
fn the_manifest_says_who_the_plugin_is() {
    let probe = probe::<false>();
    // SAFETY: the manifest is leaked.
    let manifest = unsafe { probe.table.manifest.read() }.unwrap();
    let manifest: Manifest = serde_json::from_slice(manifest).unwrap();
    assert_eq!((manifest.name.as_str(), manifest.version.as_str()), ("probe", "1.2.3"));
    probe.destroy();
}

#[test]
fn create_reports_refusals_panics_and_unreadable_configurations() {
    let table = [
        (CONFIG.replace("\"d\"", "\"refuse\""), Status::ERROR, "venues.probe: no pools"),
        (CONFIG.replace("\"d\"", "\"panic\""), Status::ERROR, "panicked: create went wrong"),
        ("{".to_owned(), Status::BAD_REQUEST, "the configuration is unreadable"),
    ];
    for (config, status, message) in table {
        let (got, said) = FakeHost::load::<Probe<false>>(&config).err().expect("is refused");
        assert_eq!(got, status);
        assert!(said.contains(message), "{said}");
    }
}

#[test]
fn a_call_is_answered_once_and_on_the_thread_that_the_plugin_chose() {
    for (probe, thread) in [
        (probe::<false>(), "\"plugin-probe\"".to_owned()),
        (probe::<true>(), json!(thread::current().name()).to_string()),
    ] {
        assert_eq!(probe.quote(1, "plain", LONG), Status::OK);
        let (status, reply) = probe.completion(1);
        assert_eq!(status, Status::OK);
        assert!(reply.contains(&thread), "{reply} on {thread}");
        assert_eq!(probe.destroy(), []);
    }
}

#[test]
fn what_needs_waiting_ends_on_the_plugin_thread() {
    for probe in probes() {
        assert_eq!(probe.quote(1, "sleep", LONG), Status::OK);
        assert_eq!(probe.completion(1).0, Status::OK);
        assert_eq!(probe.destroy(), []);
    }
}

#[test]
fn panics_errors_and_large_replies_end_one_call_and_not_the_next() {
    for probe in probes() {
        for (op, behaviour, status, words) in [
            (1, "panic", Status::PANIC, "panicked: no such tick"),
            (2, "error", Status::ERROR, "no market"),
            (3, "large", Status::ERROR, "the reply has"),
            (4, "plain", Status::OK, "amountOut"),
        ] {
            assert_eq!(probe.quote(op, behaviour, LONG), Status::OK);
            let (got, reply) = probe.completion(op);
            assert_eq!(got, status, "{reply}");
            assert!(reply.contains(words), "{reply}");
        }
        assert_eq!(probe.in_flight(), (0, 0));
        assert_eq!(probe.destroy(), []);
    }
}

#[test]
fn a_call_that_hangs_ends_with_its_budget() {
    for probe in probes() {
        assert_eq!(probe.quote(1, "hang", 1_000_000), Status::OK);
        assert_eq!(probe.completion(1).0, Status::DEADLINE);
        assert_eq!(probe.quote(2, "hang", 0), Status::OK);
        assert_eq!(probe.completion(2).0, Status::DEADLINE);
        assert_eq!(probe.in_flight(), (0, 0));
        assert_eq!(probe.destroy(), []);
    }
}

#[test]
fn a_cancelled_call_completes_once_as_cancelled() {
    for probe in probes() {
        assert_eq!(probe.quote(1, "hang", LONG), Status::OK);
        probe.cancel(1);
        assert_eq!(probe.completion(1).0, Status::CANCELLED);
        probe.cancel(1);
        probe.cancel(99);
        assert_eq!(probe.in_flight(), (0, 0));
        assert_eq!(probe.destroy(), []);
    }
}

#[test]
fn what_makes_no_sense_is_refused_without_a_completion() {
    let large = vec![b' '; MAX_MESSAGE + 1];
    for probe in probes() {
        for (method, target, request, status) in [
            ("venue.dance", "probe", &b"{}"[..], Status::UNSUPPORTED),
            ("venue.quote", "other", b"{}", Status::BAD_REQUEST),
            ("venue.quote", "probe", b"{\"trader\":1}", Status::BAD_REQUEST),
            ("venue.quote", "probe", b"\xff", Status::BAD_REQUEST),
            ("venue.quote", "probe", &large, Status::BAD_REQUEST),
            ("chain.send", "probe", b"{}", Status::BAD_REQUEST),
        ] {
            assert_eq!(probe.start(1, method, target, LONG, request), status, "{method}");
        }
        let said = probe.destroy();
        assert!(said.iter().all(|heard| matches!(heard, Heard::Logged(Level::WARN, _))), "{said:?}");
    }
}

#[test]
fn tokens_in_flight_and_more_operations_than_allowed_are_refused() {
    let probe = probe::<true>();
    let bound = u64::try_from(MAX_OPERATIONS).unwrap();
    for op in 0..bound {
        assert_eq!(probe.quote(op, "hang", LONG), Status::OK);
    }
    assert_eq!(probe.quote(bound, "plain", LONG), Status::BUSY);
    probe.cancel(0);
    assert_eq!(probe.completion(0).0, Status::CANCELLED);
    assert_eq!(probe.quote(1, "plain", LONG), Status::BAD_REQUEST);
    assert_eq!(probe.quote(0, "plain", LONG), Status::OK);
    assert_eq!(probe.completion(0).0, Status::OK);
    assert_eq!(probe.destroy().len(), MAX_OPERATIONS - 1);
}

#[test]
fn destroy_completes_what_is_in_flight_and_is_silent_afterwards() {
    for probe in probes() {
        assert_eq!(probe.quote(1, "hang", LONG), Status::OK);
        assert_eq!(probe.quote(2, "ask", LONG), Status::OK);
        let mut ended: Vec<_> = probe
            .destroy()
            .into_iter()
            .filter_map(|heard| match heard {
                Heard::Completed(op, status, _) => Some((op, status)),
                Heard::Asked(..) | Heard::Logged(..) => None,
            })
            .collect();
        ended.sort_by_key(|(op, _)| *op);
        assert_eq!(ended, [(1, Status::CANCELLED), (2, Status::CANCELLED)]);
    }
}

#[test]
fn questions_to_the_host_are_answered_through_deliver() {
    for probe in probes() {
        assert_eq!(probe.quote(1, "ask", LONG), Status::OK);
        let Heard::Asked(op, service, payload) = probe.hear() else {
            panic!("expected a question");
        };
        assert_eq!(service, "chain.read");
        assert_eq!(payload, r#"{"chain":"main","query":{"height":true}}"#);
        probe.deliver(op + 1, Status::OK, "null");
        probe.deliver(op, Status::OK, r#"{"height":12}"#);
        let (status, reply) = probe.completion(1);
        assert_eq!(status, Status::OK);
        assert!(reply.contains(r#""route":{"height":12}"#), "{reply}");

        assert_eq!(probe.quote(2, "ask", LONG), Status::OK);
        let Heard::Asked(op, ..) = probe.hear() else {
            panic!("expected a question");
        };
        let refusal = Outcome::error(&PluginError::permanent("no such chain"));
        probe.deliver(op, refusal.status, std::str::from_utf8(&refusal.reply).unwrap());
        assert!(probe.completion(2).1.contains("no such chain"));
        assert_eq!(probe.in_flight(), (0, 0));
        probe.destroy();
    }
}

#[test]
fn a_dropped_question_leaves_no_slot() {
    for probe in probes() {
        assert_eq!(probe.quote(1, "ask", LONG), Status::OK);
        let Heard::Asked(op, ..) = probe.hear() else {
            panic!("expected a question");
        };
        assert_eq!(probe.in_flight(), (1, 1));
        probe.cancel(1);
        let heard = [probe.hear(), probe.hear()];
        let given_up = format!(r#"{{"op":{op}}}"#);
        let is_told = |heard: &Heard| matches!(heard, Heard::Asked(_, service, payload) if service == "cancel" && *payload == given_up);
        assert!(heard.iter().any(is_told), "the host hears that nobody waits: {heard:?}");
        assert!(heard.iter().any(|heard| matches!(heard, Heard::Completed(1, Status::CANCELLED, _))));
        assert_eq!(probe.in_flight(), (0, 0));
        probe.destroy();
    }
}

#[test]
fn a_host_of_an_older_version_does_not_support_later_services() {
    for probe in probes() {
        assert_eq!(probe.quote(1, "now", LONG), Status::OK);
        assert_eq!(probe.completion(1).0, Status::UNSUPPORTED);
        assert_eq!(probe.quote(2, "http", LONG), Status::OK);
        let (status, reply) = probe.completion(2);
        assert_eq!(status, Status::OK);
        assert!(reply.contains("certainly not sent: not supported"), "{reply}");
        assert_eq!(probe.in_flight(), (0, 0));
        assert_eq!(probe.destroy(), []);
    }
}

#[test]
fn log_records_arrive_with_their_spans_and_fields() {
    for probe in probes() {
        assert_eq!(probe.quote(1, "log", LONG), Status::OK);
        assert_eq!(probe.hear(), Heard::Logged(Level::WARN, "quote{pool=7}: drained reserve=0".into()));
        assert_eq!(probe.completion(1).0, Status::OK);
        probe.destroy();
    }
}
