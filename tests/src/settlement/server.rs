//! The service itself: it listens, and ends with its handle.

use super::{
    CHAIN_ID, SETTLEMENT, SOL, TRADER, USDC,
    books::{Books, Settling},
    fault::{Call, Fault, Script},
    message::{Ledger, QuoteQuery, Refusal, StatusQuery, StatusReply, Uid},
};
use alloy_primitives::Address;
use anyhow::{Context as _, Result, anyhow, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, Response, body::Incoming, header, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::timeout,
};

/// Connections at one time; more wait to be accepted.
const MAX_CONNECTIONS: usize = 64;
/// The largest body that is read.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// How long a test waits for something to be seen.
const PATIENCE: Duration = Duration::from_secs(30);
/// What the trader begins with, in base units.
const ENDOWMENT: u64 = 1_000_000_000_000;

/// A service on a free port. Dropping it ends it.
#[derive(Debug)]
pub struct Settlement {
    address: SocketAddr,
    shared: Arc<Shared>,
    _listening: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    books: Mutex<Books>,
    script: Mutex<Script>,
    /// How often each call was made, and how often it was done.
    calls: watch::Sender<BTreeMap<Call, (usize, usize)>>,
}

impl Settlement {
    /// A service that behaves, with a market and a trader who can pay: 1 SOL is 150 USDC.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start() -> Result<Self> {
        let mut books = Books::new();
        books.price((SOL, 1_000_000_000), (USDC, 150_000_000));
        books.price((USDC, 150_000_000), (SOL, 1_000_000_000));
        books.credit(TRADER, SOL, ENDOWMENT);
        books.credit(TRADER, USDC, ENDOWMENT);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let shared =
            Shared { books: Mutex::new(books), script: Mutex::default(), calls: watch::Sender::default() };
        let shared = Arc::new(shared);
        let mut listening = JoinSet::new();
        listening.spawn(listen(listener, shared.clone()));
        Ok(Self { address, shared, _listening: listening })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The books, as of now.
    pub fn books(&self) -> MutexGuard<'_, Books> {
        self.shared.books()
    }

    /// From now on orders are settled so, also those that are open.
    pub fn settles(&self, settling: Settling) {
        self.books().rule(settling, now_ms());
    }

    /// Has the next calls of a kind go wrong, after those that were asked for before.
    pub fn on(&self, call: Call, fault: Fault, times: usize) {
        lock(&self.shared.script).add(call, fault, times);
    }

    /// Takes all faults away.
    pub fn behave(&self) {
        lock(&self.shared.script).clear();
    }

    /// How often a call was made, whatever became of it.
    #[must_use]
    pub fn made(&self, call: Call) -> usize {
        self.shared.calls.borrow().get(&call).map_or(0, |(made, _)| *made)
    }

    /// Waits until a call was made so often, and whatever it does is done.
    ///
    /// # Errors
    /// When that takes too long.
    pub async fn until(&self, call: Call, times: usize) -> Result<()> {
        let mut calls = self.shared.calls.subscribe();
        let enough = calls.wait_for(|calls| calls.get(&call).is_some_and(|(_, done)| *done >= times));
        timeout(PATIENCE, enough).await.with_context(|| format!("{call:?} is not made {times} times"))??;
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "the service is a world of its own, with its own clock")]
fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}

impl Shared {
    fn books(&self) -> MutexGuard<'_, Books> {
        let mut books = lock(&self.books);
        books.advance(now_ms());
        books
    }

    fn count(&self, call: Call, change: impl FnOnce(&mut (usize, usize))) {
        self.calls.send_modify(|calls| change(calls.entry(call).or_default()));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(serve(stream, shared.clone()));
                }
            }
            Some(_ended) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(|request| respond(shared.clone(), request));
    // An error is a caller that left, or a reply that is to be lost.
    http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
}

async fn respond(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>> {
    let path = request.uri().path().to_owned();
    let body = Limited::new(request.into_body(), MAX_BODY_BYTES).collect().await;
    let body = body.map_err(|error| anyhow!(error))?.to_bytes();
    let Some(call) = call_of(&path) else {
        return reply(404, &Value::Null);
    };
    let fault = lock(&shared.script).next(call);
    shared.count(call, |(made, _)| *made += 1);
    let answer = match fault {
        Some(Fault::Fails(_) | Fault::Hangs | Fault::IsRateLimited) => None,
        Some(Fault::FailsAfterwards(_) | Fault::HangsAfterwards | Fault::LosesTheReply | Fault::Forgets)
        | None => Some(answer(&mut shared.books(), call, &path, &body)?),
    };
    if fault == Some(Fault::Forgets) {
        shared.books().forget();
    }
    shared.count(call, |(_, done)| *done += 1);
    match (fault, answer) {
        (Some(Fault::Fails(status) | Fault::FailsAfterwards(status)), _) => reply(status, &Value::Null),
        (Some(Fault::Hangs | Fault::HangsAfterwards), _) => std::future::pending().await,
        (Some(Fault::LosesTheReply), _) => bail!("lost on purpose"),
        (Some(Fault::IsRateLimited), _) => reply(429, &Refusal::RateLimited),
        (Some(Fault::Forgets) | None, Some((status, body))) => reply(status, &body),
        (Some(Fault::Forgets) | None, None) => reply(500, &Value::Null),
    }
}

fn call_of(path: &str) -> Option<Call> {
    Some(match path {
        "/v1/quote" => Call::Quote,
        "/v1/orders" => Call::Order,
        "/v1/cancellations" => Call::Cancellation,
        "/v1/status" => Call::Status,
        "/v1/settlement" => Call::Settlement,
        _ if path.starts_with("/v1/balances/") => Call::Balance,
        _ => return None,
    })
}

/// What is done, and what is said.
fn answer(books: &mut Books, call: Call, path: &str, body: &[u8]) -> Result<(u16, Value)> {
    let answer = match call {
        Call::Quote => quote(books, read(body)),
        Call::Order => read(body).and_then(|order| books.take(order, now_ms())).map(|(uid, is_new)| {
            let status = if is_new { 201 } else { 200 };
            (status, json!({"uid": uid.to_string()}))
        }),
        Call::Cancellation => read(body)
            .and_then(|cancellation| books.cancel(cancellation, now_ms()))
            .map(|uid| (202, json!({"uid": uid.to_string()}))),
        Call::Status => read(body).and_then(|query| status(books, &query)),
        Call::Balance => balance(books, path),
        Call::Settlement => Ok((200, serde_json::to_value(ledger(books))?)),
    };
    answer.or_else(|refusal| Ok((400, serde_json::to_value(refusal)?)))
}

fn quote(books: &Books, query: Result<QuoteQuery, Refusal>) -> Result<(u16, Value), Refusal> {
    let query = query?;
    let amount = books.quote(query.sell_token, query.buy_token, query.sell_amount)?;
    Ok((200, json!({"buyAmount": amount})))
}

fn status(books: &Books, query: &StatusQuery) -> Result<(u16, Value), Refusal> {
    let uids = query.uids.iter().map(|uid| Uid::parse(uid)).collect::<Option<Vec<_>>>();
    let now_ms = now_ms();
    let orders = uids.ok_or(Refusal::InvalidOrder)?.into_iter().map(|uid| books.entry(uid, now_ms));
    let reply = StatusReply { settlement: ledger(books), orders: orders.collect() };
    Ok((200, json!(reply)))
}

fn ledger(books: &Books) -> Ledger {
    let final_ms = now_ms().saturating_sub(books.finality_ms);
    Ledger { chain_id: CHAIN_ID, address: SETTLEMENT, final_time: final_ms / 1_000 }
}

fn balance(books: &Books, path: &str) -> Result<(u16, Value), Refusal> {
    let mut parts = path.trim_start_matches("/v1/balances/").split('/').map(str::parse::<Address>);
    match (parts.next(), parts.next()) {
        (Some(Ok(owner)), Some(Ok(token))) => Ok((200, json!({"balance": books.balance(owner, token)}))),
        _ => Err(Refusal::InvalidOrder),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::InvalidOrder)
}

fn reply(status: u16, body: &impl Serialize) -> Result<Response<Full<Bytes>>> {
    let response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
    Ok(response.body(Full::from(serde_json::to_vec(body)?))?)
}
