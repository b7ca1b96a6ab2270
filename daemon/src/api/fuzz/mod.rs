//! For fuzzers and tests only: whatever clients may send, given to what reads it.
//!
//! Each target takes any bytes, and panics when a promise about them does not hold. `tests/fuzz` runs them on what a
//! fuzzer makes up, the tests here on its seeds, whole and broken.

mod filter;
mod query;
#[cfg(test)]
mod seeds;

pub use super::ws::fuzz::{frames, message};
pub use filter::filter;
pub use query::query;
