//! What the daemon does for each of its plugins besides signing: HTTP to allowed servers, a small memory, the time,
//! and figures for `/metrics`.
//!
//! - `http`: one client with its connections for all plugins, and what one plugin may do with it.
//! - `kv`: keys and values in a file of the plugin's own.
//! - [`PluginServices`]: all of them for one plugin, as [`HostServices`](orderd_sdk::plugin::HostServices).
//!
//! A plugin's services outlive its library: they belong to its name.

mod http;
mod kv;
mod plugin;

pub use http::{HttpClient, HttpFigures};
pub use plugin::{PluginServices, Shared};
