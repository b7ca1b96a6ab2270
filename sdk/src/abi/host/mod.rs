//! The host's side of the interface: load a plugin, make an instance of it, call it.
//!
//! - [`Library::open`]: from a file to the functions of the plugin in it.
//! - [`Callbacks`]: what the plugin may call, as a trait.
//! - [`Guest`]: one instance, whose functions can only be called while it lives.
//!
//! It knows no deadlines and counts no operations: that is for the host to do. The daemon, the process in which it
//! keeps a plugin apart, and the conformance kit are all built on it.

mod callbacks;
mod guest;
mod library;

pub use callbacks::Callbacks;
pub use guest::{Guest, Started};
pub use library::{FileError, Library};
