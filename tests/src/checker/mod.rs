//! Judges what clients were told, over all their connections: the promises of `docs/streaming.md`, held against the
//! history that the daemon itself has in the end.
//!
//! A [`Checker`] gives each client a [`Log`], which takes down raw messages, whoever speaks with the daemon. In the end the
//! [`Truth`] is asked for, and [`Log::judge`] reads the record as a `Walk` of each subscription along those events of the
//! history that it asked for: with `all`, what comes next is always one event and no other; a snapshot, a `gap` and a
//! resumption say where the walk goes on; a `ping` must not be ahead of it. What a client resumes from must not be ahead
//! of it either: a client that does as the documentation says loses nothing. So every event that nobody announced to be
//! missing has come, once, in order, and as the history has it.

mod changes;
mod judge;
mod log;
mod message;
mod place;
#[cfg(test)]
mod tests;
mod truth;
mod violation;
mod walk;
mod wish;

pub use judge::Report;
pub use log::{Log, Target};
pub use message::{Heard, Mishap};
pub use truth::Truth;
pub use violation::{Named, Violation, Wrong};

use judge::Judge;
use message::Reading;
use std::sync::Arc;

/// Makes records that share what they hear.
#[derive(Clone, Debug, Default)]
pub struct Checker(Arc<Reading>);

impl Checker {
    /// The record of a client.
    #[must_use]
    pub fn client(&self, name: &str) -> Log {
        Log::new(name, self.0.clone())
    }

    /// Whether one of the clients has met this so far.
    #[must_use]
    pub fn has_met(&self, mishap: Mishap) -> bool {
        self.0.has_met(mishap)
    }
}

impl Log {
    /// What the record shows. In the end the client must have been told that it has everything.
    #[must_use]
    pub fn judge(&self, truth: &Truth) -> Report {
        Judge::judge(self, truth)
    }
}
