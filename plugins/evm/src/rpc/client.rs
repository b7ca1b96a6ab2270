//! Calls to a node, alone or in batches of bounded size.

use super::{Answer, Call, Endpoint, Limits, RpcError, message, transport::Transport};
use orderd_sdk::plugin::{Context, PluginError};
use serde::de::DeserializeOwned;

/// A node that answers JSON-RPC.
pub(crate) struct Rpc {
    transport: Transport,
    endpoint: Endpoint,
    max_batch: usize,
}

impl Rpc {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub(crate) fn new(endpoint: Endpoint, limits: Limits) -> Result<Self, PluginError> {
        Ok(Self {
            transport: Transport::new(endpoint.clone(), limits)?,
            endpoint,
            max_batch: limits.max_batch,
        })
    }

    /// One call.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub(crate) async fn call<T: DeserializeOwned>(&self, ctx: &Context, call: Call) -> Result<T, RpcError> {
        let answers = self.request(ctx, &[call]).await?;
        let only = answers.first().ok_or(RpcError::Malformed("no answer"))?;
        only.read()
    }

    /// Many calls, in as few requests as the node's bound allows. Answers come in the order of the calls.
    ///
    /// # Errors
    /// When one of the requests fails as a whole; a call that the node refuses is in its own [`Answer`].
    pub(crate) async fn batch(&self, ctx: &Context, calls: &[Call]) -> Result<Vec<Answer>, RpcError> {
        let mut answers = Vec::with_capacity(calls.len());
        for chunk in calls.chunks(self.max_batch) {
            answers.extend(self.request(ctx, chunk).await?);
        }
        Ok(answers)
    }

    async fn request(&self, ctx: &Context, calls: &[Call]) -> Result<Vec<Answer>, RpcError> {
        let body = self.transport.post(ctx, message::encode(calls)).await?;
        message::decode(calls.len(), &body, |text| self.endpoint.scrub(text))
    }
}
