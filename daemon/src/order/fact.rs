//! What can happen to an order.

use super::{QuoteLine, Transaction};
use orderd_sdk::{amount::Amount, plugin::BlockRef};
use std::sync::Arc;

/// Something that happened to an order, as the engine found it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Venues are being asked.
    QuotesRequested {
        /// How many.
        venues: u32,
    },
    /// The round of quotes has ended.
    QuotesReceived {
        /// Every venue's answer, best first.
        quotes: Arc<[QuoteLine]>,
    },
    /// A venue was chosen.
    Chosen {
        /// Its quote.
        quote: QuoteLine,
        /// The least to receive, in base units.
        min_out: Amount,
        /// Unix seconds after which the chain refuses the swap.
        deadline: u64,
    },
    /// An approval that the swap needs was signed.
    ApprovalSigned {
        /// The approval.
        transaction: Transaction,
        /// The token's symbol.
        token: String,
        /// Who may spend it.
        spender: String,
    },
    /// The approval is in the chain.
    ApprovalIncluded {
        /// Where.
        block: BlockRef,
    },
    /// The swap was signed.
    SwapSigned {
        /// The swap.
        transaction: Transaction,
    },
    /// The chain's node has the swap.
    SendAccepted,
    /// The chain's node provably does not have the swap.
    SendRefused {
        /// Why.
        reason: String,
        /// Milliseconds until the same bytes go out again.
        delay_ms: u64,
    },
    /// Nobody can say whether the swap was sent.
    SendUnknown {
        /// What was seen.
        reason: String,
    },
    /// The swap is in a block, with effect.
    Included {
        /// Where.
        block: BlockRef,
        /// What was received, in base units.
        received: Amount,
    },
    /// The swap is in a block, without effect.
    Reverted {
        /// Where.
        block: BlockRef,
        /// Why.
        reason: String,
    },
    /// The block that held the swap is no longer in the chain.
    Undone,
    /// The swap's block cannot be undone any more.
    Final {
        /// For a swap without effect: milliseconds until the next attempt.
        delay_ms: u64,
    },
    /// The attempt ended, and every signature of it is provably dead or was never made.
    AttemptFailed(Failure),
    /// The deadline passed while no signature was alive.
    Expired {
        /// What the order was waiting for.
        reason: String,
    },
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Why.
    pub error: String,
    /// Whether trying again may help.
    pub transient: bool,
    /// Milliseconds until the next attempt, should there be one.
    pub delay_ms: u64,
}
