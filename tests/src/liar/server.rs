//! The proxy itself: it listens, and ends with its handle.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, Response, body::Incoming, header, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::timeout,
};

use super::{
    Calls, Fault, RuleId, Tally, Times, exchange,
    script::Script,
    upstream::{MAX_BODY_BYTES, Upstream},
};

/// Connections at one time; more wait to be accepted.
const MAX_CONNECTIONS: usize = 256;
/// How long a test waits for something to be seen.
const PATIENCE: Duration = Duration::from_secs(60);

/// A proxy that lies by rules. Dropping it ends it.
#[derive(Debug)]
pub struct Liar {
    address: SocketAddr,
    shared: Arc<Shared>,
    _listening: JoinSet<()>,
}

/// What all requests share.
#[derive(Debug)]
pub(super) struct Shared {
    script: Mutex<Script>,
    /// Told whenever rules change.
    changed: watch::Sender<()>,
    pub(super) tally: watch::Sender<Tally>,
    pub(super) upstream: Upstream,
}

impl Liar {
    /// A proxy in front of the node at this address, honest so far.
    ///
    /// # Errors
    /// When the address is none, or no port is free.
    pub async fn before(node: &str) -> Result<Self> {
        let upstream = Upstream::new(node.parse().with_context(|| format!("{node} is not an address"))?);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            script: Mutex::default(),
            changed: watch::Sender::default(),
            tally: watch::Sender::default(),
            upstream,
        });
        let mut listening = JoinSet::new();
        listening.spawn(listen(listener, shared.clone()));
        Ok(Self { address, shared, _listening: listening })
    }

    /// Its address, to be used in place of the node's.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Adds a rule.
    pub fn on(&self, calls: Calls, times: Times, fault: Fault) -> RuleId {
        self.shared.script().add(calls, times, fault)
    }

    /// Takes a rule away.
    pub fn off(&self, rule: RuleId) {
        self.shared.script().remove(rule);
        self.shared.changed.send_replace(());
    }

    /// Takes all rules away.
    pub fn be_honest(&self) {
        self.shared.script().clear();
        self.shared.changed.send_replace(());
    }

    /// What passed so far, and what was done.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.shared.tally.borrow().clone()
    }

    /// Waits until the tally is as wanted.
    ///
    /// # Errors
    /// When that takes too long.
    pub async fn until(&self, wanted: impl FnMut(&Tally) -> bool) -> Result<Tally> {
        let mut tally = self.shared.tally.subscribe();
        let seen = timeout(PATIENCE, tally.wait_for(wanted)).await;
        Ok(seen.with_context(|| format!("this is all that came: {:?}", self.tally()))??.clone())
    }

    /// Waits until so many more calls of a method have been answered, the one that is being answered not counted.
    ///
    /// # Errors
    /// When that takes too long.
    pub async fn answers(&self, method: &str, more: u64) -> Result<Tally> {
        // A call that came before now may be answered with what was true before now.
        let came = self.tally().calls(method);
        self.until(|tally| tally.answered(method) >= came + more).await
    }
}

impl Shared {
    pub(super) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a rule is gone.
    pub(super) async fn without(&self, rule: RuleId) {
        let mut changed = self.changed.subscribe();
        while self.script().holds(rule) {
            // The sender is part of `self`.
            changed.changed().await.ok();
        }
    }
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

/// Serves one connection. Whenever this side ends it, it is a reset: nothing is sent that could be read as an end in
/// good order.
async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    if stream.set_nodelay(true).and_then(|()| stream.set_zero_linger()).is_err() {
        return;
    }
    let service = service_fn(|request| respond(shared.clone(), request));
    // An error is a caller that left, or a reset that was wanted.
    http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
}

async fn respond(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>> {
    let body = Limited::new(request.into_body(), MAX_BODY_BYTES).collect().await;
    let body = body.map_err(|error| anyhow::anyhow!(error))?.to_bytes();
    let (status, body) = exchange::answer(shared, body).await?;
    let response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
    Ok(response.body(Full::from(body))?)
}
