//! The C interface between the daemon and a plugin: small, hand-written, versioned.
//!
//! - [`table`]: the C structs, status codes and limits. `sdk/include/orderd_plugin.h` is made of it.
//! - [`Method`], [`Manifest`], [`Description`], [`Outcome`]: the words that cross it.
//! - `exchange` (feature `schema`): what each method and service takes and answers, as JSON Schema.
//! - [`export_plugin!`](crate::export_plugin) and [`TableCell`]: a Rust [`Plugin`](crate::plugin::Plugin) behind
//!   the table, with its own thread, runtime, panic fence, deadlines and log bridge.
//!
//! Life of a call: the host calls `start` with a token that it made; the plugin returns at once, works on its
//! own thread, and calls `complete` with that token exactly once. A plugin asks the host in the same manner:
//! `request` with a token of its own, answered through `deliver`. Payloads are JSON, every pointer is borrowed
//! until the call returns, and no Rust type, allocator, runtime or panic crosses.

mod dispatch;
mod entry;
#[cfg(feature = "schema")]
pub mod exchange;
mod fence;
#[cfg(feature = "host")]
pub mod host;
mod instance;
mod link;
mod log;
mod manifest;
mod method;
mod operations;
mod outcome;
mod prefix;
mod services;
pub mod table;
#[cfg(test)]
mod tests;

pub use entry::TableCell;
pub use fence::catch;
pub use manifest::{Description, Manifest};
pub use method::{Method, Service};
pub use outcome::Outcome;
pub use prefix::TableError;
pub use services::Cancelled;
pub use table::{Bytes, ErrorSink, HostTable, PluginTable, Status};
