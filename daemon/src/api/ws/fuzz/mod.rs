//! For fuzzers and tests only: see [`api::fuzz`](crate::api::fuzz).

mod frames;
mod message;

pub use frames::frames;
pub use message::message;
