//! A plain HTTP client, to say to a daemon what no well-behaved client would.

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, StatusCode, header};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use orderd_sdk::wire::{ExecuteRequest, ExecuteResponse, OrderDto, OrderPage};
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(30);

/// Talks to one daemon.
#[derive(Clone, Debug)]
pub struct Http {
    url: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its content type.
    pub content_type: String,
    /// Its body; null where it is no JSON.
    pub body: Value,
}

impl Reply {
    /// The stable code of a problem.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

impl Http {
    /// A client of the daemon at this address.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned(), client: Client::builder(TokioExecutor::new()).build_http() }
    }

    /// Any request.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Reply> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::copy_from_slice(body)))?;
        let response = timeout(PATIENCE, self.client.request(request)).await.context("no answer")??;
        let status = response.status();
        let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        let body = timeout(PATIENCE, response.into_body().collect()).await.context("no body")??.to_bytes();
        Ok(Reply { status, content_type, body: serde_json::from_slice(&body).unwrap_or_default() })
    }

    /// A `GET`.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn get(&self, path: &str) -> Result<Reply> {
        self.request("GET", path, &[], b"").await
    }

    /// A `POST` of JSON.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn post(&self, path: &str, body: &str) -> Result<Reply> {
        self.request("POST", path, &[("content-type", "application/json")], body.as_bytes()).await
    }

    /// Posts an order and expects it to be accepted.
    ///
    /// # Errors
    /// When it is not.
    pub async fn submit(&self, order: &ExecuteRequest) -> Result<ExecuteResponse> {
        let reply = self.post("/api/orders/execute", &serde_json::to_string(order)?).await?;
        ensure!(reply.status == StatusCode::ACCEPTED, "{}: {}", reply.status, reply.body);
        Ok(serde_json::from_value(reply.body)?)
    }

    /// An order as it stands.
    ///
    /// # Errors
    /// When there is no such order.
    pub async fn order(&self, id: &str) -> Result<OrderDto> {
        let reply = self.get(&format!("/api/orders/status/{id}")).await?;
        ensure!(reply.status == StatusCode::OK, "{}: {}", reply.status, reply.body);
        Ok(serde_json::from_value(reply.body)?)
    }

    /// Every order, newest first.
    ///
    /// # Errors
    /// When a page cannot be had.
    pub async fn orders(&self) -> Result<Vec<OrderDto>> {
        let (mut orders, mut cursor) = (Vec::new(), String::new());
        loop {
            let reply = self.get(&format!("/api/orders?limit=500{cursor}")).await?;
            ensure!(reply.status == StatusCode::OK, "{}: {}", reply.status, reply.body);
            let page: OrderPage = serde_json::from_value(reply.body)?;
            orders.extend(page.orders);
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(orders),
            }
        }
    }
}
