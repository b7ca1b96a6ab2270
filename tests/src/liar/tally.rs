//! What passed the proxy, and what it did.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::B256;

use super::{fault::Fault, message::Call};

/// Counts since the proxy began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    requests: u64,
    calls: BTreeMap<String, u64>,
    answered: BTreeMap<String, u64>,
    faults: BTreeMap<&'static str, u64>,
    sends: Vec<B256>,
}

impl Tally {
    /// HTTP requests that came.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// Calls of a method that came.
    #[must_use]
    pub fn calls(&self, method: &str) -> u64 {
        self.calls.get(method).copied().unwrap_or_default()
    }

    /// Calls of a method whose request has got all that it will get: an answer, or what a fault makes of it.
    #[must_use]
    pub fn answered(&self, method: &str) -> u64 {
        self.answered.get(method).copied().unwrap_or_default()
    }

    /// Requests that something was done to.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.faults.values().sum()
    }

    /// How often each fault was done, by its name.
    #[must_use]
    pub fn by_fault(&self) -> &BTreeMap<&'static str, u64> {
        &self.faults
    }

    /// The transactions that came in to be sent, in the order they came, each as often as it came.
    #[must_use]
    pub fn sends(&self) -> &[B256] {
        &self.sends
    }

    /// How often this transaction came in to be sent.
    #[must_use]
    pub fn sends_of(&self, hash: B256) -> usize {
        self.sends.iter().filter(|sent| **sent == hash).count()
    }

    /// How many different transactions came in to be sent.
    #[must_use]
    pub fn transactions(&self) -> usize {
        self.sends.iter().collect::<BTreeSet<_>>().len()
    }

    pub(super) fn came(&mut self, calls: &[Call]) {
        self.requests += 1;
        for call in calls {
            *self.calls.entry(call.method.clone()).or_default() += 1;
            self.sends.extend(call.sends());
        }
    }

    pub(super) fn did(&mut self, fault: &Fault) {
        *self.faults.entry(fault.name()).or_default() += 1;
    }

    pub(super) fn went(&mut self, calls: &[Call]) {
        for call in calls {
            *self.answered.entry(call.method.clone()).or_default() += 1;
        }
    }
}
