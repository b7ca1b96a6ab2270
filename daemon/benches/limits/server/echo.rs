//! The reference for requests: hyper, and nothing else. It answers a POST with the body that it has read, and a GET
//! of `/BYTES` with a body of so many bytes.

use super::Server;
use anyhow::bail;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Handle,
};

/// Of this the answers to GET are parts.
static BODY: [u8; 64 * 1024] = [b'x'; 64 * 1024];

pub(super) struct Echo;

impl Echo {
    pub(super) fn start(runtime: &Handle, listener: TcpListener) -> Self {
        // It ends with the process.
        drop(runtime.spawn(accept(runtime.clone(), listener)));
        Self
    }
}

impl Server for Echo {
    fn prepare(&mut self, _events: usize) -> anyhow::Result<()> {
        bail!("an echo has no events")
    }

    fn publish(&mut self) {}
}

async fn accept(runtime: Handle, listener: TcpListener) {
    while let Ok((socket, _)) = listener.accept().await {
        drop(runtime.spawn(async move {
            // It ends when its client goes.
            let _ = serve(socket).await;
        }));
    }
}

async fn serve(socket: TcpStream) -> anyhow::Result<()> {
    socket.set_nodelay(true)?;
    Ok(http1::Builder::new().serve_connection(TokioIo::new(socket), service_fn(answer)).await?)
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let body = match *request.method() {
        Method::POST => request.into_body().collect().await?.to_bytes(),
        _ => {
            let bytes = request.uri().path().trim_start_matches('/').parse().unwrap_or(0);
            Bytes::from_static(BODY.get(..bytes).unwrap_or(&BODY))
        }
    };
    Ok(Response::new(Full::new(body)))
}
