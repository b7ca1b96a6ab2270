//! Orders that wait for another attempt.

use super::attempt;
use crate::order::{EventKind, Order, OrderId, State};
use orderd_sdk::{timestamp::Timestamp, wire::DelayedRetry};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Those that are told.
const TOLD: usize = 50;

/// All of them, the one whose turn comes first in front.
#[derive(Debug, Default)]
pub(super) struct Delayed {
    by_due: BTreeMap<(Timestamp, OrderId), DelayedRetry>,
    due: FxHashMap<OrderId, Timestamp>,
}

impl Delayed {
    /// An order stands so now.
    pub(super) fn note(&mut self, order: &Order) {
        if let Some(due) = self.due.remove(&order.id) {
            self.by_due.remove(&(due, order.id));
        }
        if let State::RetryPending { due } = order.state {
            self.due.insert(order.id, due);
            self.by_due.insert((due, order.id), retry(order, due));
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> u64 {
        self.by_due.len() as u64
    }

    /// The first of them.
    pub(super) fn next(&self) -> Vec<DelayedRetry> {
        self.by_due.values().take(TOLD).cloned().collect()
    }
}

fn retry(order: &Order, due_at: Timestamp) -> DelayedRetry {
    let last_error_code = order.events.iter().rev().find_map(|event| {
        let EventKind::ExecutionFailed { code, .. } = event.kind else {
            return None;
        };
        Some(code)
    });
    DelayedRetry {
        order_id: order.id.to_string(),
        due_at,
        attempt: order.attempt + 1,
        max_attempts: order.max_attempts(),
        dex: attempt::venue(&order.events).map(str::to_owned),
        last_error_code,
    }
}
