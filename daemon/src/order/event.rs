//! What is written down of an order's life, and streamed.

use super::{Ppm, Purpose};
use orderd_sdk::{amount::Amount, timestamp::Timestamp, wire::ErrorCode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// One step of an order's life.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// 1, 2, 3, … per order, without a hole.
    pub seq: u64,
    /// Its place among the events of all orders, given by the store.
    pub cursor: Cursor,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
}

/// A place in the stream of all events. It is empty until the store takes the event, in the order of its log.
#[derive(Debug, Default)]
pub struct Cursor(AtomicU64);

impl Cursor {
    /// The place; 0 while there is none.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Gives the event its place. Only the store does this, once.
    pub fn set(&self, cursor: u64) {
        let before = self.0.swap(cursor, Ordering::AcqRel);
        debug_assert_eq!(before, 0, "an event is placed once");
    }
}

impl PartialEq for Cursor {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.get().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(AtomicU64::new).map(Self)
    }
}

/// What happened, with the fields that only this kind has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    /// The order was accepted.
    Pending {
        /// Orders ahead of it.
        queue_position: u64,
    },
    /// Venues were asked for quotes.
    QuotesRequested {
        /// How many.
        venues: u32,
        /// Number of the attempt, from 1.
        attempt: u32,
    },
    /// The round of quotes has ended.
    QuotesReceived {
        /// Every venue's answer, best first.
        quotes: Arc<[QuoteLine]>,
    },
    /// The best venue was chosen.
    BuildStarted {
        /// Its quote.
        quote: QuoteLine,
    },
    /// An approval was signed and is on its way.
    Approving {
        /// The token's symbol.
        token: String,
        /// Who may spend it.
        spender: String,
        /// The transaction.
        hash: String,
        /// Its place in the lane.
        sequence: u64,
    },
    /// The approval is in the chain.
    Approved {
        /// The transaction.
        hash: String,
        /// The block's height.
        block: u64,
    },
    /// The swap was signed and stored; nothing was sent.
    Signed {
        /// The transaction.
        hash: String,
        /// Its place in the lane.
        sequence: u64,
    },
    /// The chain's node has the swap.
    Submitted {
        /// Number of the attempt.
        attempt: u32,
        /// The transaction.
        hash: String,
        /// Its place in the lane.
        sequence: u64,
    },
    /// The attempt failed.
    ExecutionFailed {
        /// Why, for programs.
        code: ErrorCode,
        /// Why, for people.
        error: String,
        /// Whether trying again may help.
        transient: bool,
        /// Attempts left.
        retries_remaining: u32,
    },
    /// Another attempt will follow.
    RetryPending {
        /// Milliseconds until then.
        delay_ms: u64,
        /// Its number.
        next_attempt: u32,
    },
    /// The outcome cannot be proven yet.
    Unknown {
        /// What was seen.
        reason: String,
    },
    /// The swap is in the chain.
    Confirmed {
        /// The transaction.
        hash: String,
        /// The venue.
        dex: String,
        /// What was received, in base units, read from the chain.
        amount_out: Amount,
        /// The block's height.
        block: u64,
    },
    /// The block of the swap cannot be undone any more.
    Finalized {
        /// The block's height.
        block: u64,
    },
    /// The block that held the transaction was undone.
    Reorged {
        /// The block's height.
        block: u64,
    },
    /// The order ended without effect.
    Failed {
        /// Why, for programs.
        code: ErrorCode,
        /// Why, for people.
        error: String,
        /// Attempts used.
        total_attempts: u32,
    },
    /// The client took the order back.
    Cancelled {
        /// Why.
        reason: String,
    },
    /// The deadline passed.
    Expired {
        /// What it was waiting for.
        reason: String,
    },
    /// The client wants the order to end without effect; what was signed decides whether it can.
    CancelRequested {
        /// Why.
        reason: String,
    },
    /// The order goes on: the chain cannot take back what was sent.
    CancelRefused {
        /// Why.
        reason: String,
    },
    /// Another transaction was signed for the same sequence; nothing of it was sent yet.
    Replaced {
        /// The transaction.
        hash: String,
        /// The place in the lane that they share.
        sequence: u64,
        /// What it is for.
        purpose: Purpose,
    },
    /// A transaction without effect has consumed the sequence.
    Voided {
        /// The transaction.
        hash: String,
        /// The block's height.
        block: u64,
    },
    /// The block that held an approval was undone: it is open again.
    ApprovalUndone {
        /// The transaction.
        hash: String,
        /// Its place in the lane.
        sequence: u64,
    },
    /// The order was given one more attempt by hand.
    Requeued {
        /// Orders ahead of it.
        queue_position: u64,
    },
}

/// A venue's answer in a round of quotes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteLine {
    /// The venue.
    pub dex: String,
    /// Milliseconds until it answered.
    pub latency_ms: u64,
    /// What it answered.
    pub answer: QuoteAnswer,
}

/// A price, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum QuoteAnswer {
    /// A price.
    Priced {
        /// What the swap gives, in base units.
        amount_out: Amount,
        /// The same less the network's fee where it is known: what quotes are compared by.
        net_amount_out: Amount,
        /// How much the swap moves the price.
        price_impact: Option<Ppm>,
    },
    /// No price.
    Failed {
        /// Why.
        error: String,
    },
}
