//! Errors over HTTP: RFC 9457 problem details with a stable code.

use serde::{Deserialize, Serialize};

/// An RFC 9457 problem (`application/problem+json`) with the extension members `code` and `errors`, and those of
/// [`Position`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// `about:blank`, or a URI that names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// A short text, the same for every occurrence of this code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// Stable, for programs: `unknown-token`, `queue-full`, …
    pub code: String,
    /// Every field that was refused, when the request had several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// With `cursor-gone`: where the events of all orders stand.
    #[serde(flatten)]
    pub position: Option<Position>,
}

/// A place among the events of all orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Position {
    /// The epoch that the cursor is of.
    pub epoch: String,
    /// The event.
    pub cursor: u64,
}

/// One refused field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldProblem {
    /// The field's name in the request.
    pub field: String,
    /// Stable, for programs.
    pub code: String,
    /// For people.
    pub detail: String,
}
