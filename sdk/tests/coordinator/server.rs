//! A daemon that does what a test says, step by step: a real server on a free port, whose sockets the test talks through
//! itself and whose HTTP answers it lays out beforehand.

use crate::peer::Peer;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use orderd_sdk::client::{Client, Coordinator, CoordinatorOptions};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, VecDeque},
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::timeout,
};
use tokio_tungstenite::{accept_hdr_async, tungstenite::handshake::server as handshake};

/// How long anything may take that a test waits for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The server. Dropping it ends it.
pub(crate) struct Server {
    url: String,
    rules: Arc<Rules>,
    sockets: mpsc::Receiver<Peer>,
    asked: mpsc::Receiver<Asked>,
    _accepting: JoinSet<()>,
}

/// What came over HTTP.
#[derive(Debug)]
pub(crate) struct Asked {
    /// `GET /path?query`.
    pub(crate) line: String,
    /// The idempotency key.
    pub(crate) key: Option<String>,
}

#[derive(Default)]
struct Rules {
    answers: Mutex<HashMap<String, VecDeque<(u16, Value)>>>,
    /// Answers that are held back until the other end is dropped.
    held: Mutex<HashMap<String, oneshot::Receiver<()>>>,
    sockets: Mutex<Sockets>,
}

/// What becomes of connections.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Sockets {
    /// They are taken.
    #[default]
    Open,
    /// There is none for a WebSocket, with this status.
    Refused(u16),
    /// None at all is served.
    Dead,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (peers, sockets) = mpsc::channel(16);
        let (asks, asked) = mpsc::channel(1024);
        let rules = Arc::<Rules>::default();
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, rules.clone(), peers, asks));
        Self { url, rules, sockets, asked, _accepting: accepting }
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.url).unwrap()
    }

    /// A coordinator of this server, quick in everything.
    pub(crate) fn coordinator(&self, change: impl FnOnce(&mut CoordinatorOptions)) -> Coordinator {
        let mut options = quick();
        change(&mut options);
        Coordinator::start(self.client(), options)
    }

    /// From now on this is answered; of several answers each once, the last one for ever.
    pub(crate) fn answer(&self, line: &str, status: u16, body: Value) {
        let mut answers = self.rules.answers.lock().unwrap();
        answers.entry(line.to_owned()).or_default().push_back((status, body));
    }

    /// This is answered as soon as what is returned is dropped.
    pub(crate) fn hold(&self, line: &str, status: u16, body: Value) -> oneshot::Sender<()> {
        let (sender, held) = oneshot::channel();
        self.rules.held.lock().unwrap().insert(line.to_owned(), held);
        self.answer(line, status, body);
        sender
    }

    pub(crate) fn sockets(&self, sockets: Sockets) {
        *self.rules.sockets.lock().unwrap() = sockets;
    }

    /// Waits for the next socket.
    pub(crate) async fn connected(&mut self) -> Peer {
        timeout(PATIENCE, self.sockets.recv()).await.expect("nobody connects").unwrap()
    }

    /// Whether a socket came that was not waited for.
    pub(crate) fn is_connected(&mut self) -> bool {
        self.sockets.try_recv().is_ok()
    }

    /// Waits until this was asked; whatever was asked before is passed over.
    pub(crate) async fn asked(&mut self, line: &str) -> Asked {
        let mut passed = Vec::new();
        loop {
            match timeout(PATIENCE, self.asked.recv()).await {
                Ok(asked) => {
                    let asked = asked.unwrap();
                    if asked.line == line {
                        return asked;
                    }
                    passed.push(asked.line);
                }
                Err(_) => panic!("{line} was not asked, but {passed:?}"),
            }
        }
    }

    /// Everything that was asked by now and not waited for.
    pub(crate) fn asked_by_now(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.asked.try_recv().ok()).map(|asked| asked.line).collect()
    }
}

/// Options that make no test wait.
pub(crate) fn quick() -> CoordinatorOptions {
    let mut options = CoordinatorOptions::default();
    options.backoff.first = Duration::from_millis(5);
    options.backoff.most = Duration::from_millis(20);
    options.poll = Duration::from_millis(10);
    options.batch_window = Duration::ZERO;
    options
}

async fn accept(
    listener: TcpListener,
    rules: Arc<Rules>,
    peers: mpsc::Sender<Peer>,
    asks: mpsc::Sender<Asked>,
) {
    let mut serving = JoinSet::new();
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        serving.spawn(serve(socket, rules.clone(), peers.clone(), asks.clone()));
    }
}

async fn serve(socket: TcpStream, rules: Arc<Rules>, peers: mpsc::Sender<Peer>, asks: mpsc::Sender<Asked>) {
    let sockets = *rules.sockets.lock().unwrap();
    if sockets == Sockets::Dead {
        return;
    }
    let mut first = [0; 16];
    while socket.peek(&mut first).await.unwrap_or(0) < first.len() {
        socket.readable().await.unwrap();
    }
    if first.starts_with(b"GET /api/stream ") && sockets == Sockets::Open {
        let mut authorization = None;
        #[expect(clippy::result_large_err, reason = "the library wants it so")]
        let seen = |request: &handshake::Request, response: handshake::Response| {
            authorization = request.headers().get("authorization").cloned();
            Ok(response)
        };
        if let Ok(socket) = accept_hdr_async(socket, seen).await {
            let _ = peers.send(Peer::new(socket, authorization)).await;
        }
        return;
    }
    let service = service_fn(|request| reply(request, &rules, &asks));
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
}

async fn reply(
    request: Request<Incoming>,
    rules: &Rules,
    asks: &mpsc::Sender<Asked>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let line = format!("{} {}", request.method(), request.uri());
    let key = request.headers().get("idempotency-key").map(|key| key.to_str().unwrap().to_owned());
    let _ = request.into_body().collect().await;
    let (status, body) = match (line.as_str(), *rules.sockets.lock().unwrap()) {
        ("GET /api/stream", Sockets::Refused(status)) => (status, problem(status, "refused")),
        (line, _) => answer(rules, line),
    };
    let held = rules.held.lock().unwrap().remove(&line);
    let _ = asks.send(Asked { line, key }).await;
    if let Some(held) = held {
        let _ = held.await;
    }
    Ok(Response::builder().status(status).body(Full::from(body.to_string())).unwrap())
}

fn answer(rules: &Rules, line: &str) -> (u16, Value) {
    match rules.answers.lock().unwrap().get_mut(line) {
        None => (404, problem(404, "not-found")),
        Some(answers) if answers.len() > 1 => answers.pop_front().unwrap(),
        Some(answers) => answers[0].clone(),
    }
}

pub(crate) fn problem(status: u16, code: &str) -> Value {
    json!({ "type": "about:blank", "title": "", "status": status, "detail": "", "code": code })
}
