//! Who waits, and how long orders stay where they are.

use super::{
    histogram::{Histogram, Summary},
    stay::Stay,
};
use crate::order::OrderId;
use orderd_sdk::{
    timestamp::Timestamp,
    wire::{OldestOrder, OrderStatus, StageLatency},
};
use std::collections::BTreeMap;

/// The orders that wait for their turn, longest first.
#[derive(Debug, Default)]
pub(super) struct Waiting(BTreeMap<(Timestamp, OrderId), OrderStatus>);

impl Waiting {
    pub(super) fn enter(&mut self, id: OrderId, stay: Stay) {
        if stay.is_waiting() {
            self.0.insert((stay.since, id), stay.status);
        }
    }

    pub(super) fn leave(&mut self, id: OrderId, stay: Stay) {
        if stay.is_waiting() {
            self.0.remove(&(stay.since, id));
        }
    }

    pub(super) fn oldest(&self, now: Timestamp) -> Option<OldestOrder> {
        let ((since, id), status) = self.0.first_key_value()?;
        Some(OldestOrder {
            order_id: id.to_string(),
            status: *status,
            since: *since,
            age_ms: now.millis_since(*since),
        })
    }
}

/// How long orders stayed in each status that they left.
#[derive(Debug, Default)]
pub(super) struct Stages(BTreeMap<OrderStatus, Histogram>);

impl Stages {
    pub(super) fn note(&mut self, left: Stay, at: Timestamp) {
        if !left.is_end() {
            self.0.entry(left.status).or_default().note(at.millis_since(left.since), at);
        }
    }

    /// In the order of an order's life.
    pub(super) fn report(&mut self, now: Timestamp) -> Vec<StageLatency> {
        let stage = |(status, histogram): (&OrderStatus, &mut Histogram)| {
            let Summary { count, p50_ms, p99_ms } = histogram.summary(now)?;
            Some(StageLatency { status: *status, count, p50_ms, p99_ms })
        };
        self.0.iter_mut().filter_map(stage).collect()
    }
}
