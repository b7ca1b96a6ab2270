//! What somebody has the daemon do: noted when it is over, whatever came of it.

use super::{ApiState, auth::Access, problem::ApiError, reply::RouteResult, router::Endpoint};
use crate::actions::Rank;
use hyper::StatusCode;
use orderd_sdk::wire::{Action, ActionOutcome};
use std::net::SocketAddr;

/// Who acts where there are no tokens.
const ANONYMOUS: &str = "anonymous";

/// The longest target that is noted, in bytes: it comes from a path that nobody has checked.
const MAX_TARGET: usize = 256;

/// Something that is being done, and what is known of it so far.
#[derive(Debug, Default)]
pub(super) struct Deed {
    what: Option<(&'static str, Option<String>)>,
    by: Option<(String, Rank)>,
    address: Option<SocketAddr>,
    reason: Option<String>,
    detail: Option<String>,
}

impl Deed {
    /// What a request to this path has done, if anything is.
    pub(super) fn at(path: &str, address: SocketAddr) -> Option<Self> {
        let (verb, target) = Endpoint::find(path)?.deed()?;
        let what = Some((verb, target.map(clipped)));
        Some(Self { what, address: Some(address), ..Self::default() })
    }

    /// This is who asks. Those who are nobody are not noted: they could fill the record.
    pub(super) fn asked_by(&mut self, access: &Access) {
        self.by = match access {
            Access::Granted(identity) => Some((identity.name.to_string(), identity.rank())),
            Access::Anonymous => Some((ANONYMOUS.to_owned(), Rank::Operator)),
            Access::Pending => None,
        };
    }

    /// Who asks.
    pub(super) fn by(&self) -> &str {
        self.by.as_ref().map_or(ANONYMOUS, |(by, _)| by)
    }

    /// What is done, and to whom, where the path does not say.
    pub(super) fn is(&mut self, verb: &'static str, target: &str) {
        self.what = Some((verb, Some(clipped(target))));
    }

    /// It was noted before.
    pub(super) fn is_known(&mut self) {
        self.what = None;
    }

    /// Why they do.
    pub(super) fn because(&mut self, reason: Option<String>) {
        self.reason = reason;
    }

    /// What came of it, in a few words; without any it was done.
    pub(super) fn tells(&mut self, detail: impl Into<String>) {
        self.detail = Some(detail.into());
    }

    /// It is over.
    pub(super) async fn end(self, state: &ApiState, result: &RouteResult) {
        let (Some((verb, target)), Some((by, rank))) = (self.what, self.by) else {
            return;
        };
        let (outcome, code, detail) = match result {
            Ok(reply) => {
                let is_open = reply.status() == StatusCode::ACCEPTED;
                let outcome = if is_open { ActionOutcome::Accepted } else { ActionOutcome::Done };
                (outcome, None, self.detail.unwrap_or_else(|| "done".to_owned()))
            }
            Err(error) => (outcome_of(error), Some(error.kind().code.to_owned()), error.short_detail()),
        };
        let action = Action {
            // Given by the record.
            n: 0,
            at: state.stats.now(),
            by,
            address: self.address.map(|address| address.to_string()),
            verb: verb.to_owned(),
            target,
            reason: self.reason,
            outcome,
            code,
            detail,
        };
        state.actions.note(rank, action).await;
    }
}

fn outcome_of(error: &ApiError) -> ActionOutcome {
    match error.kind().status.is_client_error() {
        true => ActionOutcome::Refused,
        false => ActionOutcome::Failed,
    }
}

fn clipped(target: &str) -> String {
    let mut target = target.to_owned();
    target.truncate(target.floor_char_boundary(MAX_TARGET));
    target
}

impl<'a> Endpoint<'a> {
    /// What is noted of those who call here: the verb, and whom it is about.
    fn deed(self) -> Option<(&'static str, Option<&'a str>)> {
        match self {
            Self::Cancel { id } => Some(("cancel", Some(id))),
            Self::Retry { id } => Some(("retry", Some(id))),
            Self::BulkExecute => Some(("bulk", None)),
            Self::PauseQueue => Some(("pause", None)),
            Self::ResumeQueue => Some(("resume", None)),
            Self::EnableVenue { venue } => Some(("enable-venue", Some(venue))),
            Self::DisableVenue { venue } => Some(("disable-venue", Some(venue))),
            Self::ReloadVenue { venue } => Some(("reload-venue", Some(venue))),
            Self::Disconnect { client } => Some(("disconnect-client", Some(client))),
            // A preview changes nothing.
            Self::BulkPreview
            | Self::Execute
            | Self::Order { .. }
            | Self::Orders
            | Self::Events { .. }
            | Self::Health
            | Self::Ready
            | Self::OpenApi
            | Self::Metrics
            | Self::Logs
            | Self::Ticket
            | Self::Stream
            | Self::Clients
            | Self::Queue
            | Self::Venues
            | Self::Status
            | Self::Actions => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_of_an_operator_is_noted_and_long_targets_are_cut() {
        for endpoint in Endpoint::ALL {
            let is_verb = endpoint.allow() == "POST"
                && !matches!(endpoint, Endpoint::Execute | Endpoint::Ticket | Endpoint::BulkPreview);
            assert_eq!(endpoint.deed().is_some(), is_verb, "{endpoint:?}");
        }
        let path = format!("/api/venues/{}/enable", "ä".repeat(1_000));
        let deed = Deed::at(&path, SocketAddr::from(([127, 0, 0, 1], 1))).unwrap();
        let (verb, target) = deed.what.unwrap();
        assert_eq!((verb, target.unwrap().len()), ("enable-venue", MAX_TARGET));
    }
}
