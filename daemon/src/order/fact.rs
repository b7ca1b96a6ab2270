//! What can happen to an order.

use super::{Fate, QuoteLine, Transaction};
use orderd_sdk::{amount::Amount, plugin::BlockRef, wire::ErrorCode};
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
        /// Its place in the lane.
        sequence: u64,
        /// The approval.
        transaction: Transaction,
        /// The token's symbol.
        token: String,
        /// Who may spend it.
        spender: String,
    },
    /// The approval is in the chain.
    ApprovalIncluded {
        /// Which transaction of its slot.
        hash: String,
        /// Where.
        block: BlockRef,
    },
    /// The approval is in a block that cannot be undone, without effect.
    ApprovalReverted {
        /// Which transaction of its slot.
        hash: String,
        /// Why.
        reason: String,
    },
    /// An approval that was in a block is in none any more, and nothing that needs it is signed.
    ApprovalUndone {
        /// Its place in the lane.
        sequence: u64,
    },
    /// What became of the open approval of an order that is over.
    ApprovalSettled {
        /// What.
        fate: Fate,
    },
    /// The swap was signed.
    SwapSigned {
        /// Its place in the lane.
        sequence: u64,
        /// The swap.
        transaction: Transaction,
    },
    /// Another transaction was signed for an open slot, to take the place of the earlier ones.
    Replaced {
        /// The slot's place in the lane.
        sequence: u64,
        /// It.
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
    /// Nobody can say what became of the swap.
    Doubted {
        /// What was seen.
        reason: String,
    },
    /// The swap is in a block, with effect.
    Included {
        /// Which transaction of its slot.
        hash: String,
        /// Where.
        block: BlockRef,
        /// What was received, in base units.
        received: Amount,
    },
    /// The swap is in a block, without effect.
    Reverted {
        /// Which transaction of its slot.
        hash: String,
        /// Where.
        block: BlockRef,
        /// Why.
        reason: String,
    },
    /// A transaction without effect has taken the swap's place in a block.
    Voided {
        /// Which transaction of its slot.
        hash: String,
        /// Where.
        block: BlockRef,
    },
    /// The block that held the transaction is no longer in the chain.
    Undone,
    /// The transaction's block cannot be undone any more.
    Final {
        /// For a swap without effect: milliseconds until the next attempt.
        delay_ms: u64,
    },
    /// A transaction that is not of the open slot has consumed its sequence for good: its own are dead.
    Overtaken {
        /// That transaction's hash.
        by: String,
        /// Milliseconds until the next attempt.
        delay_ms: u64,
    },
    /// None of the open slot's transactions can ever take effect: the chain has refused them for good.
    Died {
        /// What makes it certain.
        reason: String,
        /// Milliseconds until the next attempt.
        delay_ms: u64,
    },
    /// The attempt ended before anything that moves funds was signed.
    AttemptFailed(Failure),
    /// The client wants the order to end without effect.
    CancelRequested {
        /// Why.
        reason: String,
    },
    /// The chain cannot put anything in the place of what was sent.
    CancelRefused {
        /// Why.
        reason: String,
    },
    /// A failed order is given one more attempt by hand.
    RetryRequested {
        /// Orders ahead of it.
        queue_position: u64,
    },
    /// The deadline passed while no signature was alive.
    Expired {
        /// What the order was waiting for.
        reason: String,
    },
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Why, for programs.
    pub code: ErrorCode,
    /// Why, for people.
    pub error: String,
    /// Whether trying again may help.
    pub transient: bool,
    /// Milliseconds until the next attempt, should there be one.
    pub delay_ms: u64,
}
