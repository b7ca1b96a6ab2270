//! The node behind the proxy.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, StatusCode, Uri, header};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

use super::message::{Call, error_answer};

/// The largest body that passes in either direction.
pub(super) const MAX_BODY_BYTES: usize = 64 << 20;

/// The node is away or broke off.
#[derive(Debug, thiserror::Error)]
#[error("the node behind the proxy cannot be reached")]
pub(super) struct Away(#[source] Box<dyn std::error::Error + Send + Sync>);

impl Away {
    fn because(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

/// A client of the node.
#[derive(Debug)]
pub(super) struct Upstream {
    client: Client<HttpConnector, Full<Bytes>>,
    uri: Uri,
}

impl Upstream {
    pub(super) fn new(uri: Uri) -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build_http(), uri }
    }

    /// Passes a body through unchanged.
    pub(super) async fn pass(&self, body: Bytes) -> Result<(StatusCode, Bytes), Away> {
        let request = Request::post(&self.uri)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(body))
            .map_err(Away::because)?;
        let response = self.client.request(request).await.map_err(Away::because)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_BODY_BYTES).collect().await;
        Ok((status, body.map_err(Away)?.to_bytes()))
    }

    /// Asks some calls, and gives the answers in their order.
    pub(super) async fn ask(&self, calls: &[Call]) -> Result<Vec<Value>, Away> {
        if calls.is_empty() {
            return Ok(Vec::new());
        }
        let question = Value::Array(calls.iter().map(Call::body).collect());
        let (_, body) = self.pass(question.to_string().into()).await?;
        let answers: Vec<Value> = serde_json::from_slice(&body).map_err(Away::because)?;
        let answer_to = |call: &Call| {
            let answer = answers.iter().find(|answer| answer["id"] == call.id).cloned();
            answer.unwrap_or_else(|| error_answer(&call.id, -32603, "the node did not answer this call"))
        };
        Ok(calls.iter().map(answer_to).collect())
    }
}
