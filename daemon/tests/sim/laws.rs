//! The laws that hold whatever happens.

use std::fmt;

/// What must never be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Law {
    /// What was accepted is on stable storage, and stays there.
    AcceptedIsDurable,
    /// One key, one order.
    OneOrderPerKey,
    /// Signed bytes, hash and sequence are durable when the bytes leave.
    WriteAhead,
    /// A sequence belongs to one order.
    OneOrderPerSequence,
    /// A new sequence only when no earlier signature can have effect.
    OldSignaturesAreDead,
    /// No more sequences of an account are open at once than is configured.
    PendingIsBounded,
    /// Nothing is signed before what was signed has been looked up.
    RecoveryFirst,
    /// While the queue is paused, no attempt is begun.
    PausedBeginsNothing,
    /// Events are 1, 2, 3, …, their cursors grow, and what is written stays.
    HistoryIsDense,
    /// Readers get every event once, and only durable ones.
    StreamIsTrue,
    /// What is over stays over.
    OverIsOver,
    /// One effect when it is finalized, none when it is not.
    ExactlyOnce,
    /// No sequence of a lane is left open.
    NoHole,
    /// Everything comes to an end.
    EverythingEnds,
    /// The engine keeps going, and finds no fault with itself.
    EngineIsWell,
}

/// A law that was broken.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    pub(crate) law: Law,
    pub(crate) how: String,
}

impl Law {
    pub(crate) fn broken(self, how: impl Into<String>) -> Broken {
        Broken { law: self, how: how.into() }
    }

    /// Holds, or is broken in this way.
    pub(crate) fn holds(self, it: bool, how: impl FnOnce() -> String) -> Result<(), Broken> {
        match it {
            true => Ok(()),
            false => Err(self.broken(how())),
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.law, self.how)
    }
}
