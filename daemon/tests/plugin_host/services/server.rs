//! A server that does as the path says.

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::{
    Request, Response,
    body::{Frame, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use orderd::telemetry::spawn;
use serde_json::json;
use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle, time::timeout};

/// Only a broken daemon makes a test wait so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// Listens until it is dropped.
pub(super) struct Server {
    pub(super) origin: String,
    pub(super) seen: Arc<Seen>,
    task: JoinHandle<()>,
}

/// What has come in.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) connections: AtomicUsize,
    pub(super) requests: AtomicUsize,
    waiting: Notify,
    gone: Notify,
}

impl Seen {
    /// Waits until a slow request has begun.
    pub(super) async fn slow_request(&self) {
        timeout(PATIENCE, self.waiting.notified()).await.expect("a slow request");
    }

    /// Waits until the connection of a slow request was closed.
    pub(super) async fn closed(&self) {
        timeout(PATIENCE, self.gone.notified()).await.expect("the connection is closed");
    }
}

struct Waiting(Arc<Seen>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.gone.notify_one();
    }
}

type Reply = Response<BoxBody<Bytes, Infallible>>;

impl Server {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::<Seen>::default();
        let task = spawn("server", listen(listener, seen.clone()));
        Self { origin, seen, task }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    pub(super) fn requests(&self) -> usize {
        self.seen.requests.load(Ordering::SeqCst)
    }

    pub(super) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, seen: Arc<Seen>) {
    while let Ok((socket, _)) = listener.accept().await {
        seen.connections.fetch_add(1, Ordering::SeqCst);
        let seen = seen.clone();
        let answering = service_fn(move |request| answer(request, seen.clone()));
        spawn("connection", http1::Builder::new().serve_connection(TokioIo::new(socket), answering));
    }
}

async fn answer(request: Request<Incoming>, seen: Arc<Seen>) -> Result<Reply, Infallible> {
    seen.requests.fetch_add(1, Ordering::SeqCst);
    let path = request.uri().path().to_owned();
    Ok(match path.as_str() {
        "/redirect" => {
            let mut reply = whole("elsewhere");
            *reply.status_mut() = hyper::StatusCode::FOUND;
            reply.headers_mut().insert("location", "/echo".parse().unwrap());
            reply
        }
        "/bytes" => whole(vec![0xff, 0x00]),
        "/large" => whole(vec![b'x'; 5_000]),
        "/endless" => {
            let chunks = stream::repeat_with(|| Ok(Frame::data(Bytes::from(vec![b'x'; 1_000]))));
            Response::new(BodyExt::boxed(StreamBody::new(chunks)))
        }
        "/slow" => {
            let _waiting = Waiting(seen.clone());
            seen.waiting.notify_one();
            std::future::pending().await
        }
        _ => echo(request).await,
    })
}

async fn echo(request: Request<Incoming>) -> Reply {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let headers: serde_json::Map<_, _> = (head.headers.iter())
        .map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap())))
        .collect();
    let text = String::from_utf8_lossy(&body);
    let said = json!({"method": head.method.as_str(), "uri": head.uri.to_string(), "headers": headers, "body": text});
    whole(said.to_string())
}

fn whole(body: impl Into<Bytes>) -> Reply {
    Response::new(BodyExt::boxed(Full::new(body.into())))
}
