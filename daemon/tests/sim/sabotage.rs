//! Bugs that are planted on purpose, at the ports around the engine: whoever does not find them finds nothing.

use crate::laws::Law;

/// A planted bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sabotage {
    /// None.
    None,
    /// Changes count as durable before they are: so bytes are sent, and clients answered, too early.
    EarlyReceipts,
    /// A lane's advance is written a window after the signature that took the sequence.
    LateAdvance,
    /// An error of the chain counts as "not found", and as proof of it.
    ErrorIsProof,
    /// What is in a block counts as final.
    FinalTooSoon,
    /// Idempotency keys are not written down.
    KeysForgotten,
    /// Where there are no sequences, what is not found counts as dead.
    AbsenceIsDeath,
    /// A queue that was paused runs after a start.
    PauseForgotten,
}

/// Every planted bug, and the law that it has to break.
pub(crate) const SABOTAGES: &[(Sabotage, &[Law])] = &[
    (Sabotage::EarlyReceipts, &[Law::WriteAhead, Law::AcceptedIsDurable]),
    (Sabotage::LateAdvance, &[Law::OneOrderPerSequence]),
    (Sabotage::ErrorIsProof, &[Law::OldSignaturesAreDead, Law::ExactlyOnce]),
    (Sabotage::FinalTooSoon, &[Law::OldSignaturesAreDead, Law::ExactlyOnce]),
    (Sabotage::KeysForgotten, &[Law::OneOrderPerKey]),
    (Sabotage::AbsenceIsDeath, &[Law::OldSignaturesAreDead, Law::ExactlyOnce]),
    (Sabotage::PauseForgotten, &[Law::PausedBeginsNothing]),
];
