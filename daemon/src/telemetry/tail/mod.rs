//! The last lines of the log, kept in memory for those who cannot read standard error.
//!
//! [`logging::init`](super::logging::init) fills a [`LogTail`] with what it logs. A program that embeds the daemon and
//! has a subscriber of its own has an empty one, unless it adds the tail's [layer](LogTail::layer).

mod filter;
mod layer;
mod lines;

pub use filter::{LogTailFilter, UnknownLevel};
pub use lines::{LogTail, Tail};
