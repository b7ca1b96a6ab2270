//! What plugins, clients and the daemon of orderd agree on.
//!
//! - [`plugin`]: the traits [`plugin::Venue`] and [`plugin::Chain`] that a DEX plugin implements, their
//!   messages, and [`export_plugin!`] which turns an implementation into a dynamic library.
//! - [`abi`]: the C interface underneath, for hosts and for authors in other languages.
//! - [`wire`]: the objects of the HTTP and WebSocket interface.
//! - [`filter`]: the one language in which people say which orders they mean.
//! - `client` (feature): an HTTP client of the daemon.
//! - `testkit` (feature): tries a plugin's library against what the interface promises.
//!
//! Money is an exact integer of base units everywhere: see [`amount::Amount`].

pub mod amount;
pub mod filter;
pub mod json;
pub mod timestamp;
pub mod wire;

#[cfg(feature = "plugin")]
pub mod abi;
#[cfg(feature = "plugin")]
pub mod plugin;

#[cfg(feature = "client")]
pub mod client;

#[cfg(feature = "testkit")]
pub mod testkit;

#[doc(hidden)]
pub use serde_json;
