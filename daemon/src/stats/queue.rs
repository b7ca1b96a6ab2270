//! Who waits, and how long orders stay where they are.

use super::{
    figures::DURATIONS,
    histogram::{Histogram, Summary},
    stay::Stay,
};
use crate::{order::OrderId, telemetry::metrics};
use orderd_sdk::{
    timestamp::Timestamp,
    wire::{OldestOrder, OrderStatus, StageLatency, WaitBucket},
};
use std::collections::BTreeMap;

/// The bounds that waiting times are sorted by, in milliseconds: from at once to a quarter of an hour.
const WAITS: &[u64] = &[10, 50, 100, 500, 1_000, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000];

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

    pub(super) fn len(&self) -> u64 {
        self.0.len() as u64
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
pub(super) struct Stages {
    of_late: BTreeMap<OrderStatus, Histogram>,
    since_start: BTreeMap<OrderStatus, metrics::Histogram>,
}

impl Stages {
    pub(super) fn note(&mut self, left: Stay, at: Timestamp) {
        if !left.is_end() {
            let millis = at.millis_since(left.since);
            self.of_late.entry(left.status).or_default().note(millis, at);
            let since_start = self.since_start.entry(left.status);
            since_start.or_insert_with(|| metrics::Histogram::new(DURATIONS)).note(millis);
        }
    }

    /// How long orders stayed in each status, since the start.
    pub(super) fn since_start(&self) -> BTreeMap<OrderStatus, metrics::Histogram> {
        self.since_start.clone()
    }

    /// How long orders were pending before their turn came.
    pub(super) fn waits(&mut self, now: Timestamp) -> Vec<WaitBucket> {
        let pending = self.of_late.entry(OrderStatus::Pending).or_default();
        let bounds = WAITS.iter().copied().map(Some).chain([None]);
        let bucket = |(up_to_ms, count)| WaitBucket { up_to_ms, count };
        bounds.zip(pending.spread(WAITS, now)).map(bucket).collect()
    }

    /// In the order of an order's life.
    pub(super) fn report(&mut self, now: Timestamp) -> Vec<StageLatency> {
        let stage = |(status, histogram): (&OrderStatus, &mut Histogram)| {
            let Summary { count, p50_ms, p99_ms } = histogram.summary(now)?;
            Some(StageLatency { status: *status, count, p50_ms, p99_ms })
        };
        self.of_late.iter_mut().filter_map(stage).collect()
    }
}
