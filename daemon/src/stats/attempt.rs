//! What an order's events tell of its present attempt.

use crate::order::{Event, EventKind};
use std::sync::Arc;

/// The venue that was chosen in the attempt that these events end in, if one was.
pub(super) fn venue(events: &[Arc<Event>]) -> Option<&str> {
    let attempt =
        events.iter().rev().take_while(|event| !matches!(event.kind, EventKind::QuotesRequested { .. }));
    attempt.into_iter().find_map(|event| {
        let EventKind::BuildStarted { quote } = &event.kind else {
            return None;
        };
        Some(quote.dex.as_str())
    })
}
