//! The daemon's one HTTP client: HTTP/1.1 with connections that are kept, no proxy, no redirects.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use std::{sync::Arc, time::Duration};

/// For a TCP connection to come about. It is short, because until then it is certain that nothing was sent.
const CONNECT: Duration = Duration::from_secs(3);
/// An idle connection is closed after this time; servers and proxies commonly do so after 60 s.
const IDLE: Duration = Duration::from_secs(45);
/// Idle connections to one server.
const MAX_IDLE: usize = 32;
/// The head of an answer, in bytes.
const MAX_HEAD: usize = 64 << 10;

/// Makes requests. Cloning shares the connections.
#[derive(Clone, Debug)]
pub struct HttpClient(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl HttpClient {
    /// Connects to nothing yet.
    #[must_use]
    pub fn new() -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(MAX_IDLE)
            .http1_max_buf_size(MAX_HEAD)
            .build(connector());
        Self(client)
    }

    /// The head of the answer; its body is still to be read.
    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Error> {
        self.0.request(request).await
    }
}

impl Default for HttpClient {
    fn default() -> Self {
        Self::new()
    }
}

/// The crypto provider is named here, so that no other crate's choice in the process can matter.
fn connector() -> HttpsConnector<HttpConnector> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(provider)
        .expect("the provider has the versions of TLS that this is built with");
    tls.https_or_http().enable_http1().wrap_connector(tcp)
}
