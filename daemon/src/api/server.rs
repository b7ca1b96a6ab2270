//! Connections: accepted, bounded, served, and let go when the daemon closes.

use super::{
    ApiSettings, ApiState,
    linger::Lingering,
    reply::Reply,
    router,
    state::{Closing, closed},
    ws::{Handover, HeldBack},
};
use futures_util::FutureExt as _;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{convert::Infallible, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinError, JoinSet},
    time::{sleep, timeout},
};

/// How long to wait after the system refused a connection, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The header lines of a request at the most.
const MAX_HEADERS: usize = 64;

/// Serves the interface until `closing` holds true or its sender is gone.
///
/// Then nobody is accepted any more, requests in flight are finished, WebSockets are told to come back (1012), and
/// what is left after [`closing_grace`](ApiSettings::closing_grace) is cut off. Returns how many connections that
/// were. Refusing new *orders* while others may still look is up to the engine.
pub async fn serve(listener: TcpListener, state: ApiState, closing: watch::Receiver<bool>) -> usize {
    let (settings, clients) = (state.settings.clone(), state.clients.clone());
    // One handle for all that a request works with.
    let state = Arc::new(state);
    let answer = move |request, handover: Handover| {
        let state = state.clone();
        async move { router::answer(&state, request, &handover).await }
    };
    let connections = accept(listener, &settings, closing, answer).await;
    clients.close();
    finish(connections, settings.closing_grace).await
}

/// Serves connections, whose requests are answered by `answer`, until they shall close. Gives those that are left.
pub(super) async fn accept<A, F>(
    listener: TcpListener,
    settings: &ApiSettings,
    mut closing: Closing,
    answer: A,
) -> JoinSet<()>
where
    A: Fn(Request<Incoming>, Handover) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    let http = http_settings(settings);
    let mut connections = JoinSet::new();
    loop {
        let has_room = connections.len() < settings.max_connections;
        tokio::select! {
            biased;
            () = closed(&mut closing) => break,
            Some(ended) = connections.join_next() => report(ended),
            accepted = listener.accept(), if has_room => match accepted {
                Ok((stream, peer)) => {
                    let served = serve_connection(stream, peer, http.clone(), answer.clone(), closing.clone());
                    connections.spawn(served);
                }
                Err(error) => pause(&error).await,
            },
        }
    }
    connections
}

fn http_settings(settings: &ApiSettings) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(settings.header_timeout)
        .max_headers(MAX_HEADERS)
        .max_buf_size(settings.max_header_bytes);
    http
}

/// Serves requests, and the stream into which one of them may turn the connection.
async fn serve_connection<F: Future<Output = Reply>>(
    stream: TcpStream,
    peer: SocketAddr,
    http: http1::Builder,
    answer: impl Fn(Request<Incoming>, Handover) -> F,
    closing: Closing,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection ended before it was served");
        return;
    }
    let handover = Handover::of(peer);
    // On the heap, and gone when a stream begins: a stream that lasts for hours needs nothing of it.
    Box::pin(serve_requests(stream, http, answer, closing, handover.clone())).await;
    if let Some(stream) = handover.take() {
        stream.await;
    }
}

async fn serve_requests<F: Future<Output = Reply>>(
    stream: TcpStream,
    http: http1::Builder,
    answer: impl Fn(Request<Incoming>, Handover) -> F,
    mut closing: Closing,
    handover: Handover,
) {
    let service = service_fn(|request| answer(request, handover.clone()).map(Ok::<_, Infallible>));
    let socket = HeldBack::new(Lingering::new(stream), handover.clone());
    let mut connection = pin!(http.serve_connection(TokioIo::new(socket), service).with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = closed(&mut closing) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}

async fn pause(error: &io::Error) {
    tracing::warn!(%error, "cannot accept a connection");
    sleep(ACCEPT_PAUSE).await;
}

/// Waits until the last connection has ended, but not longer than this; tells how many had to be cut off.
pub(super) async fn finish(mut connections: JoinSet<()>, grace: Duration) -> usize {
    let all_ended = async {
        while let Some(ended) = connections.join_next().await {
            report(ended);
        }
    };
    let _ = timeout(grace, all_ended).await;
    let cut_off = connections.len();
    connections.shutdown().await;
    cut_off
}

fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection ended by a bug");
    }
}
