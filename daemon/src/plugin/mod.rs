//! Plugins, in this process or in one of their own: loading their libraries, calling them, and serving their questions.
//!
//! - [`load`]: from a file to [`Loaded`], whose [`Exports`](orderd_sdk::plugin::Exports) are used like those of
//!   a plugin that is linked in.
//! - `launch`: makes a copy that takes calls, of a `copy` of the file; `reload`: has one take another's place.
//! - `runner`: one live copy of a plugin, wherever it runs; `slot`: the place where the current copy stands.
//! - `instance`: a copy in this process, called with the daemon's own deadline; `host`: what it calls; `operations`: the
//!   calls that wait for it. A library stays loaded for good.
//! - `process`: a copy in a process of its own; `child`: what runs there.
//! - `proxy`: [`Venue`](orderd_sdk::plugin::Venue) and [`Chain`](orderd_sdk::plugin::Chain) over a slot.
//! - [`Guard`]: stands in front of every plugin; see `guard`.
//! - `services`: answers `sign` and `chain.read`.
//!
//! In this process a plugin is trusted with the process, and nowhere with the promise: whatever it completes late, twice
//! or never, each call ends by its deadline, and a send without a clear answer is unknown.

mod child;
mod copy;
pub mod guard;
mod host;
mod instance;
mod launch;
mod loader;
mod operations;
mod process;
mod proxy;
mod records;
mod reload;
mod runner;
mod services;
mod slot;

pub use child::venue_host;
pub use copy::Hash;
pub use guard::Guard;
pub use loader::{About, LoadError, LoadFailure, Loaded, PluginSpec, load};
pub use orderd_sdk::abi::host::FileError;
pub use process::{Isolation, Network, ProcessReport, ProcessSettings, this_program};
pub use reload::{Acceptance, ReloadError, Reloaded};
