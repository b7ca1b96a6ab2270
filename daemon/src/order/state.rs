//! Where an order can stand, and what has to be done there.

use super::Order;
use orderd_sdk::{plugin::BlockRef, timestamp::Timestamp, wire::OrderStatus};
use serde::{Deserialize, Serialize};

/// Where an order stands, with what is known only there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Stored, waiting for its turn.
    Pending,
    /// Quotes are being collected.
    Routing,
    /// A venue is chosen and nothing that could move funds is signed in this attempt.
    Building,
    /// An approval is signed; the swap is not.
    Approving,
    /// The swap is signed and stored, and not known to be sent.
    Signed,
    /// The node provably does not have the signed swap; the same bytes go out again.
    ResendPending {
        /// When.
        due: Timestamp,
    },
    /// The chain's node has the swap.
    Submitted,
    /// The swap is signed and nobody can say what became of it.
    Unknown {
        /// Since when.
        since: Timestamp,
    },
    /// The swap is in a block, with effect.
    Confirmed {
        /// The transaction of its slot that was included.
        hash: String,
        /// The block.
        block: BlockRef,
    },
    /// The swap is in a block, without effect. A reorganisation could still give it one.
    Reverted {
        /// The transaction of its slot that was included.
        hash: String,
        /// The block.
        block: BlockRef,
        /// Why it had no effect.
        reason: String,
    },
    /// A transaction without effect has taken the swap's place in a block. A reorganisation could still bring the swap
    /// back.
    Voided {
        /// That transaction.
        hash: String,
        /// The block.
        block: BlockRef,
    },
    /// Every signature is dead; another attempt follows.
    RetryPending {
        /// When.
        due: Timestamp,
    },
    /// Executed, for good.
    Finalized,
    /// Ended without effect.
    Failed,
    /// Ended without effect, at the client's wish.
    Cancelled,
    /// Ended without effect, at its deadline.
    Expired,
}

/// What an order needs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask the venues for quotes, choose, build, sign and send.
    Execute,
    /// Look what the chain says of the open slot, and send its bytes again where it has nothing.
    Watch,
    /// Nothing before this instant.
    Wait(Timestamp),
    /// Nothing ever again.
    Rest,
}

impl State {
    /// The status that clients see.
    #[must_use]
    pub fn status(&self) -> OrderStatus {
        match self {
            Self::Pending => OrderStatus::Pending,
            Self::Routing => OrderStatus::Routing,
            Self::Building | Self::Approving | Self::Signed => OrderStatus::Building,
            Self::ResendPending { .. } | Self::RetryPending { .. } => OrderStatus::RetryPending,
            Self::Submitted | Self::Voided { .. } => OrderStatus::Submitted,
            Self::Unknown { .. } => OrderStatus::Unknown,
            Self::Confirmed { .. } => OrderStatus::Confirmed,
            Self::Reverted { .. } => OrderStatus::ExecutionFailed,
            Self::Finalized => OrderStatus::Finalized,
            Self::Failed => OrderStatus::Failed,
            Self::Cancelled => OrderStatus::Cancelled,
            Self::Expired => OrderStatus::Expired,
        }
    }

    /// Whether the order's outcome is decided for good. `Confirmed` still waits for finality.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match self {
            Self::Finalized | Self::Failed | Self::Cancelled | Self::Expired => true,
            Self::Pending
            | Self::Routing
            | Self::Building
            | Self::Approving
            | Self::Signed
            | Self::ResendPending { .. }
            | Self::Submitted
            | Self::Unknown { .. }
            | Self::Confirmed { .. }
            | Self::Reverted { .. }
            | Self::Voided { .. }
            | Self::RetryPending { .. } => false,
        }
    }
}

impl State {
    /// Whether a transaction of the swap's slot is in a block that could be undone.
    #[must_use]
    pub fn is_in_block(&self) -> bool {
        matches!(self, Self::Confirmed { .. } | Self::Reverted { .. } | Self::Voided { .. })
    }
}

impl Order {
    /// What has to be done for the order, told from its state alone.
    #[must_use]
    pub fn next_step(&self) -> Step {
        match self.state {
            State::Pending | State::Routing | State::Building => Step::Execute,
            State::Approving
            | State::Signed
            | State::ResendPending { .. }
            | State::Submitted
            | State::Unknown { .. }
            | State::Confirmed { .. }
            | State::Reverted { .. }
            | State::Voided { .. } => Step::Watch,
            State::RetryPending { due } => Step::Wait(due),
            // An approval that could still be undone leaves a hole in its lane if nobody follows it.
            State::Finalized | State::Failed | State::Cancelled | State::Expired => match self.open_slot() {
                Some(_) => Step::Watch,
                None => Step::Rest,
            },
        }
    }

    /// Whether the order goes on without anybody following this approval, which is not final: it is the newest that is
    /// open, and no swap that needs it is signed.
    #[must_use]
    pub fn lacks_approval(&self, sequence: u64) -> bool {
        let unfollowed = matches!(self.state, State::Routing | State::Building | State::RetryPending { .. });
        unfollowed && self.open_slots().last().is_some_and(|slot| slot.sequence == sequence)
    }

    /// Whether nothing has to be done for the order any more.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        self.next_step() == Step::Rest
    }
}
