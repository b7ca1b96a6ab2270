//! Why a call failed, by what its caller can do next.

use crate::wire::{Position, Problem};
use std::io;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The daemon was not reached: it has not heard of the request.
    #[error("cannot reach the daemon at {address}")]
    Unreachable {
        /// Host and port.
        address: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The connection broke, or took too long, after the request was on its way: whether the daemon has acted on
    /// it is unknown. An order may be sent again with the same idempotency key.
    #[error("the daemon did not answer: {0}")]
    Unanswered(String),
    /// An idempotency key cannot have these characters. Nothing was sent.
    #[error("not an idempotency key")]
    InvalidIdempotencyKey,
    /// The daemon refused.
    #[error("{}: {}", .0.code, .0.detail)]
    Problem(Box<Problem>),
    /// The answer makes no sense: it is not a daemon of this version that answers.
    #[error("the answer is not orderd's: {0}")]
    Protocol(String),
}

/// The code of a problem: a cursor of which the daemon does not remember what came after.
const CURSOR_GONE: &str = "cursor-gone";

impl ClientError {
    /// Where to go on when [`Client::changes`](super::Client::changes) cannot tell what has changed: list the orders
    /// afresh, then ask for the changes after this. None when something else has failed.
    #[must_use]
    pub fn cursor_gone(&self) -> Option<&Position> {
        match self {
            Self::Problem(problem) if problem.code == CURSOR_GONE => problem.position.as_ref(),
            Self::Problem(_)
            | Self::Unreachable { .. }
            | Self::Unanswered(_)
            | Self::InvalidIdempotencyKey
            | Self::Protocol(_) => None,
        }
    }
}
