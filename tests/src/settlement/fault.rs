//! What the service does wrong, and what it has been asked.

use std::collections::{BTreeMap, VecDeque};

/// A call of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// A price.
    Quote,
    /// An order.
    Order,
    /// The wish that one be revoked.
    Cancellation,
    /// What became of orders.
    Status,
    /// What an account holds.
    Balance,
    /// Which settlement it is.
    Settlement,
}

/// How a call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is answered with this status, and nothing is done.
    Fails(u16),
    /// It is done, and answered with this status.
    FailsAfterwards(u16),
    /// It is never answered, and nothing is done.
    Hangs,
    /// It is done, and never answered.
    HangsAfterwards,
    /// It is done, and the connection breaks.
    LosesTheReply,
    /// It is done, answered, and forgotten by the book.
    Forgets,
    /// It is refused for now.
    IsRateLimited,
}

/// Faults that are still to come, and how often each call was made and done.
#[derive(Debug, Default)]
pub(super) struct Script {
    faults: BTreeMap<Call, VecDeque<(Fault, usize)>>,
}

impl Script {
    pub(super) fn add(&mut self, call: Call, fault: Fault, times: usize) {
        self.faults.entry(call).or_default().push_back((fault, times));
    }

    pub(super) fn clear(&mut self) {
        self.faults.clear();
    }

    /// The fault of this call, if it goes wrong.
    pub(super) fn next(&mut self, call: Call) -> Option<Fault> {
        let faults = self.faults.get_mut(&call)?;
        let (fault, times) = faults.front_mut()?;
        let fault = *fault;
        *times = times.saturating_sub(1);
        if *times == 0 {
            faults.pop_front();
        }
        Some(fault)
    }
}
