//! HTTP to one node: pooled connections, and a bound on the time, size and number of requests.

use super::{Endpoint, TransportError};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{Request, StatusCode, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, Error as ClientError, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use orderd_sdk::plugin::{Context, PluginError};
use std::{error::Error, sync::Arc, time::Duration};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

/// An idle connection is closed after this time; nodes and proxies commonly do so after 60 s.
const IDLE: Duration = Duration::from_secs(45);

/// What bounds every request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// For a request and its answer, at most.
    pub(crate) timeout: Duration,
    /// For a TCP connection to come about.
    pub(crate) connect_timeout: Duration,
    /// Requests under way at once.
    pub(crate) max_in_flight: usize,
    /// Calls in one request.
    pub(crate) max_batch: usize,
    /// Bytes of an answer.
    pub(crate) max_response_bytes: usize,
}

impl Limits {
    /// What the counter of requests can hold.
    pub(crate) const MOST_IN_FLIGHT: usize = Semaphore::MAX_PERMITS;
}

/// The way to one node.
pub(super) struct Transport {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    endpoint: Endpoint,
    limits: Limits,
    places: Semaphore,
}

impl Transport {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub(super) fn new(endpoint: Endpoint, limits: Limits) -> Result<Self, PluginError> {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(limits.max_in_flight)
            .build(connector(limits.connect_timeout)?);
        Ok(Self { client, endpoint, limits, places: Semaphore::new(limits.max_in_flight) })
    }

    /// Posts a body and reads the whole answer.
    ///
    /// # Errors
    /// See [`TransportError`]; [`TransportError::left_nothing`] says what is certain.
    pub(super) async fn post(&self, ctx: &Context, body: Vec<u8>) -> Result<Bytes, TransportError> {
        let deadline = ctx.deadline().min(Instant::now() + self.limits.timeout);
        let place = timeout_at(deadline, self.places.acquire()).await;
        let _place = place.map_err(|_| TransportError::Busy)?.expect("the semaphore is never closed");
        timeout_at(deadline, self.exchange(body)).await.map_err(|_| TransportError::Timeout)?
    }

    async fn exchange(&self, body: Vec<u8>) -> Result<Bytes, TransportError> {
        let request = Request::post(self.endpoint.uri())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .body(Full::from(body))
            .expect("a parsed URI and fixed headers make a request");
        let response = self.client.request(request).await.map_err(|error| self.failed(&error))?;
        if response.status() != StatusCode::OK {
            return Err(TransportError::Status(response.status().as_u16()));
        }
        let limit = self.limits.max_response_bytes;
        let collected = Limited::new(response.into_body(), limit).collect().await;
        match collected {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(TransportError::TooLong(limit)),
            Err(error) => Err(TransportError::Broken(self.innermost(&*error))),
        }
    }

    /// Only hyper's connect errors come before the first byte of a request.
    fn failed(&self, error: &ClientError) -> TransportError {
        match error.is_connect() {
            true => TransportError::Connect(self.innermost(error)),
            false => TransportError::Broken(self.innermost(error)),
        }
    }

    fn innermost(&self, error: &dyn Error) -> String {
        let mut cause = error.to_string();
        let mut next = error.source();
        while let Some(error) = next {
            cause = error.to_string();
            next = error.source();
        }
        self.endpoint.scrub(&cause).to_lowercase()
    }
}

/// The crypto provider is named here, so that no other crate's choice in the process can matter.
fn connector(connect_timeout: Duration) -> Result<HttpsConnector<HttpConnector>, PluginError> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(connect_timeout));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(provider)
        .map_err(|error| PluginError::permanent(format!("TLS cannot be set up: {error}")))?;
    Ok(tls.https_or_http().enable_http1().wrap_connector(tcp))
}
