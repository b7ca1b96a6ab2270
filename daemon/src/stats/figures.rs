//! What is told to a monitoring system, which wants counts since the start and makes rates of them itself.

use crate::telemetry::metrics::Histogram;
use orderd_sdk::wire::{OrderStatus, VenueReport};
use std::collections::BTreeMap;

/// The bounds that durations are sorted by, in milliseconds: from a fast quote to an hour.
pub(super) const DURATIONS: &[u64] = &[
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000,
    3_600_000,
];

/// Counts since the daemon started.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Orders that were accepted.
    pub accepted: u64,
    /// Orders whose swap was included.
    pub confirmed: u64,
    /// Attempts that failed and were followed by another.
    pub retried: u64,
    /// How often orders ended, by how they did. One that is retried by hand ends more than once.
    pub ended: BTreeMap<OrderStatus, u64>,
    /// How long orders stayed in each status that they left, in milliseconds.
    pub stages: BTreeMap<OrderStatus, Histogram>,
    /// How the venues did.
    pub venues: Vec<VenueReport>,
    /// How long quotes of each of them took, in milliseconds.
    pub quotes: BTreeMap<String, Histogram>,
    /// How long the order has waited that waits longest, in milliseconds.
    pub oldest_ms: Option<u64>,
}
