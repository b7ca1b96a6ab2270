//! The reply that tells a client of an error.

use super::{ApiError, table::Kind};
use crate::{
    api::reply::{self, Reply},
    engine::SubmitError,
};
use hyper::header::HeaderValue;
use orderd_sdk::wire::{FieldProblem, Position, Problem};

/// The longest detail, in bytes: details may quote the client.
const MAX_DETAIL: usize = 300;

impl ApiError {
    /// Where the events of all orders stand, for those who have to begin afresh.
    fn position(&self) -> Option<Position> {
        let Self::CursorGone { epoch, top, .. } = self else {
            return None;
        };
        Some(Position { epoch: epoch.to_string(), cursor: *top })
    }

    /// What happened, in no more than a line or two.
    pub(in crate::api) fn short_detail(&self) -> String {
        shortened(self.detail())
    }

    /// The reply that tells the client.
    pub(in crate::api) fn into_reply(self) -> Reply {
        if let Self::Submit(SubmitError::Store(error)) | Self::Read(error) = &self {
            tracing::error!(%error, "a request met a failing store");
        }
        let (Kind { status, code, title }, header) = (self.kind(), self.header());
        let mut problem = Problem {
            kind: "about:blank".into(),
            title: title.into(),
            status: status.as_u16(),
            detail: self.short_detail(),
            code: code.into(),
            errors: Vec::new(),
            position: self.position(),
        };
        if let Self::Submit(SubmitError::Invalid(errors)) = self {
            refine(&mut problem, errors);
        }
        let mut reply = reply::encode(status, reply::PROBLEM, &problem);
        if let Some((name, value)) = header {
            reply.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        reply
    }
}

/// A single refused field gives the whole problem its code.
fn refine(problem: &mut Problem, errors: Vec<FieldProblem>) {
    if let [only] = errors.as_slice() {
        problem.code.clone_from(&only.code);
    }
    problem.errors = errors;
}

fn shortened(mut detail: String) -> String {
    if detail.len() > MAX_DETAIL {
        detail.truncate(detail.floor_char_boundary(MAX_DETAIL));
        detail.push('…');
    }
    detail
}
