//! What waits and how fast it goes, and the verbs that hold it up.

use super::{ErrorCode, OrderStatus};
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `GET /api/queue`: what waits, and how fast it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Queue {
    /// Orders that are not ended yet, by status.
    #[cfg_attr(feature = "schema", schemars(schema_with = "super::schema::by_status"))]
    pub depth: BTreeMap<OrderStatus, u64>,
    /// The order that has waited longest for its turn, if one waits.
    pub oldest: Option<OldestOrder>,
    /// What happened in the last 10, 60 and 900 seconds.
    pub rates: Vec<Rate>,
    /// The same over the last 15 minutes, step by step.
    pub throughput: Throughput,
    /// How long orders stayed in each status, those that left it within the last 15 minutes.
    pub stages: Vec<StageLatency>,
    /// Since when no attempt is begun, and why; none while the queue runs.
    #[serde(default)]
    pub paused: Option<Pause>,
    /// Who works on attempts.
    #[serde(default)]
    pub workers: Workers,
    /// Orders that wait for another attempt, those whose turn comes first; 50 at the most.
    #[serde(default)]
    pub delayed: Vec<DelayedRetry>,
    /// How many wait so in all.
    #[serde(default)]
    pub delayed_total: u64,
    /// How many orders there were over the last 15 minutes, step by step.
    #[serde(default)]
    pub depth_history: DepthHistory,
    /// How long orders were pending before their turn came, those that left within the last 15 minutes.
    #[serde(default)]
    pub waits: Vec<WaitBucket>,
    /// Why attempts failed within the last 15 minutes, the most frequent first.
    #[serde(default)]
    pub errors: Vec<ErrorCount>,
}

/// The order that has waited longest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OldestOrder {
    /// The order.
    pub order_id: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// Since when.
    pub since: Timestamp,
    /// Milliseconds since then.
    pub age_ms: u64,
}

/// How many orders did what within some seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Rate {
    /// The last so many seconds.
    pub seconds: u64,
    /// Orders that were accepted.
    pub accepted: u64,
    /// Orders whose swap was included.
    pub confirmed: u64,
    /// Orders that ended without effect: failed, cancelled or expired.
    pub failed: u64,
    /// Attempts that failed and are followed by another.
    pub retried: u64,
}

/// Counts over time, oldest first; the last step is under way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Throughput {
    /// How long a step is.
    pub step_seconds: u64,
    /// Orders that were accepted.
    pub accepted: Vec<u64>,
    /// Orders whose swap was included.
    pub confirmed: Vec<u64>,
    /// Orders that ended without effect.
    pub failed: Vec<u64>,
    /// Attempts that failed and are followed by another.
    pub retried: Vec<u64>,
}

/// How long orders stayed in a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct StageLatency {
    /// The status.
    pub status: OrderStatus,
    /// How many left it.
    pub count: u64,
    /// Half of them within so many milliseconds.
    pub p50_ms: u64,
    /// 99 of 100 within so many milliseconds.
    pub p99_ms: u64,
}

/// A queue that begins no attempt. What was begun before goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Pause {
    /// Since when.
    pub since: Timestamp,
    /// Who paused it: the name of a token, or `anonymous` where there are none.
    pub by: String,
    /// Why, if they said so.
    pub reason: Option<String>,
}

/// Those who carry out attempts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Workers {
    /// How many have one in hand.
    pub busy: u64,
    /// How many there may be.
    pub max: u64,
}

/// An order that waits for another attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct DelayedRetry {
    /// The order.
    pub order_id: String,
    /// When its turn comes; when that has passed, it waits for a worker.
    pub due_at: Timestamp,
    /// The number of that attempt.
    pub attempt: u32,
    /// How many it may have by itself.
    pub max_attempts: u32,
    /// The venue of the attempt that failed, if one was chosen.
    pub dex: Option<String>,
    /// Why that failed.
    pub last_error_code: Option<ErrorCode>,
}

/// How many orders there were over time, oldest first: at the end of each step, in the last one now. It begins with the
/// daemon, so that it may be short.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct DepthHistory {
    /// How long a step is: as long as those of the throughput.
    pub step_seconds: u64,
    /// Orders that were not over.
    pub open: Vec<u64>,
    /// Those of them that waited for their turn: `pending` and `retry-pending`.
    pub waiting: Vec<u64>,
}

/// How many orders were pending for so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WaitBucket {
    /// For more milliseconds than in the bucket before, and no more than these; none in the last, which has no end.
    pub up_to_ms: Option<u64>,
    /// So many.
    pub count: u64,
}

/// How often attempts failed for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ErrorCount {
    /// The reason.
    pub code: ErrorCode,
    /// How often.
    pub count: u64,
    /// How often at each venue of the configuration; an attempt may fail before one is chosen.
    pub by_dex: BTreeMap<String, u64>,
}

/// The body of `POST /api/queue/pause`, which may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PauseRequest {
    /// Why, for whoever wonders why nothing moves: one line of at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The answer to `POST /api/queue/pause` and `…/resume`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct QueueSwitched {
    /// Always true.
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    pub success: bool,
    /// How it stands now: whoever paused it first is kept.
    pub paused: Option<Pause>,
}
