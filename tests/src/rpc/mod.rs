//! A small JSON-RPC client for tests and for the deployment. The daemon's own plugins do not use it, so that they
//! are judged by other code than theirs.

mod cheats;
mod client;
mod eth;
mod types;

pub use client::{Rpc, RpcError};

pub(crate) use types::quantity;
pub use types::{BlockTag, Log, Receipt, TxRequest};
