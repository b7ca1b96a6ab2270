//! The lies, and what each does to the answers of a request.

use std::time::Duration;

use alloy_primitives::B256;
use serde_json::{Value, json};

use super::message::{Call, error_answer};

/// Whether the node heard the request whose answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The request was lost on its way.
    Nobody,
    /// The node did what it was asked to do.
    Node,
}

/// What is done to a request and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The connection is reset in place of an answer.
    Reset(Reach),
    /// The answer is kept back until its rule is taken away.
    Held,
    /// The answer is kept back for so long.
    Delayed(Duration),
    /// The answer is kept back until a later request of the same calls was answered, two seconds at most.
    Overtaken,
    /// The node gets the request twice; the second answer counts.
    Twice,
    /// An HTTP status with some words in place of an answer.
    Status(u16, Reach),
    /// A web page in place of an answer, with status 200.
    Html(Reach),
    /// The answer breaks off in the middle of its JSON.
    Truncated,
    /// A JSON-RPC error with this code and message in place of each answer.
    Refused(i64, &'static str, Reach),
    /// `null` in place of each result.
    Null,
    /// The answers of a batch are left out; an only answer has no result.
    Missing,
    /// The answers bear ids that nobody asked with.
    Foreign,
    /// The answers of a batch come in another order, which JSON-RPC allows.
    Shuffled,
    /// The calls are answered by a node that is so many blocks behind.
    Stale(u64),
    /// The node cannot find these transactions by their hashes; its blocks and its counts tell of them.
    Hidden(Vec<B256>),
    /// Everything up to the newest block is said to be final.
    Hasty,
    /// The node keeps the states of so many blocks only, the newest one included.
    Pruned(u64),
}

impl Fault {
    /// Its name in a tally.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Reset(_) => "reset",
            Self::Held => "held",
            Self::Delayed(_) => "delayed",
            Self::Overtaken => "overtaken",
            Self::Twice => "twice",
            Self::Status(..) => "status",
            Self::Html(_) => "html",
            Self::Truncated => "truncated",
            Self::Refused(..) => "refused",
            Self::Null => "null",
            Self::Missing => "missing",
            Self::Foreign => "foreign",
            Self::Shuffled => "shuffled",
            Self::Stale(_) => "stale",
            Self::Hidden(_) => "hidden",
            Self::Hasty => "hasty",
            Self::Pruned(_) => "pruned",
        }
    }

    /// How many blocks behind the answering node is.
    pub(super) fn lag(&self) -> Option<u64> {
        if let Self::Stale(blocks) = self { Some(*blocks) } else { None }
    }

    /// Of how many blocks the answering node keeps the state.
    pub(super) fn kept(&self) -> Option<u64> {
        if let Self::Pruned(blocks) = self { Some(*blocks) } else { None }
    }

    /// Whether the whole request is lost before the node hears it.
    pub(super) fn keeps_from_node(&self) -> bool {
        matches!(
            self,
            Self::Reset(Reach::Nobody) | Self::Status(_, Reach::Nobody) | Self::Html(Reach::Nobody)
        )
    }

    /// The answer to a call that the node does not hear.
    pub(super) fn instead(&self, call: &Call) -> Option<Value> {
        let Self::Refused(code, message, Reach::Nobody) = self else {
            return None;
        };
        Some(error_answer(&call.id, *code, message))
    }

    /// What becomes of the node's answer to a call.
    pub(super) fn distort(&self, call: &Call, answer: &mut Value) -> Kept {
        match self {
            Self::Refused(code, message, Reach::Node) => *answer = error_answer(&call.id, *code, message),
            Self::Null => *answer = json!({ "jsonrpc": "2.0", "id": call.id, "result": null }),
            Self::Foreign => answer["id"] = json!("nobody's"),
            Self::Missing => return Kept::No,
            Self::Hidden(hashes) if call.looks_up(hashes) => answer["result"] = Value::Null,
            Self::Hidden(_)
            | Self::Refused(_, _, Reach::Nobody)
            | Self::Reset(_)
            | Self::Held
            | Self::Delayed(_)
            | Self::Overtaken
            | Self::Twice
            | Self::Status(..)
            | Self::Html(_)
            | Self::Truncated
            | Self::Shuffled
            | Self::Stale(_)
            | Self::Hasty
            | Self::Pruned(_) => {}
        }
        Kept::Yes
    }
}

/// Whether an answer stays among the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Yes,
    No,
}
