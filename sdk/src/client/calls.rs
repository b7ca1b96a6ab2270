//! The calls.

use super::{
    ClientError, InvalidUrl, OrdersQuery,
    address::Address,
    exchange::{Patience, connect, exchange},
    query::{changes_path, escape, logs_path},
};
use crate::wire::{
    BulkExecuteRequest, BulkPreview, BulkPreviewRequest, BulkReport, CancelRequest, ExecuteRequest,
    ExecuteResponse, Health, LogFilter, Logs, OrderChanges, OrderDto, OrderEvents, OrderPage, Queue, Status,
    StreamTicket, VenueReloaded, VenueSwitched, Venues,
};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    HeaderMap, Method, Request,
    header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue},
};
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::net::TcpStream;

const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
const REPLY_PATIENCE: Duration = Duration::from_secs(30);
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A client of one daemon. It keeps no connection open; cloning it costs nothing worth sparing.
#[derive(Clone, Debug)]
pub struct Client {
    address: Address,
    patience: Patience,
    /// Marked as sensitive: its `Debug` text does not show it.
    authorization: Option<HeaderValue>,
}

/// A text cannot be sent as a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token has visible ASCII characters only")]
pub struct InvalidToken;

impl Client {
    /// A client of the daemon at this URL, such as `http://127.0.0.1:3000`.
    ///
    /// # Errors
    /// When the URL is not one of a daemon.
    pub fn new(url: &str) -> Result<Self, InvalidUrl> {
        let patience = Patience { connect: CONNECT_PATIENCE, reply: REPLY_PATIENCE };
        url.parse().map(|address| Self { address, patience, authorization: None })
    }

    /// The same client, which waits so long for a connection, and again so long for a whole reply.
    #[must_use]
    pub fn with_patience(mut self, connect: Duration, reply: Duration) -> Self {
        self.patience = Patience { connect, reply };
        self
    }

    /// The same client, which shows this token with every call.
    ///
    /// # Errors
    /// When the text cannot be one.
    pub fn with_token(mut self, token: &str) -> Result<Self, InvalidToken> {
        let is_visible = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        let value = is_visible.then(|| HeaderValue::try_from(format!("Bearer {token}")).ok()).flatten();
        let mut value = value.ok_or(InvalidToken)?;
        value.set_sensitive(true);
        self.authorization = Some(value);
        Ok(self)
    }

    /// Hands an order in. It is on stable storage when this returns. With an idempotency key, 1 to 255 visible
    /// ASCII characters, it may be handed in again without being executed twice.
    ///
    /// # Errors
    /// When it was not accepted; on [`ClientError::Unanswered`] that is unknown.
    pub async fn submit(
        &self,
        request: &ExecuteRequest,
        idempotency_key: Option<&str>,
    ) -> Result<ExecuteResponse, ClientError> {
        let body = serde_json::to_vec(request).expect("a request has string keys only");
        let mut request = self.json("/api/orders/execute", body);
        let headers = request.headers_mut();
        if let Some(key) = idempotency_key {
            let key = HeaderValue::from_str(key).map_err(|_| ClientError::InvalidIdempotencyKey)?;
            headers.insert(IDEMPOTENCY_KEY, key);
        }
        exchange(&self.address, self.patience, request).await
    }

    /// Where an order stands.
    ///
    /// # Errors
    /// When there is no such order, or the call failed.
    pub async fn order(&self, id: &str) -> Result<OrderDto, ClientError> {
        self.get(&format!("/api/orders/status/{}", escape(id))).await
    }

    /// Has an order end without effect, if that can still be; what was sent already may win. The wish is on stable storage
    /// when this returns; the order tells whether it is cancelled.
    ///
    /// # Errors
    /// When there is no such order, it cannot be cancelled any more, or the call failed.
    pub async fn cancel(&self, id: &str, request: &CancelRequest) -> Result<OrderDto, ClientError> {
        let body = serde_json::to_vec(request).expect("a request has string keys only");
        self.post(&format!("/api/orders/{}/cancel", escape(id)), body).await
    }

    /// Gives a failed order one more attempt. That is on stable storage when this returns.
    ///
    /// # Errors
    /// When there is no such order, something of it may still be included, or the call failed.
    pub async fn retry(&self, id: &str) -> Result<OrderDto, ClientError> {
        self.post(&format!("/api/orders/{}/retry", escape(id)), Vec::new()).await
    }

    /// What doing something to many orders would do. Nothing is done before [`bulk_execute`](Self::bulk_execute).
    ///
    /// # Errors
    /// When the orders cannot be told, too many previews are open, or the call failed.
    pub async fn bulk_preview(&self, request: &BulkPreviewRequest) -> Result<BulkPreview, ClientError> {
        let body = serde_json::to_vec(request).expect("a request has string keys only");
        self.post("/api/orders/bulk/preview", body).await
    }

    /// Has done what a preview has shown, to the orders that were eligible in it, each judged again. What is reported is
    /// on stable storage. Calling it again does nothing twice and tells how far it is: ask until it is `finished`, also
    /// after [`ClientError::Unanswered`].
    ///
    /// # Errors
    /// When there is no such preview any more, another number of orders is expected than it had, or the call failed.
    pub async fn bulk_execute(&self, request: &BulkExecuteRequest) -> Result<BulkReport, ClientError> {
        let body = serde_json::to_vec(request).expect("a request has string keys only");
        self.post("/api/orders/bulk/execute", body).await
    }

    /// One page of orders, newest first. One that is filtered may be short, even empty, and have a next one.
    ///
    /// # Errors
    /// When the call failed.
    pub async fn orders(&self, query: &OrdersQuery) -> Result<OrderPage, ClientError> {
        self.get(&query.path()).await
    }

    /// The orders that have changed after this cursor, in the order in which they did, each as it stands now: at most
    /// `limit`, 1 to 500, or the daemon's default. Ask again with the cursor of the answer; the epoch that came with a
    /// cursor makes sure that it is not taken for one of another store.
    ///
    /// # Errors
    /// When the daemon does not remember so far back, see [`ClientError::cursor_gone`], or the call failed.
    pub async fn changes(
        &self,
        since: u64,
        epoch: Option<&str>,
        limit: Option<u32>,
    ) -> Result<OrderChanges, ClientError> {
        self.get(&changes_path(since, epoch, limit)).await
    }

    /// An order's events after the one numbered `since`; all of them after 0.
    ///
    /// # Errors
    /// When there is no such order, `since` lies after its last event, or the call failed.
    pub async fn events(&self, id: &str, since: u64) -> Result<OrderEvents, ClientError> {
        self.get(&format!("/api/orders/{}/events?since={since}", escape(id))).await
    }

    /// How the daemon is, and what it has in hand.
    ///
    /// # Errors
    /// When the call failed.
    pub async fn health(&self) -> Result<Health, ClientError> {
        self.get("/health").await
    }

    /// The last so many lines of the daemon's log, 0 to 1000, oldest first, of those that are meant.
    ///
    /// # Errors
    /// When there is no such level, or the call failed.
    pub async fn logs(&self, lines: u32, filter: &LogFilter) -> Result<Logs, ClientError> {
        self.get(&logs_path(lines, filter)).await
    }

    /// A ticket with which one stream can be opened in place of a token, such as by a browser.
    ///
    /// # Errors
    /// When the call failed.
    pub async fn stream_ticket(&self) -> Result<StreamTicket, ClientError> {
        self.post("/api/stream/ticket", Vec::new()).await
    }

    /// How the daemon is: its phase, its recovery, its accounts.
    ///
    /// # Errors
    /// When the call failed.
    pub async fn status(&self) -> Result<Status, ClientError> {
        self.get("/api/status").await
    }

    /// What waits, and how fast it goes.
    ///
    /// # Errors
    /// When the call failed.
    pub async fn queue(&self) -> Result<Queue, ClientError> {
        self.get("/api/queue").await
    }

    /// How the venues do.
    ///
    /// # Errors
    /// When the call failed.
    pub async fn venues(&self) -> Result<Venues, ClientError> {
        self.get("/api/venues").await
    }

    /// Has a venue asked again: a quarantine is over, too, and its breaker closed. It holds over a restart.
    ///
    /// # Errors
    /// When there is no such venue, or the call failed.
    pub async fn enable_venue(&self, name: &str) -> Result<VenueSwitched, ClientError> {
        self.post(&format!("/api/venues/{}/enable", escape(name)), Vec::new()).await
    }

    /// Has a venue asked no more, until it is enabled. It holds over a restart.
    ///
    /// # Errors
    /// When there is no such venue, or the call failed.
    pub async fn disable_venue(&self, name: &str) -> Result<VenueSwitched, ClientError> {
        self.post(&format!("/api/venues/{}/disable", escape(name)), Vec::new()).await
    }

    /// Has the library of a venue's plugin loaded anew, with all else that the plugin serves. Orders go on.
    ///
    /// # Errors
    /// When there is no such venue, the plugin was not replaced, or the call failed.
    pub async fn reload_venue(&self, name: &str) -> Result<VenueReloaded, ClientError> {
        self.post(&format!("/api/venues/{}/reload", escape(name)), Vec::new()).await
    }

    /// A bare connection to the daemon.
    pub(super) async fn connect(&self) -> Result<TcpStream, ClientError> {
        connect(&self.address, self.patience.connect).await
    }

    /// How long a connection may take.
    pub(super) fn connect_patience(&self) -> Duration {
        self.patience.connect
    }

    /// The URL of a stream of the daemon.
    pub(super) fn stream_url(&self, path: &str) -> String {
        format!("ws://{}{path}", self.address.authority)
    }

    /// What every call shows.
    pub(super) fn headers(&self) -> HeaderMap {
        self.request(Method::GET, "/", Vec::new()).into_parts().0.headers
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Vec<u8>,
    ) -> Result<T, ClientError> {
        exchange(&self.address, self.patience, self.json(path, body)).await
    }

    fn json(&self, path: &str, body: Vec<u8>) -> Request<Full<Bytes>> {
        let mut request = self.request(Method::POST, path, body);
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        let request = self.request(Method::GET, path, Vec::new());
        exchange(&self.address, self.patience, request).await
    }

    fn request(&self, method: Method, path: &str, body: Vec<u8>) -> Request<Full<Bytes>> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.address.authority)
            .body(Full::new(Bytes::from(body)))
            .expect("the path is escaped, and the authority comes from a URL");
        if let Some(authorization) = &self.authorization {
            request.headers_mut().insert(AUTHORIZATION, authorization.clone());
        }
        request
    }
}
