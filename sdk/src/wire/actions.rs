//! What operators and clients had done, by whom, and with what result.

use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// `GET /api/actions`: what was done, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Actions {
    /// The actions.
    pub actions: Vec<Action>,
    /// Whether older ones than these are remembered.
    pub more: bool,
    /// How many of this start could not be written down: they are forgotten when the daemon ends.
    pub unsaved: u64,
}

/// Something that was asked of the daemon, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Action {
    /// Counts all actions: 1, 2, 3, … over restarts.
    pub n: u64,
    /// When its outcome was known.
    pub at: Timestamp,
    /// Who asked: the name of a token, or `anonymous` where there are none.
    pub by: String,
    /// Where they connected from.
    pub address: Option<String>,
    /// What they asked for: `cancel`, `retry`, `pause`, `resume`, `enable-venue`, `disable-venue`, `reload-venue`,
    /// `disconnect-client`; there may be more.
    pub verb: String,
    /// The order, venue or client that it was about, or the filter of many orders.
    pub target: Option<String>,
    /// Why they did.
    pub reason: Option<String>,
    /// What came of it.
    pub outcome: ActionOutcome,
    /// The code of the problem that they were answered with.
    pub code: Option<String>,
    /// What came of it, for people.
    pub detail: String,
}

/// What came of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ActionOutcome {
    /// It was done.
    Done,
    /// It was written down and is under way: the order tells what comes of it.
    Accepted,
    /// Nothing was done: it cannot be, or whoever asked may not.
    Refused,
    /// It was not done, or not wholly: the daemon could not.
    Failed,
}

impl ActionOutcome {
    /// The name on the wire, such as `refused`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}
