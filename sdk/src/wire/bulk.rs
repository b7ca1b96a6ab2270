//! One verb for many orders: what it would do is shown first, and done to those orders only.

use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is to be done to each of the orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum BulkAction {
    /// Give it one more attempt, as `POST /api/orders/{id}/retry` does.
    Retry,
    /// Have it end without effect, as `POST /api/orders/{id}/cancel` does.
    Cancel,
}

impl BulkAction {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Cancel => "cancel",
        }
    }
}

/// The body of `POST /api/orders/bulk/preview`: either a filter or ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BulkPreviewRequest {
    /// What is to be done.
    pub action: BulkAction,
    /// To the orders that this filter means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// To these orders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<String>>,
}

/// What would be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct BulkPreview {
    /// Always true.
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    pub success: bool,
    /// Has it done, within the time.
    pub token: String,
    /// Until when.
    pub expires_at: Timestamp,
    /// What would be done.
    pub action: BulkAction,
    /// Orders that are meant: the eligible and the blocked ones.
    pub matched: u64,
    /// Orders that it would be done to.
    pub eligible: u64,
    /// Whether not every order was looked at: there may be more that are meant.
    pub truncated: bool,
    /// Why it would not be done to the others.
    pub blocked: Vec<BulkBlocked>,
}

/// Orders that something would not be done to, all for the same reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct BulkBlocked {
    /// The reason, for programs: the code of the problem with which the call for one order would be refused.
    pub code: String,
    /// The reason, for people.
    pub detail: String,
    /// How many.
    pub count: u64,
    /// Some of them, at most 5.
    pub examples: Vec<String>,
}

/// The body of `POST /api/orders/bulk/execute`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BulkExecuteRequest {
    /// The preview's token.
    pub token: String,
    /// How many orders were eligible in it.
    pub expected: u64,
    /// Why, for whoever reads of it: one line of at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What has been done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct BulkReport {
    /// Always true.
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    pub success: bool,
    /// What was to be done.
    pub action: BulkAction,
    /// Whether that is all; if not, the same call again tells more.
    pub finished: bool,
    /// Orders that it was to be done to.
    pub expected: u64,
    /// Orders that it has been done to.
    pub done: u64,
    /// What has come of them, and of how many.
    pub outcomes: BTreeMap<BulkOutcome, u64>,
    /// Those that have changed since the preview so that it was refused, or that could not be reached.
    pub refused: Vec<BulkRefused>,
}

/// What has come of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum BulkOutcome {
    /// It had failed and has one more attempt.
    Retried,
    /// It was waiting for its next attempt and has it at once.
    Hurried,
    /// It is cancelled.
    Cancelled,
    /// Something of it was signed: what the chain includes decides.
    CancelRequested,
}

/// Orders that something was not done to, all for the same reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct BulkRefused {
    /// The reason, for programs: the code of the problem with which the call for one order would be refused.
    pub code: String,
    /// The reason, for people.
    pub detail: String,
    /// How many.
    pub count: u64,
    /// All of them.
    pub ids: Vec<String>,
}
