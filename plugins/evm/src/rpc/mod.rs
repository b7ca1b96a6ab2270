//! JSON-RPC over HTTP: the endpoint (a secret), the transport (bounded in time, size and number), the messages,
//! and the errors that tell what is certain about a request that failed.

mod client;
mod endpoint;
mod error;
mod message;
mod transport;

pub(crate) use client::Rpc;
pub(crate) use endpoint::Endpoint;
pub(crate) use error::{Fault, RpcError, TransportError};
pub(crate) use message::{Answer, Call};
pub(crate) use transport::Limits;
