//! What of an order can be filtered by and changes during its life, as of any of its events.

use super::{EventKind, Order};
use orderd_sdk::wire::OrderStatus;

/// Where an order stood after one of its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing<'a> {
    /// Its status.
    pub status: OrderStatus,
    /// The venue, once chosen.
    pub dex: Option<&'a str>,
}

impl Order {
    /// Where the order stood before the event with this number, and after it; nothing stands before the first.
    #[must_use]
    pub fn standings(&self, seq: u64) -> (Option<Standing<'_>>, Option<Standing<'_>>) {
        let (mut before, mut after) = (None, None);
        for event in self.events.iter().take_while(|event| event.seq <= seq) {
            before = after;
            after = Some(Standing::next(before, &event.kind));
        }
        (before, after)
    }
}

impl<'a> Standing<'a> {
    fn next(before: Option<Self>, kind: &'a EventKind) -> Self {
        let before = before.unwrap_or(Self { status: OrderStatus::Pending, dex: None });
        let dex = match kind {
            EventKind::BuildStarted { quote } => Some(quote.dex.as_str()),
            EventKind::Confirmed { dex, .. } => Some(dex.as_str()),
            EventKind::Pending { .. }
            | EventKind::QuotesRequested { .. }
            | EventKind::QuotesReceived { .. }
            | EventKind::Approving { .. }
            | EventKind::Approved { .. }
            | EventKind::ApprovalUndone { .. }
            | EventKind::Signed { .. }
            | EventKind::Submitted { .. }
            | EventKind::ExecutionFailed { .. }
            | EventKind::RetryPending { .. }
            | EventKind::Unknown { .. }
            | EventKind::Finalized { .. }
            | EventKind::Reorged { .. }
            | EventKind::Failed { .. }
            | EventKind::Cancelled { .. }
            | EventKind::Expired { .. }
            | EventKind::CancelRequested { .. }
            | EventKind::CancelRefused { .. }
            | EventKind::Replaced { .. }
            | EventKind::Voided { .. }
            | EventKind::Requeued { .. } => before.dex,
        };
        Self { status: kind.status().unwrap_or(before.status), dex }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{message_of, samples};

    #[test]
    fn a_standing_is_what_the_order_shows_after_each_event() {
        let order = samples::eventful();
        for seq in 1..=order.seq() {
            let shown = message_of(&order, seq).unwrap().order;
            let (before, after) = order.standings(seq);
            assert_eq!(after, Some(Standing { status: shown.status, dex: shown.dex.as_deref() }), "{seq}");
            assert_eq!(before, order.standings(seq - 1).1);
        }
        assert_eq!(order.standings(0), (None, None));
    }
}
