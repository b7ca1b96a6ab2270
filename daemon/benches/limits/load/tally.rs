//! What all clients together have seen.

use crate::clock::{self, Nanos};

/// Counts of a fleet.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Clients whose subscription was answered.
    pub(crate) greeted: usize,
    /// Events that came.
    pub(crate) events: u64,
    /// How often something was read, and how much in all.
    pub(crate) reads: u64,
    pub(crate) bytes: u64,
    /// Clients that have seen the event with the number `goal`.
    pub(crate) reached: usize,
    goal: u64,
    /// When each of those saw it.
    pub(crate) arrivals: Vec<Nanos>,
    /// When the last read returned.
    now: Nanos,
}

impl Tally {
    pub(super) fn set_goal(&mut self, goal: u64, reached: usize) {
        (self.goal, self.reached) = (goal, reached);
        self.arrivals.clear();
    }

    pub(super) fn read(&mut self, bytes: usize) {
        self.reads += 1;
        self.bytes += bytes as u64;
        self.now = clock::now();
    }

    pub(super) fn event(&mut self, number: u64) {
        self.events += 1;
        if number == self.goal {
            self.reached += 1;
            self.arrivals.push(self.now);
        }
    }
}
