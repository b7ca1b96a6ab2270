//! One JSON-RPC call over HTTP/1: a bounded wait, a bounded answer, and typed errors.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Request, Uri, header};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json, value::RawValue};
use tokio::time::timeout;

/// How long one call may take.
const CALL_DEADLINE: Duration = Duration::from_secs(30);
/// The largest answer read.
const MAX_ANSWER_BYTES: usize = 64 << 20;

/// Why a call gave no result.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// The address is not a URL.
    #[error("{url} is not an address")]
    Address {
        /// The text given.
        url: String,
    },
    /// The node refused the call or its execution.
    #[error("{method}: {message} (code {code})")]
    Node {
        /// The method called.
        method: String,
        /// The JSON-RPC error code.
        code: i64,
        /// The node's words.
        message: String,
        /// More of it, such as the data of a revert.
        data: Option<Value>,
    },
    /// Nothing, or nothing readable, came back.
    #[error("{method}: the node cannot be reached or broke off")]
    Transport {
        /// The method called.
        method: String,
        /// What went wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No answer within the bound.
    #[error("{method}: no answer within {CALL_DEADLINE:?}")]
    TooSlow {
        /// The method called.
        method: String,
    },
    /// The answer is not what the caller expected.
    #[error("{method}: unexpected answer")]
    Shape {
        /// The method called.
        method: String,
        /// Where it differs.
        #[source]
        source: serde_json::Error,
    },
    /// The returned bytes are not the contract's return values.
    #[error("{method}: unexpected return data")]
    Abi {
        /// The signature called.
        method: &'static str,
        /// Where they differ.
        #[source]
        source: alloy_sol_types::Error,
    },
    /// A transaction was not in a block within the bound.
    #[error("no receipt of {hash} within {waited:?}")]
    NoReceipt {
        /// The transaction.
        hash: alloy_primitives::B256,
        /// How long it was waited for.
        waited: Duration,
    },
}

#[derive(Deserialize)]
struct Answer {
    result: Option<Box<RawValue>>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    code: i64,
    message: String,
    data: Option<Value>,
}

/// A client of one node. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Rpc {
    client: Client<HttpConnector, Full<Bytes>>,
    uri: Uri,
    next_id: Arc<AtomicU64>,
}

impl Rpc {
    /// A client of the node at `url`. Nothing is sent yet.
    ///
    /// # Errors
    /// When `url` is not an address.
    pub fn new(url: &str) -> Result<Self, RpcError> {
        let uri = url.parse().map_err(|_invalid| RpcError::Address { url: url.to_owned() })?;
        let client = Client::builder(TokioExecutor::new()).build_http();
        Ok(Self { client, uri, next_id: Arc::default() })
    }

    /// The node's address.
    #[must_use]
    pub fn url(&self) -> String {
        self.uri.to_string()
    }

    /// Calls `method` and reads its result as a `T`.
    ///
    /// # Errors
    /// When the node refuses, does not answer in time, or answers something that is no `T`.
    pub async fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        params: impl Serialize,
    ) -> Result<T, RpcError> {
        let shape = |source| RpcError::Shape { method: method.to_owned(), source };
        let params = serde_json::to_value(params).map_err(shape)?;
        let params = if params.is_null() { json!([]) } else { params };
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let question = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let body = timeout(CALL_DEADLINE, self.post(question.to_string()))
            .await
            .map_err(|_elapsed| RpcError::TooSlow { method: method.to_owned() })?
            .map_err(|source| RpcError::Transport { method: method.to_owned(), source })?;
        let answer: Answer = serde_json::from_slice(&body).map_err(shape)?;
        if let Some(Refusal { code, message, data }) = answer.error {
            return Err(RpcError::Node { method: method.to_owned(), code, message, data });
        }
        let result = answer.result.as_deref().map_or("null", RawValue::get);
        serde_json::from_str(result).map_err(shape)
    }

    async fn post(&self, body: String) -> Result<Bytes, Box<dyn std::error::Error + Send + Sync>> {
        let request = Request::post(&self.uri)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(body))?;
        let response = self.client.request(request).await?;
        Ok(Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect().await?.to_bytes())
    }
}
