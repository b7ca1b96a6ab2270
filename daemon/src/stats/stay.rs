//! How long an order has had its status, told from its events.

use crate::order::Event;
use orderd_sdk::{timestamp::Timestamp, wire::OrderStatus};
use std::sync::Arc;

/// A status, and since when the order has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stay {
    pub(super) status: OrderStatus,
    pub(super) since: Timestamp,
}

impl Stay {
    /// Where these events leave an order; none before the first. Events that keep the status do not end a stay.
    pub(super) fn after(events: &[Arc<Event>]) -> Option<Self> {
        let mut told =
            events.iter().rev().filter_map(|event| event.kind.status().map(|status| (status, event.at)));
        let (status, last) = told.next()?;
        let since = told.take_while(|(before, _)| *before == status).last().map_or(last, |(_, at)| at);
        Some(Self { status, since })
    }

    /// Whether the order waits for its turn.
    pub(super) fn is_waiting(self) -> bool {
        matches!(self.status, OrderStatus::Pending | OrderStatus::RetryPending)
    }

    /// Whether the order had ended: what comes after that until somebody retries it is no stage of its life.
    pub(super) fn is_end(self) -> bool {
        match self.status {
            OrderStatus::Finalized | OrderStatus::Failed | OrderStatus::Cancelled | OrderStatus::Expired => {
                true
            }
            OrderStatus::Pending
            | OrderStatus::Routing
            | OrderStatus::Building
            | OrderStatus::Submitted
            | OrderStatus::ExecutionFailed
            | OrderStatus::RetryPending
            | OrderStatus::Unknown
            | OrderStatus::Confirmed
            | OrderStatus::Reorged => false,
        }
    }
}
