//! What operators and clients had the daemon do, by whom, and with what result: a bounded record that outlives a restart.
//!
//! [`ActionLog`] keeps it, in memory for those who ask and on the disk in a few small files. What operators did is not
//! pushed out by what clients do all day: each kind has a shelf of its own.

mod file;
mod log;
mod shelf;

pub use log::{ActionLog, Rank};
