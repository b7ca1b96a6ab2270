//! What people may ask of an order, and why it is refused.

use super::{Order, State};
use orderd_sdk::{timestamp::Timestamp, wire::OrderStatus};

/// Why an order cannot be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CancelRefusal {
    /// Its swap has taken effect.
    #[error("the swap has taken effect: the order is {0}")]
    Executed(OrderStatus),
    /// It has ended without effect already.
    #[error("the order has ended already: it is {0}")]
    Over(OrderStatus),
}

/// Why an order is given no attempt by hand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RetryRefusal {
    /// Its attempts are not used up, or it ended otherwise than by failing.
    #[error("only a failed order can be retried: this one is {0}")]
    NotFailed(OrderStatus),
    /// Something that was signed for it could still be included.
    #[error("transaction {hash} at sequence {sequence} may still be included")]
    MayStillLand {
        /// The transaction that was signed last.
        hash: String,
        /// Its place in the lane.
        sequence: u64,
    },
    /// Its deadline has passed.
    #[error("the order's deadline has passed")]
    DeadlinePassed,
}

impl Order {
    /// Why the order cannot be cancelled, if it cannot.
    #[must_use]
    pub fn cancel_refusal(&self) -> Option<CancelRefusal> {
        let status = self.state.status();
        match self.state {
            State::Confirmed { .. } | State::Finalized => Some(CancelRefusal::Executed(status)),
            State::Failed | State::Cancelled | State::Expired => Some(CancelRefusal::Over(status)),
            State::Pending
            | State::Routing
            | State::Building
            | State::Approving
            | State::Signed
            | State::ResendPending { .. }
            | State::Submitted
            | State::Unknown { .. }
            | State::Reverted { .. }
            | State::Voided { .. }
            | State::RetryPending { .. } => None,
        }
    }

    /// Why the order is given no attempt by hand, if it is given none.
    #[must_use]
    pub fn retry_refusal(&self, now: Timestamp) -> Option<RetryRefusal> {
        if let Some(slot) = self.open_slots().last() {
            let (hash, sequence) = (slot.newest().hash.clone(), slot.sequence);
            return Some(RetryRefusal::MayStillLand { hash, sequence });
        }
        match self.state {
            State::Failed if self.intent.deadline.is_some_and(|deadline| now > deadline) => {
                Some(RetryRefusal::DeadlinePassed)
            }
            State::Failed => None,
            State::Pending
            | State::Routing
            | State::Building
            | State::Approving
            | State::Signed
            | State::ResendPending { .. }
            | State::Submitted
            | State::Unknown { .. }
            | State::Confirmed { .. }
            | State::Reverted { .. }
            | State::Voided { .. }
            | State::RetryPending { .. }
            | State::Finalized
            | State::Cancelled
            | State::Expired => Some(RetryRefusal::NotFailed(self.state.status())),
        }
    }
}
