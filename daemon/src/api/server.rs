//! Connections: accepted, bounded, served, and let go when the daemon closes.

use super::{
    ApiSettings, ApiState,
    linger::Lingering,
    router,
    state::{Closing, closed},
    ws::Handover,
};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{convert::Infallible, io, net::SocketAddr, pin::pin, time::Duration};
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
pub async fn serve(listener: TcpListener, state: ApiState, mut closing: watch::Receiver<bool>) -> usize {
    let http = http_settings(&state.settings);
    let clients = state.clients.clone();
    let mut connections = JoinSet::new();
    loop {
        let has_room = connections.len() < state.settings.max_connections;
        tokio::select! {
            biased;
            () = closed(&mut closing) => break,
            Some(ended) = connections.join_next() => report(ended),
            accepted = listener.accept(), if has_room => match accepted {
                Ok((stream, peer)) => {
                    let served = serve_connection(stream, peer, http.clone(), state.clone(), closing.clone());
                    connections.spawn(served);
                }
                Err(error) => pause(&error).await,
            },
        }
    }
    drop(listener);
    clients.close();
    finish(connections, state.settings.closing_grace).await
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
async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    http: http1::Builder,
    state: ApiState,
    closing: Closing,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection ended before it was served");
        return;
    }
    let handover = Handover::default();
    // On the heap, and gone when a stream begins: a stream that lasts for hours needs nothing of it.
    Box::pin(serve_requests(stream, http, state, closing, handover.clone())).await;
    if let Some(stream) = handover.take(peer) {
        stream.await;
    }
}

async fn serve_requests(
    stream: TcpStream,
    http: http1::Builder,
    state: ApiState,
    mut closing: Closing,
    handover: Handover,
) {
    let service = service_fn(|request| {
        let (state, handover) = (state.clone(), handover.clone());
        async move { Ok::<_, Infallible>(router::answer(&state, request, &handover).await) }
    });
    let mut connection =
        pin!(http.serve_connection(TokioIo::new(Lingering::new(stream)), service).with_upgrades());
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

async fn finish(mut connections: JoinSet<()>, grace: Duration) -> usize {
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
