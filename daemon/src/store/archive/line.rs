//! The lines of an archive.

use crate::order::{Lane, Order, OrderId};
use orderd_sdk::{plugin::HexBytes, timestamp::Timestamp};
use serde::{Deserialize, Serialize};

/// The way of writing that is known.
pub(super) const FORMAT: u32 = 1;

/// One line.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) enum Line {
    Store(Head),
    Lane(LaneLine),
    Order(Box<Order>),
    IdempotencyKey(KeyLine),
    End(Counts),
}

/// What the archive is of.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Head {
    pub(super) format: u32,
    /// The log that it was made of. An import begins a new one.
    pub(super) epoch: Option<String>,
    /// The cursor of the last event.
    pub(super) cursor: u64,
    /// Parts of the log that could not be read: what they held is missing, or here as it was before.
    pub(super) damaged_parts: u64,
}

/// The next free sequence of a lane.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LaneLine {
    pub(super) lane: Lane,
    pub(super) next: u64,
}

/// Who owns an idempotency key.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct KeyLine {
    pub(super) key: String,
    pub(super) order: OrderId,
    pub(super) fingerprint: HexBytes,
    pub(super) accepted: Timestamp,
}

/// How many lines of each kind there are, and how many things could not be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Counts {
    pub(super) lanes: u64,
    pub(super) orders: u64,
    pub(super) idempotency_keys: u64,
    pub(super) unreadable: u64,
}
