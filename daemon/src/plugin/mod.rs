//! Plugins inside the daemon's process: loading their libraries, calling them, and serving their questions.
//!
//! - [`load`]: from a file to [`Loaded`], whose [`Exports`](orderd_sdk::plugin::Exports) are used like those of
//!   a plugin that is linked in.
//! - `library`: opens the file and finds its table. A library stays loaded for good.
//! - `host`: the C functions that the plugin calls; `operations`: the calls that wait for it.
//! - `instance`: calls with the daemon's own deadline, and the orderly end.
//! - `proxy`: [`Venue`](orderd_sdk::plugin::Venue) and [`Chain`](orderd_sdk::plugin::Chain) over an instance.
//! - `services`: answers `sign` and `chain.read`.
//!
//! The plugin is trusted with the process, not with the promise: whatever it completes late, twice or never,
//! each call ends by its deadline, and a send without a clear answer is unknown.

mod host;
mod instance;
mod library;
mod loader;
mod operations;
mod proxy;
mod services;

pub use library::FileError;
pub use loader::{LoadError, LoadFailure, Loaded, PluginSpec, load};
