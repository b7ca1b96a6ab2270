//! How the daemon does, in numbers: what `queue`, `venues` and `/metrics` tell.
//!
//! [`Stats`] is a fold over durable events and knows nothing else: time comes with the events, and from a
//! [`Clock`](crate::telemetry::Clock) for whoever asks. What it keeps is bounded by the open orders that wait, the
//! configured venues, and fifteen minutes.

mod attempt;
mod counts;
mod delayed;
mod depth;
mod errors;
mod figures;
mod fold;
mod histogram;
mod queue;
#[cfg(test)]
mod script;
mod stay;
#[cfg(test)]
mod tests;
mod venues;

pub use figures::Figures;
pub use fold::Stats;

/// How far back everything reaches that does not count since the start.
const WINDOW_SECONDS: u64 = 900;
/// How long a step is of what is told over time.
const STEP_SECONDS: u64 = 15;
const STEPS: u64 = WINDOW_SECONDS / STEP_SECONDS;
