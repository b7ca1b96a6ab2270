//! Plugins inside the daemon's process: loading their libraries, calling them, and serving their questions.
//!
//! - [`load`]: from a file to [`Loaded`], whose [`Exports`](orderd_sdk::plugin::Exports) are used like those of
//!   a plugin that is linked in.
//! - `launch`: makes a copy that takes calls, of a `copy` of the file; `reload`: has one take another's place.
//! - `runner`: one live copy of a plugin, wherever it runs; `slot`: the place where the current copy stands.
//! - `instance`: a copy in this process, called with the daemon's own deadline; `host`: what it calls; `operations`: the
//!   calls that wait for it. A library stays loaded for good.
//! - `proxy`: [`Venue`](orderd_sdk::plugin::Venue) and [`Chain`](orderd_sdk::plugin::Chain) over a slot.
//! - [`Guard`]: stands in front of every plugin; see `guard`.
//! - `services`: answers `sign` and `chain.read`.
//!
//! The plugin is trusted with the process, not with the promise: whatever it completes late, twice or never,
//! each call ends by its deadline, and a send without a clear answer is unknown.

mod copy;
pub mod guard;
mod host;
mod instance;
mod launch;
mod loader;
mod operations;
mod proxy;
mod records;
mod reload;
mod runner;
mod services;
mod slot;

pub use copy::Hash;
pub use guard::Guard;
pub use loader::{About, LoadError, LoadFailure, Loaded, PluginSpec, load};
pub use orderd_sdk::abi::host::FileError;
pub use reload::{Acceptance, ReloadError, Reloaded};
