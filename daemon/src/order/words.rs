//! An event in words: the status it brings about, its stage, its progress, and what people read of it.

use super::{EventKind, Order, Purpose, QuoteAnswer, QuoteLine};
use orderd_sdk::wire::OrderStatus;

impl EventKind {
    /// The status that the event brings about, which is also its `type`; none where the status stays as it was.
    #[must_use]
    pub fn status(&self) -> Option<OrderStatus> {
        Some(match self {
            Self::Pending { .. } | Self::Requeued { .. } => OrderStatus::Pending,
            Self::QuotesRequested { .. } | Self::QuotesReceived { .. } => OrderStatus::Routing,
            Self::BuildStarted { .. }
            | Self::Approving { .. }
            | Self::Approved { .. }
            | Self::ApprovalUndone { .. }
            | Self::Signed { .. } => OrderStatus::Building,
            Self::Submitted { .. } | Self::Voided { .. } => OrderStatus::Submitted,
            Self::ExecutionFailed { .. } => OrderStatus::ExecutionFailed,
            Self::RetryPending { .. } => OrderStatus::RetryPending,
            Self::Unknown { .. } => OrderStatus::Unknown,
            Self::Confirmed { .. } => OrderStatus::Confirmed,
            Self::Finalized { .. } => OrderStatus::Finalized,
            Self::Reorged { .. } => OrderStatus::Reorged,
            Self::Failed { .. } => OrderStatus::Failed,
            Self::Cancelled { .. } => OrderStatus::Cancelled,
            Self::Expired { .. } => OrderStatus::Expired,
            Self::CancelRequested { .. } | Self::CancelRefused { .. } | Self::Replaced { .. } => return None,
        })
    }

    /// What happened within a status.
    #[must_use]
    pub fn stage(&self) -> Option<&'static str> {
        Some(match self {
            Self::BuildStarted { .. } => "started",
            Self::Approving { .. } => "approving",
            Self::Approved { .. } => "approved",
            Self::ApprovalUndone { .. } => "approval-undone",
            Self::Signed { .. } => "signed",
            Self::CancelRequested { .. } => "cancel-requested",
            Self::CancelRefused { .. } => "cancel-refused",
            Self::Replaced { purpose: Purpose::Execute, .. } => "fee-bump",
            Self::Replaced { purpose: Purpose::Void, .. } => "voiding",
            Self::Voided { .. } => "voided",
            Self::Pending { .. }
            | Self::QuotesRequested { .. }
            | Self::QuotesReceived { .. }
            | Self::Submitted { .. }
            | Self::ExecutionFailed { .. }
            | Self::RetryPending { .. }
            | Self::Unknown { .. }
            | Self::Confirmed { .. }
            | Self::Finalized { .. }
            | Self::Reorged { .. }
            | Self::Failed { .. }
            | Self::Cancelled { .. }
            | Self::Expired { .. }
            | Self::Requeued { .. } => return None,
        })
    }

    /// The transaction that the event is about.
    #[must_use]
    pub fn hash(&self) -> Option<&str> {
        match self {
            Self::Approving { hash, .. }
            | Self::Approved { hash, .. }
            | Self::ApprovalUndone { hash, .. }
            | Self::Signed { hash, .. }
            | Self::Submitted { hash, .. }
            | Self::Replaced { hash, .. }
            | Self::Voided { hash, .. }
            | Self::Confirmed { hash, .. } => Some(hash),
            Self::Pending { .. }
            | Self::QuotesRequested { .. }
            | Self::QuotesReceived { .. }
            | Self::BuildStarted { .. }
            | Self::ExecutionFailed { .. }
            | Self::RetryPending { .. }
            | Self::Unknown { .. }
            | Self::Finalized { .. }
            | Self::Reorged { .. }
            | Self::Failed { .. }
            | Self::Cancelled { .. }
            | Self::Expired { .. }
            | Self::CancelRequested { .. }
            | Self::CancelRefused { .. }
            | Self::Requeued { .. } => None,
        }
    }

    /// Progress after this event in percent; none where it stays as it was.
    pub(super) fn progress(&self) -> Option<u8> {
        match self {
            Self::QuotesRequested { .. } => Some(10),
            Self::QuotesReceived { .. } => Some(30),
            Self::BuildStarted { .. } => Some(50),
            Self::Approving { .. } | Self::ApprovalUndone { .. } => Some(55),
            Self::Approved { .. } => Some(60),
            Self::Signed { .. } => Some(70),
            Self::Submitted { attempt, .. } => Some(submitted_progress(*attempt)),
            Self::Reorged { .. } => Some(80),
            Self::Confirmed { .. } | Self::Finalized { .. } => Some(100),
            Self::Pending { .. }
            | Self::Requeued { .. }
            | Self::Failed { .. }
            | Self::Cancelled { .. }
            | Self::Expired { .. } => Some(0),
            Self::ExecutionFailed { .. }
            | Self::RetryPending { .. }
            | Self::Unknown { .. }
            | Self::CancelRequested { .. }
            | Self::CancelRefused { .. }
            | Self::Replaced { .. }
            | Self::Voided { .. } => None,
        }
    }

    /// The event in words, for people.
    #[must_use]
    pub fn message(&self, order: &Order) -> String {
        match self {
            Self::Pending { .. } => "accepted and stored, waiting for its turn".to_owned(),
            Self::QuotesRequested { venues, .. } => format!("asking {venues} venues for quotes"),
            Self::QuotesReceived { quotes } => {
                format!("{} of {} venues quoted", count_priced(quotes), quotes.len())
            }
            Self::BuildStarted { quote } => format!("building the swap on {}", quote.dex),
            Self::Approving { token, spender, .. } => format!("approving {token} for {spender}, once"),
            Self::ApprovalUndone { .. } => "the approval's block was undone; it is open again".to_owned(),
            Self::Approved { block, .. } => format!("approval is in block {block}"),
            Self::Signed { sequence, .. } => format!("signed and stored with sequence {sequence}"),
            Self::Submitted { attempt, .. } => format!("the chain has the transaction of attempt {attempt}"),
            Self::ExecutionFailed { error, .. } => error.clone(),
            Self::RetryPending { delay_ms, next_attempt } => {
                format!("attempt {next_attempt} goes on in {delay_ms} ms")
            }
            Self::Unknown { reason } => format!("the outcome is not known yet: {reason}"),
            Self::Confirmed { dex, amount_out, block, .. } => {
                let (amount, symbol) = (order.bought(*amount_out), &order.intent.token_out.symbol);
                format!("received {amount} {symbol} through {dex} in block {block}")
            }
            Self::Finalized { block } => format!("block {block} is final"),
            Self::Reorged { block } => format!("block {block} was undone; the transaction is open again"),
            Self::Failed { error, total_attempts, .. } => {
                format!("failed after {total_attempts} attempts: {error}")
            }
            Self::Cancelled { reason } => format!("cancelled: {reason}"),
            Self::Expired { reason } => format!("expired: {reason}"),
            Self::CancelRequested { reason } => format!("to be cancelled: {reason}"),
            Self::CancelRefused { reason } => format!("cannot be cancelled any more: {reason}"),
            Self::Replaced { sequence, purpose: Purpose::Execute, .. } => {
                format!("signed again at sequence {sequence} for a higher fee")
            }
            Self::Replaced { sequence, purpose: Purpose::Void, .. } => {
                format!(
                    "signed a transaction without effect at sequence {sequence}, to take the swap's place"
                )
            }
            Self::Voided { block, .. } => {
                format!("the swap's place was taken without effect in block {block}")
            }
            Self::Requeued { .. } => "taken up again by hand, waiting for its turn".to_owned(),
        }
    }
}

/// How many venues have a price.
pub(super) fn count_priced(quotes: &[QuoteLine]) -> u32 {
    let priced = quotes.iter().filter(|quote| matches!(quote.answer, QuoteAnswer::Priced { .. }));
    u32::try_from(priced.count()).unwrap_or(u32::MAX)
}

/// 75 for the first attempt, up to 90 for later ones.
fn submitted_progress(attempt: u32) -> u8 {
    let later = u8::try_from(attempt.saturating_sub(1)).unwrap_or(u8::MAX);
    75_u8.saturating_add(later.saturating_mul(5)).min(90)
}
