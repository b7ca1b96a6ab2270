//! The composition root: the only place that sees every room.
//!
//! [`Builder`] puts a [`Daemon`] together from [`Settings`](crate::config::Settings): store, plugins (loaded or
//! linked in), keys, engine and stream. The daemon takes and follows orders by itself; [`Daemon::serve`] opens its
//! HTTP side.

mod builder;
mod checkup;
#[cfg(feature = "crash-points")]
pub mod crash;
mod daemon;
mod durable;
mod error;
mod fitness;
mod guarding;
mod host;
mod pausing;
mod permitted;
mod plugins;
mod reloading;
mod remembering;
mod sweeping;
mod switches;
mod venue_desk;

pub use builder::Builder;
pub use daemon::{Daemon, Follower};
pub use error::StartError;
pub use reloading::{ConfigReload, VenueReloadError};
