//! What can go wrong between us and a node, split by what is certain afterwards.

use orderd_sdk::plugin::PluginError;
use serde_json::Value;

/// A request that got no usable answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RpcError {
    /// No answer came.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The node refused, in a well-formed answer.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// An answer came that makes no sense.
    #[error("the node's answer makes no sense: {0}")]
    Malformed(&'static str),
}

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TransportError {
    /// All places for requests in flight stayed taken until the deadline.
    #[error("too many requests to the node are under way")]
    Busy,
    /// No connection came about.
    #[error("could not connect to the node: {0}")]
    Connect(String),
    /// The deadline passed.
    #[error("the node did not answer in time")]
    Timeout,
    /// The connection broke.
    #[error("the connection to the node broke: {0}")]
    Broken(String),
    /// An HTTP status other than 200.
    #[error("the node answered with HTTP status {0}")]
    Status(u16),
    /// The answer is longer than the bound.
    #[error("the node's answer is longer than {0} bytes")]
    TooLong(usize),
}

impl TransportError {
    /// Whether it is certain that no byte of the request left.
    pub(crate) fn left_nothing(&self) -> bool {
        match self {
            Self::Busy | Self::Connect(_) => true,
            Self::Timeout | Self::Broken(_) | Self::Status(_) | Self::TooLong(_) => false,
        }
    }
}

/// The error object of a JSON-RPC answer; its message is already fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the node refused: {message} ({code})")]
pub(crate) struct Fault {
    /// JSON-RPC's number.
    pub(crate) code: i64,
    /// The node's words.
    pub(crate) message: String,
    /// Whatever the node added; for a revert its data.
    pub(crate) data: Option<Value>,
}

impl From<RpcError> for PluginError {
    fn from(error: RpcError) -> Self {
        Self::transient(error.to_string())
    }
}
